namespace Sip.B2bua.FunctionalTests;

/// <summary>Tests of the whole server in memory. At the end of each, nothing of any call may be left.</summary>
public abstract class InMemoryTests : IDisposable
{
    private TestServer? server;

    private protected TestServer Server => server ??= TestServer.Start();

    public void Dispose()
    {
        Dispose(true);
        GC.SuppressFinalize(this);
    }

    protected virtual void Dispose(bool disposing) => server?.Dispose();

    private protected void Start(string configuration, params Type[] modules) => server = TestServer.Start(configuration, 1, modules);

    private protected void StartAt(string host, string configuration, params Type[] modules) => server = TestServer.StartAt(host, configuration, modules);

    private protected void Start(int seed, string configuration = "", params Type[] modules) => server = TestServer.Start(configuration, seed, modules);
}

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

    /// <summary>Starts a server that relays the media of its calls.</summary>
    /// <param name="host">An address of its own on the loopback network: the relay opens real sockets there.</param>
    /// <param name="configuration">Sections in Flexisip's grammar, over the basis.</param>
    private protected void StartRelay(string host, string configuration = "") =>
        StartAt(host, configuration, typeof(Plugins.MediaRelay.MediaRelayModule));

    private protected void Start(int seed, string configuration = "", params Type[] modules) => server = TestServer.Start(configuration, seed, modules);
}

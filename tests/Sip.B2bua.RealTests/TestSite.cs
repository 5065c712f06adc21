using Sip.B2bua.RealTests.Phones;
using Sip.B2bua.RealTests.Programs;
using Xunit.Abstractions;

namespace Sip.B2bua.RealTests;

/// <summary>A server and the phones of one test. All of them are gone at its end; a failed test shows what each has printed.</summary>
internal sealed class TestSite : IAsyncDisposable
{
    // Tones that no phone takes for another's: none is a multiple of another.
    private static readonly double[] Tones = [440, 1000, 660, 1500];
    private readonly ITestOutputHelper output;
    private readonly List<Phone> phones = [];

    private TestSite(ServerProcess server, ITestOutputHelper output)
    {
        Server = server;
        this.output = output;
    }

    /// <summary>The server under test.</summary>
    public ServerProcess Server { get; }

    /// <summary>The number of the first phone's tone: two sites that call each other begin with different ones.</summary>
    public int FirstTone { get; init; }

    /// <summary>Starts a server.</summary>
    public static async Task<TestSite> StartAsync(ITestOutputHelper output, ServerSettings? settings = null) =>
        new(await ServerProcess.StartAsync(settings ?? new ServerSettings()), output);

    /// <summary>Takes over a server that was started in another way.</summary>
    /// <param name="server">The server.</param>
    /// <param name="output">The test's output.</param>
    /// <param name="firstTone">See <see cref="FirstTone"/>.</param>
    public static TestSite Of(ServerProcess server, ITestOutputHelper output, int firstTone = 0) => new(server, output) { FirstTone = firstTone };

    /// <summary>Adds a phone and waits until it is registered.</summary>
    public async Task<Phone> AddAsync(PhoneKind kind, Account account, PhoneTransport transport)
    {
        double hertz = Tones[(FirstTone + phones.Count) % Tones.Length];
        Phone phone = kind == PhoneKind.Baresip
            ? await Baresip.StartAsync(Server, account, transport, hertz)
            : await Linphone.StartAsync(Server, account, transport, hertz);
        phones.Add(phone);
        return phone;
    }

    /// <summary>Adds a baresip and waits until it is registered.</summary>
    public async Task<Baresip> AddBaresipAsync(Account account, PhoneTransport transport, string address = Loopback.Phones)
    {
        var phone = await Baresip.StartAsync(Server, account, transport, Tones[(FirstTone + phones.Count) % Tones.Length], address);
        phones.Add(phone);
        return phone;
    }

    /// <summary>Waits until the server's log tells of that many calls that are over.</summary>
    public Task FinishedCallsAsync(int count) =>
        Wait.ForAsync(() => Server.FinishedCalls == count, $"{count} finished calls in the log", () => Server.Log.Tail());

    /// <summary>Stops the server, which must have no call left, and end well.</summary>
    public Task StopServerAsync() => Server.StopAsync();

    public async ValueTask DisposeAsync()
    {
        output.WriteLine("SERVER\n" + Server.Log.Tail(20000));
        foreach (Phone phone in phones)
        {
            output.WriteLine($"PHONE {phone.Account.User}\n{phone.Evidence}");
            await phone.DisposeAsync();
        }

        await Server.DisposeAsync();
    }
}

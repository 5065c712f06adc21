using System.Globalization;
using System.Net.NetworkInformation;
using Sip.B2bua.RealTests.Phones;

namespace Sip.B2bua.RealTests.Programs;

/// <summary>sipp, playing one of the scenarios beside these tests.</summary>
internal sealed class Sipp : IAsyncDisposable
{
    private const int TracedCalls = 20;
    private readonly ScratchFolder folder = new("sipp");
    private readonly RunningProgram program;
    private readonly SippRun run;

    private Sipp(ServerProcess server, SippRun run)
    {
        this.run = run;
        folder.Write("users.csv", "SEQUENTIAL\n" + string.Concat(
            run.Accounts.Select(account => $"{account.User};[authentication username={account.User} password={account.Password}]\n")));
        program = new RunningProgram("sipp", Arguments(server), folder.Path, new Dictionary<string, string> { ["TERM"] = "dumb" });
    }

    /// <summary>What it has printed and traced, for a failed test.</summary>
    public string Evidence => $"{program.CommandLine}\n{program.Output.Tail(2000)}\n{Read("errors")}\n{Read("messages")}";

    /// <summary>Starts a run that waits for calls and returns when it listens.</summary>
    public static async Task<Sipp> ListenAsync(ServerProcess server, SippRun run)
    {
        var sipp = new Sipp(server, run);
        try
        {
            await Wait.ForAsync(() => sipp.program.HasEnded || sipp.Listens(), $"sipp on port {run.Port}", () => sipp.Evidence);
            return sipp;
        }
        catch
        {
            await sipp.DisposeAsync();
            throw;
        }
    }

    /// <summary>Registers somebody from a port, and starts a scenario that takes calls on that port.</summary>
    public static async Task<Sipp> RegisterAndListenAsync(ServerProcess server, Account account, SippRun run)
    {
        SippOutcome registered = await PlayAsync(server, new SippRun("register") { Accounts = [account], Port = run.Port });
        registered.AllSucceeded(1);
        return await ListenAsync(server, run);
    }

    /// <summary>Plays a scenario to its end.</summary>
    public static async Task<SippOutcome> PlayAsync(ServerProcess server, SippRun run)
    {
        await using var sipp = new Sipp(server, run);
        return await sipp.EndedAsync();
    }

    /// <summary>Waits until all calls are made or taken.</summary>
    public async Task<SippOutcome> EndedAsync()
    {
        await program.EndedAsync(TimeLimit + 10);
        string[][] table = [.. Read("statistics").Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line.Split(';'))];
        return new SippOutcome(
            program.ExitCode,
            Column("SuccessfulCall(C)"),
            Column("FailedCall(C)"),
            Column("Retransmissions(C)"),
            Read("errors") + (program.ExitCode == 0 ? "" : program.Output.Tail(3000)),
            Read("messages"));

        int Column(string name)
        {
            int index = table.Length < 2 ? -1 : Array.IndexOf(table[0], name);
            return index < 0 ? -1 : int.Parse(table[^1][index], CultureInfo.InvariantCulture);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await program.DisposeAsync();
        folder.Dispose();
    }

    // Bounded: by the number of calls, and by time where something hangs.
    private int TimeLimit => 40 + (run.Count / Math.Max(run.Rate, 1));

    private List<string> Arguments(ServerProcess server)
    {
        List<string> arguments =
        [
            server.HostPort, "-sf", Path.Combine(AppContext.BaseDirectory, "scenarios", run.Scenario + ".xml"),
            "-inf", folder.File("users.csv"), "-i", Loopback.Phones, "-p", Text(run.Port),
            "-t", run.Transport == PhoneTransport.Udp ? "u1" : "t1", "-m", Text(run.Count), "-r", Text(run.Rate), "-l", "20000",
            "-d", Text(run.HoldMilliseconds), "-key", "domain", Account.TestDomain, "-key", "callee", run.Callee, "-auth_uri", run.DigestUri,
            "-nostdin", "-timeout", Text(TimeLimit), "-timeout_error", "-buff_size", "4000000", "-timer_resol", "5",
            "-trace_stat", "-stf", folder.File("statistics"), "-fd", "1", "-trace_err", "-error_file", folder.File("errors"),
        ];
        if (run.Count <= TracedCalls)
        {
            arguments.AddRange(["-trace_msg", "-message_file", folder.File("messages")]);
        }

        return arguments;
    }

    private bool Listens()
    {
        var system = IPGlobalProperties.GetIPGlobalProperties();
        return (run.Transport == PhoneTransport.Udp ? system.GetActiveUdpListeners() : system.GetActiveTcpListeners())
            .Any(point => point.Port == run.Port);
    }

    private string Read(string name)
    {
        try
        {
            return File.ReadAllText(folder.File(name));
        }
        catch (IOException)
        {
            return "";
        }
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}

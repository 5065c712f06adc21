using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.RegularExpressions;
using Xunit;

namespace Sip.B2bua.RealTests.Programs;

/// <summary>The server under test: the program itself, started the way a user starts it, on an address and a port of its own.</summary>
internal sealed partial class ServerProcess : IAsyncDisposable
{
    private readonly ScratchFolder folder = new("server");
    private readonly RunningProgram program;

    private ServerProcess(Func<ServerProcess, string> configuration, int? port)
    {
        Port = port ?? Loopback.NextServerPort();
        (string file, string[] arguments) = FindProgram();
        string path = folder.Write("server.conf", configuration(this));
        program = new RunningProgram(
            file,
            [.. arguments, "-c", path],
            folder.Path,
            new Dictionary<string, string> { ["STATE_DIRECTORY"] = folder.File("state"), ["LOGS_DIRECTORY"] = folder.File("log"), ["TMPDIR"] = folder.Path });
    }

    /// <summary>The folder of the repository that these tests were built in.</summary>
    public static string Checkout { get; } = FindCheckout();

    /// <summary>The address it listens on.</summary>
    public string Address { get; } = Loopback.NextAddress();

    /// <summary>The port it listens on, UDP and TCP.</summary>
    public int Port { get; }

    /// <summary>Address and port.</summary>
    public string HostPort => $"{Address}:{Port}";

    /// <summary>Address and port for TLS.</summary>
    public string TlsHostPort => $"{Address}:{Port + 1}";

    /// <summary>Where browsers connect.</summary>
    public string WebSocketUri => $"wss://{Address}:{Port + 2}/";

    /// <summary>The certificate of the authority that its own is from; empty without TLS.</summary>
    public string AuthorityFile { get; private set; } = "";

    /// <summary>What it has logged.</summary>
    public Transcript Log => program.Output;

    /// <summary>How many calls its log says are over.</summary>
    public int FinishedCalls => FinishedCall().Count(Log.Text);

    /// <summary>The memory it holds, in bytes.</summary>
    public long ResidentBytes => program.ResidentBytes;

    /// <summary>Starts a server with a configuration and a users file, and waits until it answers.</summary>
    public static Task<ServerProcess> StartAsync(ServerSettings settings) => StartAsync(server =>
    {
        server.AuthorityFile = settings.Authority?.File ?? "";
        return settings.ConfigurationText(server.Address, server.Port, server.folder.Write("users.db.txt", settings.UsersText()));
    });

    /// <summary>Starts a server with a configuration that is written when its address and port are known.</summary>
    public static async Task<ServerProcess> StartAsync(Func<ServerProcess, string> configuration, int? port = null)
    {
        var server = new ServerProcess(configuration, port);
        try
        {
            await server.AnswersAsync();
            return server;
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }

    /// <summary>Writes a file next to the configuration and returns its path.</summary>
    public string WriteFile(string name, string text) => folder.Write(name, text);

    /// <summary>Asks it to stop and waits for it: it ends by itself, with exit code 0 and no call left.</summary>
    public async Task StopAsync()
    {
        Assert.False(program.HasEnded, "the server has stopped by itself\n" + Log.Tail());
        program.Terminate();
        await program.EndedAsync();
        Assert.True(program.ExitCode == 0, $"exit code {program.ExitCode}\n{Log.Tail()}");
        Assert.True(Log.Has("stopped with 0 calls left"), Log.Tail());
    }

    public async ValueTask DisposeAsync()
    {
        await program.DisposeAsync();
        folder.Dispose();
    }

    [GeneratedRegex(@"\bcall \S+ .* -> .*: \d{3}, ended by ")]
    private static partial Regex FinishedCall();

    // An OPTIONS until something comes back, then a connection: it listens on both.
    private async Task AnswersAsync()
    {
        using var udp = new UdpClient(new IPEndPoint(IPAddress.Loopback, 0));
        int from = ((IPEndPoint)udp.Client.LocalEndPoint!).Port;
        byte[] options = Encoding.ASCII.GetBytes(
            $"OPTIONS sip:{HostPort} SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.1:{from};branch=z9hG4bKready{from};rport\r\nMax-Forwards: 70\r\n" +
            $"From: <sip:ready@127.0.0.1>;tag=ready\r\nTo: <sip:{Address}>\r\nCall-ID: ready{from}\r\nCSeq: 1 OPTIONS\r\nContent-Length: 0\r\n\r\n");
        await Wait.ForAsync(
            () =>
            {
                Assert.False(program.HasEnded, $"{program.CommandLine} did not start\n{Log.Tail()}");
                return TryOptions(udp, options) && TryConnect();
            },
            "an answer of the server",
            () => Log.Tail(),
            seconds: 30);
    }

    private bool TryOptions(UdpClient udp, byte[] options)
    {
        try
        {
            udp.Send(options, Address, Port);
            return udp.Client.Poll(50_000, SelectMode.SelectRead) && udp.Available > 0;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    private bool TryConnect()
    {
        try
        {
            using var tcp = new TcpClient(Address, Port);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    private static string FindCheckout()
    {
        DirectoryInfo? root = new(AppContext.BaseDirectory);
        while (root is not null && !File.Exists(Path.Combine(root.FullName, "Sip.B2bua.sln")))
        {
            root = root.Parent;
        }

        return root?.FullName ?? ".";
    }

    // SIP_B2BUA_PROGRAM names another build (an installed one, say). Else the one that a build of the solution leaves in artifacts/server.
    private static (string File, string[] Arguments) FindProgram()
    {
        if (Environment.GetEnvironmentVariable("SIP_B2BUA_PROGRAM") is { Length: > 0 } named)
        {
            return (named, []);
        }

        string built = Path.Combine(Checkout, "artifacts", "server", "sip-b2bua");
        return File.Exists(built) ? (built, []) : ("dotnet", [built + ".dll"]);
    }
}

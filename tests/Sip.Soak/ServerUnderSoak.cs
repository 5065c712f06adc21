using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Sip.Soak;

/// <summary>The server: the program itself, on an address of its own, with UDP and TCP, TLS, and WebSocket with and without it.</summary>
internal sealed partial class ServerUnderSoak : IDisposable
{
    /// <summary>The domain that it serves.</summary>
    public const string Domain = "soak.example";

    private const int TerminateSignal = 15;
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("sip-soak-");
    private readonly Process process;
    private readonly Lock gate = new();
    private readonly Queue<string> tail = new();
    private readonly List<string> faults = [];

    public ServerUnderSoak(SoakOptions options)
    {
        Address = IPAddress.Parse($"127.31.{200 + (Environment.ProcessId % 50)}.{1 + (Environment.ProcessId / 50 % 250)}");
        Port = FreePorts();
        File.WriteAllText(Path.Combine(folder.FullName, "server.conf"), Configuration(options.Defaults));
        File.WriteAllText(Path.Combine(folder.FullName, "users.db.txt"), "version:1\n\n");
        WriteCertificate();
        var start = new ProcessStartInfo(options.Server, ["-c", Path.Combine(folder.FullName, "server.conf")])
        {
            WorkingDirectory = folder.FullName,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["STATE_DIRECTORY"] = Path.Combine(folder.FullName, "state");
        start.Environment["LOGS_DIRECTORY"] = Path.Combine(folder.FullName, "log");
        process = Process.Start(start) ?? throw new InvalidOperationException($"{options.Server} did not start");
        process.OutputDataReceived += (_, line) => Note(line.Data);
        process.ErrorDataReceived += (_, line) => Note(line.Data);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
    }

    public IPAddress Address { get; }

    /// <summary>UDP and TCP; the next ones are TLS, WebSocket, and WebSocket over TLS.</summary>
    public int Port { get; }

    public bool HasEnded => process.HasExited;

    /// <summary>How many lines it has logged.</summary>
    public long LogLines { get; private set; }

    /// <summary>How often the log says that a loop was blocked.</summary>
    public int Blocked { get; private set; }

    /// <summary>The last such line.</summary>
    public string LastBlocked { get; private set; } = "";

    /// <summary>Log lines that tell of exceptions, the first few.</summary>
    public IReadOnlyList<string> Faults
    {
        get
        {
            lock (gate)
            {
                return [.. faults];
            }
        }
    }

    /// <summary>The last it has logged.</summary>
    public string Tail
    {
        get
        {
            lock (gate)
            {
                return string.Join('\n', tail.Select(line => line.Length <= 300 ? line : line[..300] + "..."));
            }
        }
    }

    /// <summary>The memory that it holds, in MB.</summary>
    public int ResidentMegabytes => StatusOf("VmRSS:") / 1024;

    /// <summary>The most that it has ever held, in MB.</summary>
    public int PeakMegabytes => StatusOf("VmHWM:") / 1024;

    /// <summary>The managed memory that it needs, after a full collection, in MB; takes some seconds.</summary>
    public int LiveMegabytes => ManagedHeap.LiveMegabytes(process.Id);

    /// <summary>How many files and sockets it has open.</summary>
    public int OpenFiles => process.HasExited ? 0 : Directory.GetFileSystemEntries($"/proc/{process.Id}/fd").Length;

    /// <summary>The processor time that it has taken.</summary>
    public TimeSpan ProcessorTime
    {
        get
        {
            process.Refresh();
            return process.HasExited ? TimeSpan.Zero : process.TotalProcessorTime;
        }
    }

    public IPEndPoint EndPoint(string transport) => new(Address, Port + (transport switch { "TLS" => 1, "WS" => 2, "WSS" => 3, _ => 0 }));

    /// <summary>
    /// How long each of the server's threads, and the calling one, have been ready to run and had no processor, in milliseconds since
    /// their start. On a machine that does other things too, that is not the server's time: while one of its threads collects garbage,
    /// say, the others wait for it.
    /// </summary>
    public Dictionary<string, double> Waits() =>
        Directory.GetDirectories($"/proc/{process.Id}/task").Append("/proc/thread-self").ToDictionary(thread => thread, WaitOf);

    /// <summary>Asks it to stop; null, or what was wrong with its end.</summary>
    /// <param name="callsMayBeLeft">Whether calls may still be in progress.</param>
    public string? Stop(bool callsMayBeLeft)
    {
        _ = Kill(process.Id, TerminateSignal);
        if (!process.WaitForExit(TimeSpan.FromSeconds(20)))
        {
            return "does not stop within 20 s";
        }

        process.WaitForExit();
        return process.ExitCode != 0 ? $"exit code {process.ExitCode}"
            : callsMayBeLeft || Tail.Contains("stopped with 0 calls left", StringComparison.Ordinal) ? null
            : "calls were left at its end";
    }

    public void Dispose()
    {
        if (!process.HasExited)
        {
            process.Kill();
            process.WaitForExit();
        }

        process.Dispose();
        folder.Delete(recursive: true);
    }

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int Kill(int process, int signal);

    private string Configuration(bool defaults) => $"""
        [global]
        transports=sip:{Address}:{Port} sips:{Address}:{Port + 1} sip:{Address}:{Port + 2};transport=ws sips:{Address}:{Port + 3};transport=wss
        tls-certificates-file={folder.FullName}/server.pem
        tls-certificates-private-key={folder.FullName}/server.key
        aliases={Domain}

        [module::Registrar]
        reg-domains={Domain}

        [module::Authentication]
        auth-domains={Domain}
        file-path={folder.FullName}/users.db.txt
        {(defaults ? "enabled=true" : "enabled=false\n\n[module::DoSProtection]\nenabled=false\n")}
        """;

    private void WriteCertificate()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={Domain}", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName(Domain);
        request.CertificateExtensions.Add(names.Build());
        using X509Certificate2 certificate = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddYears(1));
        File.WriteAllText(Path.Combine(folder.FullName, "server.pem"), certificate.ExportCertificatePem());
        File.WriteAllText(Path.Combine(folder.FullName, "server.key"), key.ExportPkcs8PrivateKeyPem());
    }

    private int FreePorts()
    {
        for (int port = 20000 + (Environment.ProcessId * 7 % 10000); ; port++)
        {
            if (Enumerable.Range(port, 4).All(IsFree))
            {
                return port;
            }
        }
    }

    private bool IsFree(int port)
    {
        try
        {
            using var tcp = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            tcp.Bind(new IPEndPoint(Address, port));
            using var udp = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
            udp.Bind(new IPEndPoint(Address, port));
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    private void Note(string? line)
    {
        if (line is null)
        {
            return;
        }

        lock (gate)
        {
            LogLines++;
            tail.Enqueue(line);
            if (tail.Count > 20)
            {
                tail.Dequeue();
            }

            // What strangers wrote is quoted in no log line, so the word is the server's own.
            if (line.Contains(" blocked the loop for ", StringComparison.Ordinal))
            {
                Blocked++;
                LastBlocked = line;
            }

            if (faults.Count < 20 && line.Contains("Exception", StringComparison.Ordinal))
            {
                faults.Add(line);
            }
        }
    }

    // The second number is the time on the run queue, in nanoseconds.
    private static double WaitOf(string thread)
    {
        try
        {
            return double.Parse(File.ReadAllText(thread + "/schedstat").Split(' ')[1], CultureInfo.InvariantCulture) / 1e6;
        }
        catch (IOException)
        {
            // It has ended meanwhile.
            return 0;
        }
    }

    private int StatusOf(string name)
    {
        try
        {
            string? line = File.ReadLines($"/proc/{process.Id}/status").FirstOrDefault(line => line.StartsWith(name, StringComparison.Ordinal));
            return line is null ? 0 : int.Parse(line[name.Length..].Replace("kB", "", StringComparison.Ordinal), CultureInfo.InvariantCulture);
        }
        catch (IOException)
        {
            return 0;
        }
    }
}

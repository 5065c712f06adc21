using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace Sip.Tests.Transports;

/// <summary>dnsmasq with records that a test gives it, on an address and port of its own.</summary>
internal sealed class NameServer : IDisposable
{
    private readonly Process process;

    private NameServer(Process process, IPEndPoint address)
    {
        this.process = process;
        Address = address;
    }

    public IPEndPoint Address { get; }

    /// <summary>Starts it and waits until it answers.</summary>
    /// <param name="records">Its options that make records, such as "--srv-host=_sip._udp.a.test,pbx.a.test,5060".</param>
    public static async Task<NameServer> StartAsync(params string[] records)
    {
        IPEndPoint address = FreePort();
        string[] basis =
        [
            "--no-daemon", "--no-resolv", "--no-hosts", "--conf-file=/dev/null", "--pid-file", "--log-facility=-", "--bind-interfaces",
            $"--listen-address={address.Address}", $"--port={address.Port}", "--local=/test/", "--local-ttl=30",
        ];
        ProcessStartInfo start = new("dnsmasq", [.. basis, .. records]) { RedirectStandardError = true };
        Process process = Process.Start(start)!;
        try
        {
            await Started(process);
            return new NameServer(process, address);
        }
        catch
        {
            process.Kill();
            throw;
        }
    }

    public void Dispose()
    {
        process.Kill();
        process.WaitForExit();
        process.Dispose();
    }

    private static async Task Started(Process process)
    {
        using CancellationTokenSource limit = new(TimeSpan.FromSeconds(20));
        List<string> log = [];
        while (await process.StandardError.ReadLineAsync(limit.Token) is { } line)
        {
            log.Add(line);
            if (line.Contains("started", StringComparison.Ordinal))
            {
                _ = process.StandardError.ReadToEndAsync(CancellationToken.None); // its pipe must not fill up
                return;
            }
        }

        throw new InvalidOperationException("dnsmasq has not started: " + string.Join('\n', log));
    }

    private static IPEndPoint FreePort()
    {
        using Socket probe = new(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        probe.Bind(new IPEndPoint(IPAddress.Parse("127.53.0.1"), 0));
        return (IPEndPoint)probe.LocalEndPoint!;
    }
}

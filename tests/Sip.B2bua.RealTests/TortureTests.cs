using System.Net;
using System.Net.Sockets;
using System.Text;
using Sip.B2bua.RealTests.Programs;
using Sip.B2bua.RealTests.Torture;
using Xunit;
using Xunit.Abstractions;

namespace Sip.B2bua.RealTests;

/// <summary>All torture messages of RFC 4475 and RFC 5118 against the running server; after each it must be as well as before.</summary>
public sealed class TortureTests(ITestOutputHelper output)
{
    // Nobody is asked for a password, or that would be the answer to nearly all.
    private const string Open = """
        [module::DoSProtection]
        enabled=false

        [module::Authentication]
        enabled=false

        [module::Registrar]
        reg-domains=*

        """;

    // How long silence is listened to; and how long an answer may take on a machine that does other things too.
    private static readonly TimeSpan Silence = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    [Fact]
    public Task Each_message_gets_its_verdict_over_UDP() => SendAllAsync(message => message.OverUdp, SendDatagramAsync);

    [Fact]
    public Task Each_message_gets_its_verdict_over_TCP() => SendAllAsync(message => message.OverTcp, SendOnConnectionAsync);

    private async Task SendAllAsync(Func<TortureMessage, string> verdict, Func<ServerProcess, TortureMessage, string, Task<string>> send)
    {
        await using ServerProcess server = await ServerProcess.StartAsync(own => $"[global]\ntransports=sip:{own.Address}:{own.Port}\naliases=2001:db8::10 2001:db8::192.0.2.1\n{Open}");
        using var probe = new HealthProbe(server.Address, server.Port);
        var faults = new StringBuilder();
        IReadOnlyList<TortureMessage> messages = TortureMessage.ReadAll();
        Assert.Equal(66, messages.Count);
        foreach (TortureMessage message in messages)
        {
            string outcome = await send(server, message, verdict(message));
            output.WriteLine($"{message.Name}\t{outcome}");
            if (!Outcome.Fits(outcome, verdict(message)))
            {
                faults.AppendLine($"{message.Name}: {outcome}, not {verdict(message)}");
            }

            if (!await probe.IsAnsweredAsync())
            {
                faults.AppendLine($"{message.Name}: afterwards the server does not answer within a second");
            }
        }

        Assert.True(faults.Length == 0, $"{faults}\n{server.Log.Tail(3000)}");
        Assert.DoesNotContain("Exception", server.Log.Text, StringComparison.Ordinal);
        await server.StopAsync();
    }

    private static async Task<string> SendDatagramAsync(ServerProcess server, TortureMessage message, string verdict)
    {
        using var socket = new UdpClient(new IPEndPoint(IPAddress.Loopback, 0));
        byte[] octets = message.OctetsFrom("127.0.0.1", ((IPEndPoint)socket.Client.LocalEndPoint!).Port);
        await socket.SendAsync(octets, new IPEndPoint(IPAddress.Parse(server.Address), server.Port));
        List<byte> received = [];
        using var end = new CancellationTokenSource(Outcome.Fits("nothing", verdict) ? Silence : Patience);
        try
        {
            while (received.Count == 0 || !Outcome.Fits(Outcome.Of([.. received], false), verdict))
            {
                received.AddRange((await socket.ReceiveAsync(end.Token)).Buffer);
            }
        }
        catch (OperationCanceledException)
        {
        }

        return Outcome.Of([.. received], closed: false);
    }

    private static async Task<string> SendOnConnectionAsync(ServerProcess server, TortureMessage message, string verdict)
    {
        using var client = new TcpClient();
        await client.ConnectAsync(server.Address, server.Port);
        byte[] octets = message.OctetsFrom("127.0.0.1", ((IPEndPoint)client.Client.LocalEndPoint!).Port);
        List<byte> received = [];
        byte[] piece = new byte[65536];
        bool closed = false;
        using var end = new CancellationTokenSource(Outcome.Fits("nothing", verdict) ? Silence : Patience);
        try
        {
            await client.GetStream().WriteAsync(octets, end.Token);
            while (!closed && (received.Count == 0 || !Outcome.Fits(Outcome.Of([.. received], false), verdict)))
            {
                int count = await client.GetStream().ReadAsync(piece, end.Token);
                received.AddRange(piece.AsSpan(0, count));
                closed = count == 0;
            }
        }
        catch (OperationCanceledException)
        {
        }
        catch (IOException)
        {
            closed = true;
        }

        return Outcome.Of([.. received], closed);
    }
}

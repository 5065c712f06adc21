using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Sip.Messages;
using Sip.Transports;

namespace Sip.Tests.Transports;

public sealed class TlsTransportTests : IDisposable
{
    private readonly TestAuthority authority = new();

    public void Dispose() => authority.Dispose();

    [Theory]
    [InlineData(SslProtocols.Tls12)]
    [InlineData(SslProtocols.Tls13)]
    public async Task A_message_reaches_the_sink_and_its_flow_leads_back(SslProtocols version)
    {
        await using SocketServer server = Start(authority.Settings("sip.example.org"));
        await using TlsClient client = await TlsClient.ConnectAsync(server.At("127.0.0.1"), versions: version);
        await client.SendAsync(Message("one"));
        (Flow flow, string text) = await server.Sink.MessageAsync();
        Assert.Equal(Message("one"), text);
        Assert.True(flow.IsReliable && flow.IsSecure && flow.IsAlive);
        Assert.Equal("TLS", Encoding.ASCII.GetString(flow.Transport.ViaToken));
        Assert.Equal("tls", Encoding.ASCII.GetString(flow.Transport.UriToken));
        await server.Send(flow, "answer");
        Assert.Equal("answer", await client.ReadAsync(6));
    }

    [Theory]
    [InlineData(SocketMode.Whole, 1)]
    [InlineData(SocketMode.Whole, 2)]
    [InlineData(SocketMode.Pieces, 1)]
    public async Task Messages_are_framed_whatever_the_records(SocketMode mode, int loops)
    {
        await using SocketServer server = Start(authority.Settings("sip.example.org"), loopCount: loops);
        await using TlsClient client = await TlsClient.ConnectAsync(server.At("127.0.0.1"));
        string stream = string.Concat(Enumerable.Range(0, 200).Select(i => Message($"body {i}")));
        int piece = mode == SocketMode.Whole ? stream.Length : 7;
        for (int at = 0; at < stream.Length; at += piece)
        {
            await client.SendAsync(stream[at..Math.Min(stream.Length, at + piece)]);
        }

        for (int i = 0; i < 200; i++)
        {
            Assert.Equal(Message($"body {i}"), (await server.Sink.MessageAsync()).Text);
        }
    }

    [Fact]
    public async Task A_large_message_crosses_in_many_records_both_ways()
    {
        TransportOptions options = new() { MaxMessageBytes = 1 << 20, MaxSendQueueBytes = 4 << 20 };
        await using SocketServer server = Start(authority.Settings("sip.example.org"), options);
        await using TlsClient client = await TlsClient.ConnectAsync(server.At("127.0.0.1"));
        string large = Message(new string('x', 900_000));
        await client.SendAsync(large);
        (Flow flow, string text) = await server.Sink.MessageAsync();
        Assert.Equal(large, text);
        await server.Send(flow, large);
        await server.Send(flow, "end");
        Assert.Equal(large + "end", await client.ReadAsync(large.Length + 3));
    }

    [Fact]
    public async Task A_double_CRLF_is_answered_with_a_single_one()
    {
        // RFC 5626 4.4.1.
        await using SocketServer server = Start(authority.Settings("sip.example.org"));
        await using TlsClient client = await TlsClient.ConnectAsync(server.At("127.0.0.1"));
        await client.SendAsync("\r\n\r\n");
        Assert.Equal("\r\n", await client.ReadAsync(2));
    }

    [Fact]
    public async Task The_certificate_is_chosen_by_the_name_that_the_peer_asks_for()
    {
        // RFC 5922 7.8.
        await using SocketServer server = Start(authority.Settings("sip.example.org", "sip.example.com", "*.example.net"));
        Assert.Equal("CN=sip.example.org", await Shown(server, "sip.example.org"));
        Assert.Equal("CN=sip.example.com", await Shown(server, "SIP.example.COM"));
        Assert.Equal("CN=*.example.net", await Shown(server, "phone.example.net"));
        Assert.Equal("CN=sip.example.org", await Shown(server, "a.b.example.net"));
        Assert.Equal("CN=sip.example.org", await Shown(server, "elsewhere.example"));
    }

    [Fact]
    public async Task A_certificate_with_an_RSA_key_serves_too()
    {
        X509Certificate2 certificate = authority.Issue("rsa.example.org", ["rsa.example.org"], rsa: true);
        await using SocketServer server = Start(new TlsSettings { Certificates = [authority.Write(certificate, "rsa")] });
        Assert.Equal("CN=rsa.example.org", await Shown(server, "rsa.example.org"));
    }

    [Fact]
    public async Task The_chain_is_sent_with_the_certificate()
    {
        await using SocketServer server = Start(authority.Settings("sip.example.org"));
        using TcpClient tcp = new();
        await tcp.ConnectAsync(server.At("127.0.0.1"));
        int length = 0;
        await using SslStream stream = new(tcp.GetStream(), false, (_, _, chain, _) => (length = chain!.ChainElements.Count) > 0);
        await stream.AuthenticateAsClientAsync("sip.example.org");
        Assert.Equal(2, length);
    }

    [Fact]
    public async Task A_version_below_the_minimum_is_refused()
    {
        await using SocketServer server = Start(authority.Settings("sip.example.org") with { MinVersion = TlsVersion.Tls13 });
        await Assert.ThrowsAnyAsync<Exception>(() => TlsClient.ConnectAsync(server.At("127.0.0.1"), versions: SslProtocols.Tls12));
        await using TlsClient client = await TlsClient.ConnectAsync(server.At("127.0.0.1"), versions: SslProtocols.Tls13);
        await Greet(server, client);
    }

    [Fact]
    public async Task A_required_client_certificate_must_be_shown_and_trusted()
    {
        await using SocketServer server = Start(authority.Settings("sip.example.org") with { ClientCertificates = ClientCertificateRule.Required });
        using TestAuthority stranger = new();
        await AssertRefused(server, null);
        await AssertRefused(server, stranger.Issue("pbx.example.com"));
        await AssertRefused(server, authority.Issue("old.example.com", ["old.example.com"], expired: true));
        await using TlsClient client = await TlsClient.ConnectAsync(server.At("127.0.0.1"), own: authority.Issue("pbx.example.com"));
        Flow flow = await Greet(server, client);
        Assert.Equal(["pbx.example.com"], flow.Connection!.PeerIdentities);
    }

    [Fact]
    public async Task An_optional_client_certificate_may_be_missing_but_not_wrong()
    {
        await using SocketServer server = Start(authority.Settings("sip.example.org") with { ClientCertificates = ClientCertificateRule.Optional });
        using TestAuthority stranger = new();
        await AssertRefused(server, stranger.Issue("pbx.example.com"));
        await using TlsClient without = await TlsClient.ConnectAsync(server.At("127.0.0.1"));
        Assert.Empty((await Greet(server, without)).Connection!.PeerIdentities);
        await using TlsClient with = await TlsClient.ConnectAsync(server.At("127.0.0.1"), own: authority.Issue("sip:pbx.example.com"));
        Assert.Equal(["pbx.example.com"], (await Greet(server, with)).Connection!.PeerIdentities);
    }

    [Theory]
    [InlineData("OPTIONS sip:a@b SIP/2.0\r\nContent-Length: 0\r\n\r\n")]
    [InlineData("GET / HTTP/1.1\r\nHost: a\r\n\r\n")]
    [InlineData("\u0016\u0003\u0001\u0002\u0000\u0001\u0000\u0001\u00fc\u0003\u0003garbage garbage garbage garbage")]
    [InlineData("\u0015\u0003\u0003\u0000\u0002\u0002\u0028")]
    public async Task What_is_no_handshake_closes_that_connection_only(string garbage)
    {
        await using SocketServer server = Start(authority.Settings("sip.example.org"));
        await using TlsClient client = await TlsClient.ConnectAsync(server.At("127.0.0.1"));
        using Socket stranger = await Plain(server);
        stranger.Send(Encoding.Latin1.GetBytes(garbage));
        stranger.Shutdown(SocketShutdown.Send);
        await ReadToEnd(stranger);
        await Greet(server, client);

        // Nobody above knew of it, so nobody is told of its end.
        Assert.False(server.Sink.HasFailure);
        Assert.Equal(0, Transport(server).PendingHandshakes);
    }

    [Fact]
    public async Task Random_octets_never_do_more_than_close_their_connection()
    {
        await using SocketServer server = Start(authority.Settings("sip.example.org"));
        Random random = new(7);
        for (int i = 0; i < 100; i++)
        {
            byte[] octets = new byte[random.Next(1, 600)];
            random.NextBytes(octets);
            octets[0] = i % 2 == 0 ? (byte)0x16 : octets[0];
            using Socket stranger = await Plain(server);
            stranger.Send(octets);
        }

        await using TlsClient client = await TlsClient.ConnectAsync(server.At("127.0.0.1"));
        await Greet(server, client);
    }

    [Fact]
    public async Task A_handshake_that_does_not_end_is_cut()
    {
        await using SocketServer server = Start(authority.Settings("sip.example.org"), new TransportOptions { HandshakeSeconds = 1 });
        using Socket silent = await Plain(server);
        using Socket begun = await Plain(server);
        begun.Send([0x16, 0x03, 0x01, 0x02, 0x00, 0x01]);
        await ReadToEnd(silent);
        await ReadToEnd(begun);
        Assert.Equal(0, await server.OnLoop(_ => Transport(server).ConnectionCount)); // on the loop, after the turn that closed them
        Assert.False(server.Sink.HasFailure);
    }

    [Fact]
    public async Task Unfinished_handshakes_are_bounded()
    {
        await using SocketServer server = Start(authority.Settings("sip.example.org"), new TransportOptions { MaxHandshakes = 2, HandshakeSeconds = 60 });
        await using TlsClient before = await TlsClient.ConnectAsync(server.At("127.0.0.1"));
        using Socket first = await Plain(server);
        using Socket second = await Plain(server);
        using Socket third = await Plain(server);
        await ReadToEnd(third);
        Assert.Equal(2, Transport(server).PendingHandshakes);
        await Greet(server, before);

        // With one of them gone there is room again.
        first.Close();
        await server.OnLoop(_ => true);
        await using TlsClient after = await Retry(() => TlsClient.ConnectAsync(server.At("127.0.0.1")));
        await Greet(server, after);
    }

    [Fact]
    public async Task An_idle_connection_is_closed()
    {
        await using SocketServer server = Start(authority.Settings("sip.example.org"), new TransportOptions { IdleSeconds = 1 });
        await using TlsClient client = await TlsClient.ConnectAsync(server.At("127.0.0.1"));
        Assert.True(await client.EndsAsync());
        Assert.Equal(CloseReason.Idle, (await server.Sink.FailureAsync()).Connection!.CloseReason);
    }

    [Fact]
    public async Task A_peer_that_closes_is_reported()
    {
        await using SocketServer server = Start(authority.Settings("sip.example.org"));
        TlsClient client = await TlsClient.ConnectAsync(server.At("127.0.0.1"));
        Flow flow = await Greet(server, client);
        await client.DisposeAsync();
        Assert.True(flow.IsSameWay(await server.Sink.FailureAsync()));
        Assert.Equal(CloseReason.ClosedByPeer, flow.Connection!.CloseReason);
        Assert.Equal(0, await server.OnLoop(_ => Transport(server).ConnectionCount)); // on the loop, after the turn that closed them
    }

    [Fact]
    public async Task A_peer_that_does_not_read_is_closed_when_its_queue_is_full()
    {
        await using SocketServer server = Start(authority.Settings("sip.example.org"), new TransportOptions { MaxSendQueueBytes = 64 * 1024 });
        await using TlsClient client = await TlsClient.ConnectAsync(server.At("127.0.0.1"));
        Flow flow = await Greet(server, client);
        for (int i = 0; i < 2000 && flow.IsAlive; i++)
        {
            await server.Send(flow, new string('x', 16000));
        }

        Assert.Equal(CloseReason.SendQueueFull, (await server.Sink.FailureAsync()).Connection!.CloseReason);
    }

    [Fact]
    public async Task A_slow_peer_gets_everything_in_order()
    {
        await using SocketServer server = Start(authority.Settings("sip.example.org"), new TransportOptions { MaxSendQueueBytes = 64 << 20 });
        await using TlsClient client = await TlsClient.ConnectAsync(server.At("127.0.0.1"));
        Flow flow = await Greet(server, client);
        StringBuilder expected = new();
        for (int i = 0; i < 500; i++)
        {
            string part = $"{i:00000}" + new string((char)('a' + (i % 26)), 20000);
            expected.Append(part);
            await server.Send(flow, part);
        }

        Assert.True(flow.Connection!.QueuedBytes > 0);
        Assert.Equal(expected.ToString(), await client.ReadAsync(expected.Length));
    }

    [Fact]
    public async Task Garbage_inside_is_answered_before_the_end()
    {
        await using SocketServer server = new("TLS", "127.0.0.1:0", tls: authority.Settings("sip.example.org"));
        server.Sink.OnFramingError = (flow, _) =>
        {
            SipBuffer answer = SocketServer.Buffer(server.Sets[0], "SIP/2.0 400 What?\r\n\r\n");
            server.Sets[0].Send(flow, answer);
            answer.Release();
        };
        server.Start();
        await using TlsClient client = await TlsClient.ConnectAsync(server.At("127.0.0.1"));
        await client.SendAsync("INVITE sip:a@b SIP/2.0\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nxx");
        Assert.Equal("SIP/2.0 400 What?\r\n\r\n", await client.ReadAsync(21));
        Assert.True(await client.EndsAsync());
    }

    [Fact]
    public async Task An_answer_from_another_loop_is_not_lost_to_the_garbage_behind_its_request()
    {
        await using SocketServer server = new("TLS", "127.0.0.1:0", loopCount: 2, tls: authority.Settings("sip.example.org"));
        server.AnswersFromOtherLoop("SIP/2.0 200 OK\r\n\r\n");
        server.Start();
        await using TlsClient client = await TlsClient.ConnectAsync(server.At("127.0.0.1"));
        await client.SendAsync("MESSAGE sip:a@b SIP/2.0\r\nContent-Length: 0\r\n\r\n" + new string('\0', 10_000));
        Assert.Equal("SIP/2.0 200 OK\r\n\r\n", await client.ReadAsync(18));

        // Not merely cut: RFC 8446 6.1 wants a close_notify before the end, which .NET reads as 0 octets.
        Assert.Equal(0, await client.Stream.ReadAsync(new byte[1]));
    }

    [Fact]
    public async Task The_portable_loop_does_the_same()
    {
        await using SocketServer server = new SocketServer(
            "TLS", "127.0.0.1:0", poller: new Sip.Interop.SelectPoller(), tls: authority.Settings("sip.example.org")).Start();
        await using TlsClient client = await TlsClient.ConnectAsync(server.At("127.0.0.1"));
        Flow flow = await Greet(server, client);
        await server.Send(flow, "answer");
        Assert.Equal("answer", await client.ReadAsync(6));
    }

    public enum SocketMode
    {
        Whole,
        Pieces,
    }

    private static string Message(string body) => $"MESSAGE sip:a@b SIP/2.0\r\nContent-Length: {body.Length}\r\n\r\n{body}";

    private static TlsTransport Transport(SocketServer server) => (TlsTransport)server.Sets[0].Transports[0];

    private static SocketServer Start(TlsSettings tls, TransportOptions? options = null, int loopCount = 1) =>
        new SocketServer("TLS", "127.0.0.1:0", options, loopCount, tls: tls).Start();

    private static async Task<Flow> Greet(SocketServer server, TlsClient client)
    {
        await client.SendAsync(Message("greeting"));
        return (await server.Sink.MessageAsync()).Flow;
    }

    private static async Task<string> Shown(SocketServer server, string name)
    {
        await using TlsClient client = await TlsClient.ConnectAsync(server.At("127.0.0.1"), name);
        return client.ServerCertificate!.Subject;
    }

    // With TLS 1.3 the client learns only after its own end of the handshake that it was refused.
    private static async Task AssertRefused(SocketServer server, X509Certificate2? own)
    {
        try
        {
            await using TlsClient client = await TlsClient.ConnectAsync(server.At("127.0.0.1"), own: own);
            Assert.True(await client.EndsAsync());
        }
        catch (Exception e) when (e is AuthenticationException or IOException)
        {
            // Refused already in the handshake.
        }

        Assert.False(server.Sink.HasMessage);
    }

    private static async Task<TlsClient> Retry(Func<Task<TlsClient>> connect)
    {
        for (int i = 0; ; i++)
        {
            try
            {
                return await connect();
            }
            catch (IOException) when (i < 50)
            {
                // The server has not yet seen the other one go.
            }
        }
    }

    private static async Task<Socket> Plain(SocketServer server)
    {
        Socket socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(server.At("127.0.0.1"));
        return socket;
    }

    private static async Task ReadToEnd(Socket socket)
    {
        byte[] buffer = new byte[1024];
        try
        {
            while (await socket.ReceiveAsync(buffer).WaitAsync(TimeSpan.FromSeconds(30)) > 0)
            {
            }
        }
        catch (SocketException)
        {
            // Reset: closed all the same.
        }
    }
}

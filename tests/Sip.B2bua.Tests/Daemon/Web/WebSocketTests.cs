using System.Net;
using System.Net.Sockets;
using System.Net.WebSockets;
using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using Sip.B2bua.Daemon.Web;
using Sip.Tests.Transports;
using Sip.Transports;

namespace Sip.B2bua.Tests.Daemon.Web;

/// <summary>RFC 7118 over a real web server and .NET's own client.</summary>
public sealed class WebSocketTests : IAsyncLifetime, IDisposable
{
    private static readonly TimeSpan Generous = TimeSpan.FromSeconds(30);

    private readonly TestAuthority authority = new();
    private readonly List<IAsyncDisposable> disposables = [];

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        foreach (IAsyncDisposable disposable in disposables)
        {
            await disposable.DisposeAsync();
        }
    }

    public void Dispose() => authority.Dispose();

    [Theory]
    [InlineData(WebSocketMessageType.Text)]
    [InlineData(WebSocketMessageType.Binary)]
    public async Task A_message_reaches_the_sink_and_its_flow_leads_back(WebSocketMessageType type)
    {
        // 4.2: both text and binary frames; 5: one message in each.
        SocketServer server = Start();
        using ClientWebSocket client = await ConnectAsync(server);
        Assert.Equal("sip", client.SubProtocol);
        await SendAsync(client, Message("one"), type);
        (Flow flow, string text) = await server.Sink.MessageAsync();
        Assert.Equal(Message("one"), text);
        Assert.True(flow.IsReliable && flow.IsAlive && !flow.IsSecure);
        Assert.Equal("WS", Encoding.ASCII.GetString(flow.Transport.ViaToken));
        Assert.Equal("ws", Encoding.ASCII.GetString(flow.Transport.UriToken));
        await server.Send(flow, Message("answer"));
        await server.Send(flow, Message("call"));
        Assert.Equal((Message("answer"), WebSocketMessageType.Text), await ReadAsync(client));
        Assert.Equal((Message("call"), WebSocketMessageType.Text), await ReadAsync(client));
    }

    [Fact]
    public async Task What_is_not_UTF_8_leaves_in_a_binary_frame()
    {
        SocketServer server = Start();
        using ClientWebSocket client = await ConnectAsync(server);
        Flow flow = await GreetAsync(server, client);
        await server.OnLoop(set =>
        {
            Sip.Messages.SipBuffer buffer = set.Loop.Buffers.Rent(1);
            buffer.Array[0] = 0xff;
            buffer.Length = 1;
            set.Send(flow, buffer);
            buffer.Release();
            return true;
        });
        Assert.Equal(WebSocketMessageType.Binary, (await ReadAsync(client)).Type);
    }

    [Fact]
    public async Task Secure_WebSockets_use_the_certificates_of_TLS()
    {
        SocketServer server = Start("WSS", tls: authority.Settings("one.example", "two.example"));
        using ClientWebSocket client = new();
        string? shown = null;
        client.Options.AddSubProtocol("sip");
        client.Options.SetRequestHeader("Host", "two.example");
        client.Options.RemoteCertificateValidationCallback = (_, certificate, _, _) => (shown = certificate?.Subject) is not null;
        await client.ConnectAsync(new Uri($"wss://localhost:{server.Point.Port}/"), default).WaitAsync(Generous);
        Assert.Equal("CN=two.example", shown);
        Flow flow = await GreetAsync(server, client);
        Assert.True(flow.IsSecure);
        Assert.Equal("WSS", Encoding.ASCII.GetString(flow.Transport.ViaToken));
        Assert.Equal("ws", Encoding.ASCII.GetString(flow.Transport.UriToken));
    }

    [Theory]
    [InlineData("xmpp")]
    [InlineData(null)]
    public async Task Without_the_subprotocol_the_handshake_is_refused(string? subprotocol)
    {
        // 4.1.
        SocketServer server = Start();
        Assert.Equal(HttpStatusCode.BadRequest, await StatusAsync(server, o =>
        {
            if (subprotocol is not null)
            {
                o.AddSubProtocol(subprotocol);
            }
        }));
    }

    [Fact]
    public async Task Another_path_is_not_found()
    {
        SocketServer server = Start(rules: new WebSocketRules { Path = "/sip" });
        Assert.Equal(HttpStatusCode.NotFound, await StatusAsync(server, o => o.AddSubProtocol("sip"), "/other"));
        using ClientWebSocket client = await ConnectAsync(server, path: "/sip");
        await GreetAsync(server, client);
    }

    [Fact]
    public async Task A_page_from_elsewhere_is_refused()
    {
        SocketServer server = Start(rules: new WebSocketRules { Origins = ["https://phone.example.org"] });
        Assert.Equal(HttpStatusCode.Forbidden, await StatusAsync(server, o =>
        {
            o.AddSubProtocol("sip");
            o.SetRequestHeader("Origin", "https://evil.example");
        }));
        using ClientWebSocket page = await ConnectAsync(server, o => o.SetRequestHeader("Origin", "https://phone.example.org"));
        await GreetAsync(server, page);
        using ClientWebSocket program = await ConnectAsync(server);
        await GreetAsync(server, program);
    }

    [Fact]
    public async Task A_plain_HTTP_request_is_refused()
    {
        SocketServer server = Start();
        using HttpClient http = new();
        Assert.Equal(HttpStatusCode.BadRequest, (await http.GetAsync(new Uri($"http://127.0.0.1:{server.Point.Port}/"))).StatusCode);
    }

    [Fact]
    public async Task A_message_over_the_limit_closes_the_connection()
    {
        SocketServer server = Start(options: new TransportOptions { MaxMessageBytes = 10_000 });
        using ClientWebSocket client = await ConnectAsync(server);
        await SendAsync(client, Message(new string('x', 20_000)));
        WebSocketReceiveResult result = await client.ReceiveAsync(new ArraySegment<byte>(new byte[10]), default).WaitAsync(Generous);
        Assert.Equal((WebSocketMessageType.Close, WebSocketCloseStatus.MessageTooBig), (result.MessageType, result.CloseStatus));
        Assert.Equal(CloseReason.Framing, (await server.Sink.FailureAsync()).Connection!.CloseReason);
        Assert.False(server.Sink.HasMessage);
    }

    [Fact]
    public async Task An_answer_from_another_loop_is_not_lost_to_the_message_over_the_limit_behind_its_request()
    {
        SocketServer server = Start(options: new TransportOptions { MaxMessageBytes = 10_000 }, loops: 2);
        server.AnswersFromOtherLoop("SIP/2.0 200 OK\r\n\r\n");
        using ClientWebSocket client = await ConnectAsync(server);
        await SendAsync(client, Message("good"));
        await SendAsync(client, Message(new string('x', 20_000)));
        Assert.Equal("SIP/2.0 200 OK\r\n\r\n", (await ReadAsync(client)).Text);
        Assert.Equal(WebSocketMessageType.Close, (await ReadAsync(client)).Type);
        await client.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, default);
        Assert.Equal(CloseReason.Framing, (await server.Sink.FailureAsync()).Connection!.CloseReason);
    }

    [Fact]
    public async Task A_message_in_many_frames_is_one()
    {
        SocketServer server = Start();
        using ClientWebSocket client = await ConnectAsync(server);
        string text = Message(new string('x', 30_000));
        byte[] octets = Encoding.ASCII.GetBytes(text);
        for (int at = 0; at < octets.Length; at += 1000)
        {
            int count = Math.Min(1000, octets.Length - at);
            await client.SendAsync(octets.AsMemory(at, count), WebSocketMessageType.Text, at + count == octets.Length, default);
        }

        Assert.Equal(text, (await server.Sink.MessageAsync()).Text);
    }

    [Fact]
    public async Task A_CRLF_ping_is_answered_and_a_pong_is_not_a_message()
    {
        // 6, with RFC 5626 4.4.1.
        SocketServer server = Start();
        using ClientWebSocket client = await ConnectAsync(server);
        await SendAsync(client, "\r\n");
        await SendAsync(client, string.Empty);
        await SendAsync(client, "\r\n\r\n");
        Assert.Equal("\r\n", (await ReadAsync(client)).Text);
        await GreetAsync(server, client);
        Assert.False(server.Sink.HasMessage);
    }

    [Fact]
    public async Task A_ping_frame_is_answered_with_a_pong()
    {
        SocketServer server = Start();
        using Socket raw = await RawAsync(server);
        await raw.SendAsync(new byte[] { 0x89, 0x82, 0, 0, 0, 0, (byte)'h', (byte)'i' });
        Assert.Equal([0x8a, 0x02, (byte)'h', (byte)'i'], await ReadRawAsync(raw, 4));
    }

    [Fact]
    public async Task A_silent_peer_is_pinged_and_then_closed()
    {
        SocketServer server = Start(rules: new WebSocketRules { PingInterval = TimeSpan.FromMilliseconds(200) });
        using Socket raw = await RawAsync(server);
        Assert.Equal(0x89, (await ReadRawAsync(raw, 2))[0]);
        Assert.False((await server.Sink.FailureAsync()).IsAlive);
    }

    [Fact]
    public async Task A_peer_that_closes_is_reported()
    {
        SocketServer server = Start();
        using ClientWebSocket client = await ConnectAsync(server);
        Flow flow = await GreetAsync(server, client);
        await client.CloseAsync(WebSocketCloseStatus.NormalClosure, null, default).WaitAsync(Generous);
        Assert.True(flow.IsSameWay(await server.Sink.FailureAsync()));
        Assert.Equal(CloseReason.ClosedByPeer, flow.Connection!.CloseReason);
        Assert.Equal(0, ((WebSocketTransport)flow.Transport).ConnectionCount);
        await server.Send(flow, "too late");
        Assert.True(flow.IsSameWay(await server.Sink.FailureAsync()));
    }

    [Fact]
    public async Task An_idle_connection_is_closed()
    {
        SocketServer server = Start(options: new TransportOptions { IdleSeconds = 1 });
        using ClientWebSocket client = await ConnectAsync(server);
        WebSocketReceiveResult result = await client.ReceiveAsync(new ArraySegment<byte>(new byte[10]), default).WaitAsync(Generous);
        Assert.Equal(WebSocketMessageType.Close, result.MessageType);
        Assert.Equal(CloseReason.Idle, (await server.Sink.FailureAsync()).Connection!.CloseReason);
    }

    [Fact]
    public async Task The_number_of_connections_is_limited()
    {
        SocketServer server = Start(options: new TransportOptions { MaxConnectionsPerAddress = 1 });
        using ClientWebSocket first = await ConnectAsync(server);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, await StatusAsync(server, o => o.AddSubProtocol("sip")));
        await GreetAsync(server, first);
    }

    [Fact]
    public async Task A_peer_that_does_not_read_is_closed_when_its_queue_is_full()
    {
        SocketServer server = Start(options: new TransportOptions { MaxSendQueueBytes = 64 * 1024 });
        using ClientWebSocket client = await ConnectAsync(server);
        Flow flow = await GreetAsync(server, client);
        for (int i = 0; i < 5000 && flow.IsAlive; i++)
        {
            await server.Send(flow, new string('x', 16_000));
        }

        Assert.Equal(CloseReason.SendQueueFull, (await server.Sink.FailureAsync()).Connection!.CloseReason);
    }

    [Fact]
    public async Task A_slow_peer_gets_every_message_in_order()
    {
        SocketServer server = Start(options: new TransportOptions { MaxSendQueueBytes = 64 << 20 });
        using ClientWebSocket client = await ConnectAsync(server);
        Flow flow = await GreetAsync(server, client);
        for (int i = 0; i < 500; i++)
        {
            await server.Send(flow, $"{i:000}" + new string('x', 20_000));
        }

        for (int i = 0; i < 500; i++)
        {
            Assert.StartsWith($"{i:000}", (await ReadAsync(client)).Text, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Connections_are_spread_over_the_loops()
    {
        SocketServer server = Start(loops: 2);
        using ClientWebSocket one = await ConnectAsync(server);
        using ClientWebSocket two = await ConnectAsync(server);
        int first = (await GreetAsync(server, one)).Transport.Loop.Number;
        int second = (await GreetAsync(server, two)).Transport.Loop.Number;
        Assert.NotEqual(first, second);
    }

    private static string Message(string body) => $"MESSAGE sip:a@b SIP/2.0\r\nContent-Length: {body.Length}\r\n\r\n{body}";

    private SocketServer Start(string token = "WS", TransportOptions? options = null, WebSocketRules? rules = null, TlsSettings? tls = null, int loops = 1)
    {
        WebSocketListeners listeners = new(rules ?? new WebSocketRules(), NullLogger.Instance);
        SocketServer server = new SocketServer(token, "127.0.0.1:0", options, loops, tls: tls, open: listeners.Open).Start();
        disposables.Add(server);
        disposables.Add(listeners);
        return server;
    }

    private static async Task<ClientWebSocket> ConnectAsync(SocketServer server, Action<ClientWebSocketOptions>? set = null, string path = "/")
    {
        ClientWebSocket client = new();
        client.Options.AddSubProtocol("sip");
        set?.Invoke(client.Options);
        await client.ConnectAsync(new Uri($"ws://127.0.0.1:{server.Point.Port}{path}"), default).WaitAsync(Generous);
        return client;
    }

    private static async Task<HttpStatusCode> StatusAsync(SocketServer server, Action<ClientWebSocketOptions> set, string path = "/")
    {
        using ClientWebSocket client = new();
        client.Options.CollectHttpResponseDetails = true;
        set(client.Options);
        await Assert.ThrowsAsync<WebSocketException>(() => client.ConnectAsync(new Uri($"ws://127.0.0.1:{server.Point.Port}{path}"), default).WaitAsync(Generous));
        return client.HttpStatusCode;
    }

    private static Task SendAsync(ClientWebSocket client, string text, WebSocketMessageType type = WebSocketMessageType.Text) =>
        client.SendAsync(Encoding.ASCII.GetBytes(text), type, true, default).WaitAsync(Generous);

    private static async Task<(string Text, WebSocketMessageType Type)> ReadAsync(ClientWebSocket client)
    {
        byte[] buffer = new byte[100_000];
        int length = 0;
        while (true)
        {
            ValueWebSocketReceiveResult part = await client.ReceiveAsync(buffer.AsMemory(length), default).AsTask().WaitAsync(Generous);
            length += part.Count;
            if (part.EndOfMessage)
            {
                return (Encoding.ASCII.GetString(buffer, 0, length), part.MessageType);
            }
        }
    }

    private static async Task<Flow> GreetAsync(SocketServer server, ClientWebSocket client)
    {
        await SendAsync(client, Message("greeting"));
        return (await server.Sink.MessageAsync()).Flow;
    }

    /// <summary>A peer that answers no ping by itself.</summary>
    private static async Task<Socket> RawAsync(SocketServer server)
    {
        Socket socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(server.At("127.0.0.1"));
        await socket.SendAsync(Encoding.ASCII.GetBytes(
            "GET / HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Protocol: sip\r\nSec-WebSocket-Version: 13\r\n\r\n"));
        StringBuilder head = new();
        while (!head.ToString().EndsWith("\r\n\r\n", StringComparison.Ordinal))
        {
            head.Append((char)(await ReadRawAsync(socket, 1))[0]);
        }

        Assert.StartsWith("HTTP/1.1 101", head.ToString(), StringComparison.Ordinal);
        return socket;
    }

    private static async Task<byte[]> ReadRawAsync(Socket socket, int count)
    {
        byte[] buffer = new byte[count];
        for (int at = 0; at < count;)
        {
            int read = await socket.ReceiveAsync(buffer.AsMemory(at)).AsTask().WaitAsync(Generous);
            Assert.True(read > 0, "closed too early");
            at += read;
        }

        return buffer;
    }
}

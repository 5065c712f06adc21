using System.Net;
using System.Net.Sockets;
using System.Text;
using Sip.Messages;
using Sip.Transports;

namespace Sip.Tests.Transports;

public sealed class TcpTransportTests
{
    private static readonly TimeSpan Generous = TimeSpan.FromSeconds(30);

    [Fact]
    public async Task A_message_reaches_the_sink_and_its_flow_leads_back()
    {
        await using SocketServer server = new SocketServer("TCP", "127.0.0.1:0").Start();
        using Socket client = await Connect(server);
        client.Send(Text("one"));
        (Flow flow, string text) = await server.Sink.MessageAsync();
        Assert.Equal(Message("one"), text);
        Assert.True(flow.IsReliable && flow.IsAlive);
        Assert.Equal(SipAddress.From((IPEndPoint)client.LocalEndPoint!), flow.Remote);
        Assert.Equal(SipAddress.From(server.At("127.0.0.1")), flow.Local);
        await server.Send(flow, "answer");
        Assert.Equal("answer", await Read(client, 6));
    }

    [Fact]
    public async Task Messages_are_framed_whatever_the_chunks()
    {
        await using SocketServer server = new SocketServer("TCP", "[::1]:0").Start();
        using Socket client = await Connect(server);
        byte[] stream = Encoding.ASCII.GetBytes(string.Concat(Enumerable.Range(0, 40).Select(i => Message($"body {i}"))));
        Random random = new(11);
        for (int at = 0; at < stream.Length;)
        {
            int piece = Math.Min(random.Next(1, 200), stream.Length - at);
            client.Send(stream.AsSpan(at, piece));
            at += piece;
        }

        for (int i = 0; i < 40; i++)
        {
            Assert.Equal(Message($"body {i}"), (await server.Sink.MessageAsync()).Text);
        }
    }

    [Fact]
    public async Task Many_messages_in_one_segment_are_all_delivered()
    {
        await using SocketServer server = new SocketServer("TCP", "127.0.0.1:0").Start();
        using Socket client = await Connect(server);
        client.Send(Encoding.ASCII.GetBytes(Message("one") + "\r\n" + Message("two") + Message("three")));
        Assert.Equal(Message("one"), (await server.Sink.MessageAsync()).Text);
        Assert.Equal(Message("two"), (await server.Sink.MessageAsync()).Text);
        Assert.Equal(Message("three"), (await server.Sink.MessageAsync()).Text);
    }

    [Fact]
    public async Task A_double_CRLF_is_answered_with_a_single_one()
    {
        // RFC 5626 4.4.1.
        await using SocketServer server = new SocketServer("TCP", "127.0.0.1:0").Start();
        using Socket client = await Connect(server);
        client.Send("\r\n\r\n"u8);
        Assert.Equal("\r\n", await Read(client, 2));
        client.Send(Text("still here"));
        Assert.Equal(Message("still here"), (await server.Sink.MessageAsync()).Text);
    }

    [Fact]
    public async Task Garbage_closes_the_connection_after_the_sinks_answer()
    {
        await using SocketServer server = new("TCP", "127.0.0.1:0");
        server.Sink.OnFramingError = (flow, _) =>
        {
            SipBuffer answer = SocketServer.Buffer(server.Sets[0], "SIP/2.0 400 What?\r\n\r\n");
            server.Sets[0].Send(flow, answer);
            answer.Release();
        };
        server.Start();
        using Socket client = await Connect(server);
        client.Send("INVITE sip:a@b SIP/2.0\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nxx"u8);
        client.Send(new byte[100000]);
        Assert.Equal(FramingError.DuplicateContentLength, await server.Sink.FramingErrorAsync());
        Assert.Equal("SIP/2.0 400 What?\r\n\r\n", await ReadToEnd(client));
        client.Close();
        Flow failed = await server.Sink.FailureAsync();
        Assert.False(failed.IsAlive);
        Assert.Equal(CloseReason.Framing, failed.Connection!.CloseReason);
        Assert.False(server.Sink.HasMessage);
    }

    [Fact]
    public async Task An_answer_from_another_loop_is_not_lost_to_the_garbage_behind_its_request()
    {
        await using SocketServer server = new("TCP", "127.0.0.1:0", loopCount: 2);
        server.AnswersFromOtherLoop("SIP/2.0 200 OK\r\n\r\n");
        server.Start();
        using Socket client = await Connect(server);
        client.Send([.. Text("good"), .. new byte[200_000]]);
        Assert.Equal("SIP/2.0 200 OK\r\n\r\n", await ReadToEnd(client));
        client.Close();
        Assert.Equal(CloseReason.Framing, (await server.Sink.FailureAsync()).Connection!.CloseReason);
    }

    [Fact]
    public async Task Binary_garbage_closes_the_connection_at_once()
    {
        await using SocketServer server = new SocketServer("TCP", "127.0.0.1:0").Start();
        using Socket client = await Connect(server);
        client.Send([0x16, 0x03, 0x01, 0x02, 0x00]);
        Assert.Equal(FramingError.NotSip, await server.Sink.FramingErrorAsync());
        Assert.Equal(string.Empty, await ReadToEnd(client));
    }

    [Fact]
    public async Task A_message_over_the_limit_closes_the_connection()
    {
        await using SocketServer server = new SocketServer("TCP", "127.0.0.1:0", new TransportOptions { MaxMessageBytes = 1000 }).Start();
        using Socket client = await Connect(server);
        client.Send("MESSAGE sip:a@b SIP/2.0\r\nContent-Length: 1000\r\n\r\n"u8);
        Assert.Equal(FramingError.MessageTooLarge, await server.Sink.FramingErrorAsync());
        Assert.Equal(CloseReason.Framing, (await server.Sink.FailureAsync()).Connection!.CloseReason);
    }

    [Fact]
    public async Task A_message_that_is_not_finished_in_time_closes_the_connection()
    {
        await using SocketServer server = new SocketServer("TCP", "127.0.0.1:0", new TransportOptions { PartialMessageSeconds = 1 }).Start();
        using Socket client = await Connect(server);
        client.Send("INVITE sip:a@b SIP/2.0\r\n"u8);
        Assert.Equal(CloseReason.PartialMessage, (await server.Sink.FailureAsync()).Connection!.CloseReason);
    }

    [Fact]
    public async Task An_idle_connection_is_closed()
    {
        await using SocketServer server = new SocketServer("TCP", "127.0.0.1:0", new TransportOptions { IdleSeconds = 1 }).Start();
        using Socket client = await Connect(server);
        Assert.Equal(string.Empty, await ReadToEnd(client));
        Assert.Equal(CloseReason.Idle, (await server.Sink.FailureAsync()).Connection!.CloseReason);
    }

    [Fact]
    public async Task A_peer_that_closes_is_reported()
    {
        await using SocketServer server = new SocketServer("TCP", "127.0.0.1:0").Start();
        Socket client = await Connect(server);
        client.Send(Text("bye"));
        (Flow flow, _) = await server.Sink.MessageAsync();
        client.Close();
        Assert.True(flow.IsSameWay(await server.Sink.FailureAsync()));
        Assert.False(flow.IsAlive);
        Assert.Equal(0, ((TcpTransport)flow.Transport).ConnectionCount);

        await server.Send(flow, "too late");
        Assert.True(flow.IsSameWay(await server.Sink.FailureAsync()));
    }

    [Fact]
    public async Task A_peer_that_does_not_read_is_closed_when_its_queue_is_full()
    {
        TransportOptions options = new() { MaxSendQueueBytes = 64 * 1024 };
        await using SocketServer server = new SocketServer("TCP", "127.0.0.1:0", options).Start();
        using Socket client = await Connect(server);
        client.Send(Text("flood me"));
        (Flow flow, _) = await server.Sink.MessageAsync();
        string large = new('x', 16000);
        for (int i = 0; i < 2000 && flow.IsAlive; i++)
        {
            await server.Send(flow, large);
        }

        Assert.False(flow.IsAlive);
        Assert.Equal(CloseReason.SendQueueFull, (await server.Sink.FailureAsync()).Connection!.CloseReason);
    }

    [Fact]
    public async Task A_slow_peer_gets_everything_in_order()
    {
        TransportOptions options = new() { MaxSendQueueBytes = 64 * 1024 * 1024 };
        await using SocketServer server = new SocketServer("TCP", "127.0.0.1:0", options).Start();
        using Socket client = await Connect(server);
        client.Send(Text("go"));
        (Flow flow, _) = await server.Sink.MessageAsync();
        StringBuilder expected = new();
        for (int i = 0; i < 500; i++)
        {
            string part = $"{i:00000}" + new string((char)('a' + (i % 26)), 20000);
            expected.Append(part);
            await server.Send(flow, part);
        }

        Assert.True(flow.Connection!.QueuedBytes > 0);
        Assert.Equal(expected.ToString(), await Read(client, expected.Length));
    }

    [Fact]
    public async Task One_address_cannot_take_more_than_its_share_of_connections()
    {
        await using SocketServer server = new SocketServer("TCP", "0.0.0.0:0", new TransportOptions { MaxConnectionsPerAddress = 2 }).Start();
        using Socket first = await Connect(server, "127.0.0.2");
        using Socket second = await Connect(server, "127.0.0.2");
        await Greet(server, first);
        await Greet(server, second);
        using Socket third = await Connect(server, "127.0.0.2");
        Assert.Equal(string.Empty, await ReadToEnd(third));

        using Socket other = await Connect(server, "127.0.0.3");
        await Greet(server, other);

        first.Close();
        await server.Sink.FailureAsync();
        using Socket again = await Connect(server, "127.0.0.2");
        await Greet(server, again);
    }

    [Fact]
    public async Task The_number_of_connections_is_limited()
    {
        await using SocketServer server = new SocketServer("TCP", "127.0.0.1:0", new TransportOptions { MaxConnections = 1 }).Start();
        using Socket first = await Connect(server);
        await Greet(server, first);
        using Socket second = await Connect(server);
        Assert.Equal(string.Empty, await ReadToEnd(second));
    }

    [Fact]
    public async Task What_is_sent_before_the_connect_has_ended_leaves_after_it()
    {
        await using SocketServer server = new SocketServer("TCP", "127.0.0.1:0").Start();
        using TcpListener peer = new(IPAddress.Loopback, 0);
        peer.Start();
        Flow flow = await Open(server, (IPEndPoint)peer.LocalEndpoint);
        await server.Send(flow, Message("hello"));
        using Socket accepted = await peer.AcceptSocketAsync().WaitAsync(Generous);
        Assert.Equal(Message("hello"), await Read(accepted, Message("hello").Length));

        // And what the peer says on it comes in; the connection is used again.
        accepted.Send(Text("answer"));
        (Flow back, string text) = await server.Sink.MessageAsync();
        Assert.Equal(Message("answer"), text);
        Assert.True(back.IsSameWay(flow));
        Assert.Same(flow.Connection, (await Open(server, (IPEndPoint)peer.LocalEndpoint)).Connection);
    }

    [Fact]
    public async Task A_connection_that_the_peer_opened_is_used_again()
    {
        await using SocketServer server = new SocketServer("TCP", "127.0.0.1:0").Start();
        using Socket client = await Connect(server);
        client.Send(Text("hello"));
        (Flow flow, _) = await server.Sink.MessageAsync();
        Flow found = await Open(server, (IPEndPoint)client.LocalEndPoint!);
        Assert.Same(flow.Connection, found.Connection);
    }

    [Fact]
    public async Task A_connect_that_is_refused_fails_its_flow()
    {
        await using SocketServer server = new SocketServer("TCP", "127.0.0.1:0").Start();
        TcpListener gone = new(IPAddress.Loopback, 0);
        gone.Start();
        IPEndPoint address = (IPEndPoint)gone.LocalEndpoint;
        gone.Stop();
        Flow flow = await Open(server, address);
        Flow failed = await server.Sink.FailureAsync();
        Assert.Equal(SipAddress.From(address), failed.Remote);
        Assert.True(flow.IsNone || failed.IsSameWay(flow));
        Assert.Equal(CloseReason.ConnectFailed, failed.Connection!.CloseReason);
    }

    [Fact]
    public async Task A_connection_of_one_loop_is_found_and_used_from_another()
    {
        await using SocketServer server = new SocketServer("TCP", "127.0.0.1:0", loopCount: 2).Start();
        using Socket client = await Connect(server);
        client.Send(Text("hello"));
        (Flow flow, _) = await server.Sink.MessageAsync();
        int other = 1 - flow.Transport.Loop.Number;
        Flow found = await server.OnLoop(set => set.TryGetFlow("TCP"u8, flow.Remote, out Flow f) ? f : default, other);
        Assert.Same(flow.Connection, found.Connection);
        await server.Send(found, "from afar", other);
        Assert.Equal("from afar", await Read(client, 9));

        // Both loops learn of its end.
        client.Close();
        Assert.True(flow.IsSameWay(await server.Sink.FailureAsync()));
        Assert.True(flow.IsSameWay(await server.Sink.FailureAsync()));
    }

    [Fact]
    public async Task The_portable_loop_does_the_same()
    {
        await using SocketServer server = new SocketServer("TCP", "127.0.0.1:0", poller: new Sip.Interop.SelectPoller()).Start();
        using Socket client = await Connect(server);
        client.Send(Text("hello"));
        await server.Send((await server.Sink.MessageAsync()).Flow, "answer");
        Assert.Equal("answer", await Read(client, 6));
    }

    private static string Message(string body) => $"MESSAGE sip:a@b SIP/2.0\r\nContent-Length: {body.Length}\r\n\r\n{body}";

    private static byte[] Text(string body) => Encoding.ASCII.GetBytes(Message(body));

    private static Task<Flow> Open(SocketServer server, IPEndPoint address) =>
        server.OnLoop(set => set.TryGetFlow("tcp"u8, SipAddress.From(address), out Flow flow) ? flow : default);

    private static async Task Greet(SocketServer server, Socket client)
    {
        client.Send(Text("greeting"));
        await server.Sink.MessageAsync();
    }

    private static async Task<Socket> Connect(SocketServer server, string? from = null)
    {
        IPAddress host = server.Point.Bind.Address;
        host = host.Equals(IPAddress.Any) ? IPAddress.Loopback : host;
        Socket client = new(host.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        client.Bind(new IPEndPoint(from is null ? host : IPAddress.Parse(from), 0));
        await client.ConnectAsync(new IPEndPoint(host, server.Point.Port)).WaitAsync(Generous);
        return client;
    }

    private static async Task<string> Read(Socket client, int length)
    {
        byte[] buffer = new byte[length];
        int at = 0;
        while (at < length)
        {
            int count = await client.ReceiveAsync(buffer.AsMemory(at)).AsTask().WaitAsync(Generous);
            Assert.True(count > 0, "closed too early");
            at += count;
        }

        return Encoding.ASCII.GetString(buffer);
    }

    private static async Task<string> ReadToEnd(Socket client)
    {
        List<byte> all = [];
        byte[] buffer = new byte[4096];
        try
        {
            while (await client.ReceiveAsync(buffer.AsMemory()).AsTask().WaitAsync(Generous) is var count && count > 0)
            {
                all.AddRange(buffer.AsSpan(0, count));
            }
        }
        catch (SocketException e) when (e.SocketErrorCode == SocketError.ConnectionReset)
        {
            // Closing with unread octets resets; for a refused peer that is as good as an end.
        }

        return Encoding.ASCII.GetString([.. all]);
    }
}

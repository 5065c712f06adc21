using System.Net;
using System.Net.Sockets;
using System.Text;
using Sip.Messages;
using Sip.Transports;

namespace Sip.Tests.Transports;

public sealed class UdpTransportTests
{
    private static readonly TimeSpan Generous = TimeSpan.FromSeconds(30);

    [Fact]
    public async Task A_datagram_reaches_the_sink_and_its_flow_leads_back()
    {
        await using SocketServer server = new SocketServer("UDP", "127.0.0.1:0").Start();
        using UdpClient client = new(new IPEndPoint(IPAddress.Loopback, 0));
        await client.SendAsync("hello"u8.ToArray(), server.At("127.0.0.1"));

        (Flow flow, string text) = await server.Sink.MessageAsync();
        Assert.Equal("hello", text);
        Assert.Equal(SipAddress.From((IPEndPoint)client.Client.LocalEndPoint!), flow.Remote);
        Assert.False(flow.IsReliable);

        await server.Send(flow, "answer");
        UdpReceiveResult answer = await Receive(client);
        Assert.Equal("answer", Encoding.ASCII.GetString(answer.Buffer));
        Assert.Equal(server.At("127.0.0.1"), answer.RemoteEndPoint);
    }

    [Theory]
    [InlineData("127.0.0.2")]
    [InlineData("127.0.0.3")]
    public async Task A_wildcard_socket_answers_from_the_address_the_request_came_to(string host)
    {
        await using SocketServer server = new SocketServer("UDP", "0.0.0.0:0").Start();
        using UdpClient client = new(new IPEndPoint(IPAddress.Loopback, 0));
        await client.SendAsync("hello"u8.ToArray(), server.At(host));

        (Flow flow, _) = await server.Sink.MessageAsync();
        Assert.Equal(SipAddress.From(server.At(host)), flow.Local);
        await server.Send(flow, "answer");
        Assert.Equal(server.At(host), (await Receive(client)).RemoteEndPoint);
    }

    [Theory]
    [InlineData("[::1]:0")]
    [InlineData("[::]:0")]
    public async Task IPv6_works_like_IPv4(string bind)
    {
        await using SocketServer server = new SocketServer("UDP", bind).Start();
        using UdpClient client = new(new IPEndPoint(IPAddress.IPv6Loopback, 0));
        await client.SendAsync("hello"u8.ToArray(), server.At("::1"));

        (Flow flow, _) = await server.Sink.MessageAsync();
        Assert.Equal(SipAddress.From(server.At("::1")), flow.Local);
        await server.Send(flow, "answer");
        Assert.Equal(server.At("::1"), (await Receive(client)).RemoteEndPoint);
    }

    [Fact]
    public async Task Batches_larger_than_one_system_call_arrive_whole_and_in_order()
    {
        await using SocketServer server = new("UDP", "127.0.0.1:0");
        using UdpClient client = new(new IPEndPoint(IPAddress.Loopback, 0));
        for (int i = 0; i < 150; i++)
        {
            await client.SendAsync(Encoding.ASCII.GetBytes($"message {i:000}"), server.At("127.0.0.1"));
        }

        server.Sink.OnMessage = static (set, flow, message) => set.Send(flow, message);
        server.Start();
        for (int i = 0; i < 150; i++)
        {
            Assert.Equal($"message {i:000}", (await server.Sink.MessageAsync()).Text);
            Assert.Equal($"message {i:000}", Encoding.ASCII.GetString((await Receive(client)).Buffer));
        }
    }

    [Fact]
    public async Task The_largest_datagram_comes_and_goes_whole()
    {
        await using SocketServer server = new SocketServer("UDP", "127.0.0.1:0").Start();
        server.Sink.OnMessage = static (set, flow, message) => set.Send(flow, message);
        using UdpClient client = new(new IPEndPoint(IPAddress.Loopback, 0));
        byte[] large = new byte[65507];
        Array.Fill(large, (byte)'x');
        await client.SendAsync(large, server.At("127.0.0.1"));
        Assert.Equal(large, (await Receive(client)).Buffer);
    }

    [Fact]
    public async Task Empty_datagrams_and_keep_alives_are_swallowed()
    {
        await using SocketServer server = new SocketServer("UDP", "127.0.0.1:0").Start();
        using UdpClient client = new(new IPEndPoint(IPAddress.Loopback, 0));
        foreach (byte[] keepAlive in new byte[][] { [], "\r\n\r\n"u8.ToArray(), "\r\n"u8.ToArray(), [0, 0, 0, 0], "\0"u8.ToArray() })
        {
            await client.SendAsync(keepAlive, server.At("127.0.0.1"));
        }

        await client.SendAsync("real"u8.ToArray(), server.At("127.0.0.1"));
        Assert.Equal("real", (await server.Sink.MessageAsync()).Text);
    }

    [Fact]
    public async Task A_STUN_binding_request_is_answered_with_the_address_it_came_from()
    {
        // RFC 5626 8.
        await using SocketServer server = new SocketServer("UDP", "127.0.0.1:0").Start();
        using UdpClient client = new(new IPEndPoint(IPAddress.Loopback, 0));
        await client.SendAsync(new byte[] { 0, 1, 0, 0, 0x21, 0x12, 0xA4, 0x42, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12 }, server.At("127.0.0.1"));
        UdpReceiveResult answer = await Receive(client);
        Assert.True(StunMessage.TryReadMappedAddress(answer.Buffer, out SipAddress mapped));
        Assert.Equal(SipAddress.From((IPEndPoint)client.Client.LocalEndPoint!), mapped);
        Assert.False(server.Sink.HasMessage);
    }

    [Theory]
    [InlineData("127.0.0.1:0")]
    [InlineData("[::1]:0")]
    public async Task A_closed_port_at_the_peer_is_reported_as_a_failed_flow(string bind)
    {
        // RFC 3261 18.4.
        await using SocketServer server = new SocketServer("UDP", bind).Start();
        SipAddress gone;
        using (UdpClient client = new(new IPEndPoint(server.Point.Bind.Address, 0)))
        {
            gone = SipAddress.From((IPEndPoint)client.Client.LocalEndPoint!);
        }

        Flow flow = await server.OnLoop(set => set.TryGetFlow("udp"u8, gone, out Flow found) ? found : default);
        await server.Send(flow, "anybody there?");
        Assert.True(flow.IsSameWay(await server.Sink.FailureAsync()));

        // The error of one peer must not cost another one its message.
        using UdpClient other = new(new IPEndPoint(server.Point.Bind.Address, 0));
        for (int i = 0; i < 20; i++)
        {
            await server.Send(flow, "anybody there?");
            await server.Send(new Flow(flow.Transport, default, SipAddress.From((IPEndPoint)other.Client.LocalEndPoint!)), "you are");
            Assert.Equal("you are", Encoding.ASCII.GetString((await Receive(other)).Buffer));
        }
    }

    [Fact]
    public async Task A_message_that_the_system_refuses_fails_its_flow_and_the_next_one_leaves()
    {
        await using SocketServer server = new SocketServer("UDP", "127.0.0.1:0").Start();
        using UdpClient client = new(new IPEndPoint(IPAddress.Loopback, 0));
        SipAddress remote = SipAddress.From((IPEndPoint)client.Client.LocalEndPoint!);
        Flow flow = new(server.Sets[0].Transports[0], default, remote);
        await server.OnLoop(set =>
        {
            SipBuffer tooLong = set.Loop.Buffers.Rent(70000);
            tooLong.Length = 70000;
            set.Send(flow, tooLong);
            tooLong.Release();
            SipBuffer good = SocketServer.Buffer(set, "good");
            set.Send(flow, good);
            good.Release();
            return true;
        });
        Assert.Equal("good", Encoding.ASCII.GetString((await Receive(client)).Buffer));
        Assert.True(flow.IsSameWay(await server.Sink.FailureAsync()));
    }

    [Fact]
    public async Task An_exception_in_the_sink_ends_only_its_message()
    {
        await using SocketServer server = new("UDP", "127.0.0.1:0");
        int seen = 0;
        server.Sink.OnMessage = (_, _, _) =>
        {
            if (++seen == 1)
            {
                throw new InvalidOperationException("first");
            }
        };
        server.Start();
        using UdpClient client = new(new IPEndPoint(IPAddress.Loopback, 0));
        await client.SendAsync("first"u8.ToArray(), server.At("127.0.0.1"));
        await client.SendAsync("second"u8.ToArray(), server.At("127.0.0.1"));
        Assert.Equal("second", (await server.Sink.MessageAsync()).Text);
    }

    [Fact]
    public async Task Two_loops_share_a_port_and_either_sends_on_a_flow_of_the_other()
    {
        await using SocketServer server = new SocketServer("UDP", "127.0.0.1:0", loopCount: 2).Start();
        HashSet<int> loops = [];
        for (int i = 0; i < 400 && loops.Count < 2; i++)
        {
            using UdpClient client = new(new IPEndPoint(IPAddress.Loopback, 0));
            await client.SendAsync("hello"u8.ToArray(), server.At("127.0.0.1"));
            (Flow flow, _) = await server.Sink.MessageAsync();
            loops.Add(flow.Transport.Loop.Number);
            await server.Send(flow, "answer", loop: 1 - flow.Transport.Loop.Number);
            Assert.Equal(server.At("127.0.0.1"), (await Receive(client)).RemoteEndPoint);
        }

        Assert.Equal(2, loops.Count);
    }

    [Fact]
    public async Task A_port_that_another_server_has_is_refused()
    {
        await using SocketServer server = new SocketServer("UDP", "127.0.0.1:0").Start();
        SocketException e = Assert.Throws<SocketException>(() => new SocketServer("UDP", server.Point.Bind.ToString()));
        Assert.Equal(SocketError.AddressAlreadyInUse, e.SocketErrorCode);
    }

    [Fact]
    public async Task The_portable_loop_does_the_same()
    {
        await using SocketServer server = new SocketServer("UDP", "127.0.0.1:0", poller: new Sip.Interop.SelectPoller()).Start();
        using UdpClient client = new(new IPEndPoint(IPAddress.Loopback, 0));
        await client.SendAsync("hello"u8.ToArray(), server.At("127.0.0.1"));
        await server.Send((await server.Sink.MessageAsync()).Flow, "answer");
        Assert.Equal("answer", Encoding.ASCII.GetString((await Receive(client)).Buffer));
    }

    [Fact]
    public void Receiving_and_sending_a_thousand_datagrams_allocates_nothing()
    {
        // On a busy machine the thread may be held up for longer than the loop tolerates, and naming that allocates.
        EchoSink sink = new();
        using EventLoop loop = new(0, new EventLoopOptions { SlowMilliseconds = int.MaxValue });
        TransportSet set = new(loop, sink);
        ListeningPoint point = TransportSet.Open([set], new ListeningPoint { Token = "UDP", Bind = IPEndPoint.Parse("127.0.0.1:0") });
        using Socket client = new(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        client.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        client.Connect(point.Bind);
        client.ReceiveTimeout = 30000;
        byte[] message = new byte[600];
        Array.Fill(message, (byte)'x');

        Exchange(loop, client, message, sink, 3);
        sink.Count = 0;
        long before = GC.GetAllocatedBytesForCurrentThread();
        Exchange(loop, client, message, sink, 20);
        long allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        Assert.Equal(1000, sink.Count);
        Assert.Equal(0, allocated);
        set.Close();
    }

    // Fifty at a time, so that every one fits into the client's default receive buffer.
    private static void Exchange(EventLoop loop, Socket client, byte[] message, EchoSink sink, int rounds)
    {
        Span<byte> answer = stackalloc byte[1024];
        for (int round = 0; round < rounds; round++)
        {
            int wanted = sink.Count + 50;
            for (int i = 0; i < 50; i++)
            {
                client.Send(message, SocketFlags.None);
            }

            while (sink.Count < wanted)
            {
                loop.Turn(1000);
            }

            for (int i = 0; i < 50; i++)
            {
                client.Receive(answer, SocketFlags.None);
            }
        }
    }

    private static Task<UdpReceiveResult> Receive(UdpClient client) => client.ReceiveAsync().WaitAsync(Generous);

    private sealed class EchoSink : IMessageSink
    {
        public int Count { get; set; }

        public void OnMessage(TransportSet set, in Flow flow, SipBuffer message, bool stream)
        {
            Count++;
            set.Send(flow, message);
        }

        public void OnFlowFailed(in Flow flow)
        {
        }

        public void OnFramingError(in Flow flow, SipBuffer partial, FramingError error)
        {
        }
    }
}

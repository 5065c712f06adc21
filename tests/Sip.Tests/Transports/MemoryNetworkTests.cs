using System.Net;
using System.Text;
using Sip.B2bua.TestKit;
using Sip.Messages;
using Sip.Transports;

namespace Sip.Tests.Transports;

public sealed class MemoryNetworkTests
{
    private readonly VirtualTime time = new();
    private readonly TestSink sink = new();

    [Fact]
    public void Datagrams_arrive_after_the_delay_and_answers_go_back()
    {
        MemoryNetwork network = new(time) { Conditions = new NetworkConditions { Delay = TimeSpan.FromMilliseconds(30) } };
        (TransportSet set, ListeningPoint udp) = Server(network, "UDP");
        MemoryPeer alice = network.AddPeer("198.51.100.7:5060");
        alice.Send("hello\nworld", udp.Address);

        network.Advance(TimeSpan.FromMilliseconds(29));
        Assert.False(sink.HasMessage);
        network.Advance(TimeSpan.FromMilliseconds(1));
        (Flow flow, string text) = sink.TakeMessage()!.Value;
        Assert.Equal("hello\r\nworld", text);
        Assert.Equal("UDP 198.51.100.7:5060", flow.ToString());
        Assert.Equal("192.0.2.1:5060", flow.Local.ToString());

        Send(set, flow, "answer");
        network.Advance(TimeSpan.FromSeconds(1));
        PeerMessage answer = alice.Take()!;
        Assert.Equal("answer", answer.Text);
        Assert.Equal(udp.Address, answer.From);
        Assert.Equal(TimeSpan.FromMilliseconds(60), answer.At);
    }

    [Fact]
    public void The_same_seed_gives_the_same_run_and_another_one_another()
    {
        Assert.Equal(Run(5), Run(5));
        Assert.NotEqual(Run(5), Run(6));

        static string Run(int seed)
        {
            VirtualTime time = new();
            TestSink sink = new();
            MemoryNetwork network = new(time, seed)
            {
                Conditions = new NetworkConditions
                {
                    Loss = 0.2,
                    Duplicate = 0.2,
                    Reorder = 0.2,
                    Jitter = TimeSpan.FromMilliseconds(10),
                },
            };
            TransportSet set = new(network.CreateLoop(), sink);
            ListeningPoint udp = network.Listen([set], new ListeningPoint { Token = "UDP", Bind = IPEndPoint.Parse("192.0.2.1:5060") });
            MemoryPeer alice = network.AddPeer("198.51.100.7:5060");
            for (int i = 0; i < 100; i++)
            {
                alice.Send($"[{i}]....", udp.Address);
                network.Advance(TimeSpan.FromMilliseconds(5));
            }

            network.Advance(TimeSpan.FromSeconds(1));
            StringBuilder all = new();
            while (sink.TakeMessage() is { } message)
            {
                all.Append(message.Text);
            }

            Assert.InRange(network.DatagramsLost, 5, 40);
            return all.ToString();
        }
    }

    [Fact]
    public void An_unreachable_peer_fails_its_flow()
    {
        MemoryNetwork network = new(time);
        (TransportSet set, _) = Server(network, "UDP");
        network.AddPeer("198.51.100.7:5060").IsUnreachable = true;
        Flow flow = Find(set, "UDP", "198.51.100.7");
        Send(set, flow, "anybody?");
        network.Advance(TimeSpan.Zero);
        Assert.True(flow.IsSameWay(sink.TakeFailure()!.Value));
    }

    [Fact]
    public void A_stream_arrives_in_order_in_random_pieces()
    {
        MemoryNetwork network = new(time, seed: 4)
        {
            Conditions = new NetworkConditions { Jitter = TimeSpan.FromMilliseconds(50), MaxStreamPiece = 7, Loss = 0.5 },
        };
        (TransportSet set, ListeningPoint tcp) = Server(network, "TCP");
        MemoryPeerConnection alice = network.AddPeer("198.51.100.7:5060").Connect(tcp.Address);
        for (int i = 0; i < 20; i++)
        {
            alice.Send(Message($"number {i}"));
        }

        network.Advance(TimeSpan.FromSeconds(10));
        Flow flow = default;
        for (int i = 0; i < 20; i++)
        {
            (flow, string text) = sink.TakeMessage()!.Value;
            Assert.Equal(Message($"number {i}"), text);
        }

        Send(set, flow, Message("one"));
        Send(set, flow, Message("two"));
        network.Advance(TimeSpan.FromSeconds(10));
        Assert.Equal(Message("one"), alice.Take()!.Text);
        Assert.Equal(Message("two"), alice.Take()!.Text);
    }

    [Fact]
    public void The_server_opens_a_connection_and_uses_it_again()
    {
        MemoryNetwork network = new(time) { Conditions = new NetworkConditions { Delay = TimeSpan.FromMilliseconds(10) } };
        (TransportSet set, _) = Server(network, "TCP");
        MemoryPeer bob = network.AddPeer("198.51.100.8:5060");
        Flow flow = Find(set, "tcp", "198.51.100.8");
        Assert.True(flow.IsAlive);
        Send(set, flow, Message("first"));
        network.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(Message("first"), Assert.Single(bob.Connections).Take()!.Text);
        Assert.Same(flow.Connection, Find(set, "tcp", "198.51.100.8").Connection);
    }

    [Fact]
    public void A_connect_to_nobody_times_out_and_a_refused_one_fails_at_once()
    {
        MemoryNetwork network = new(time);
        (TransportSet set, _) = Server(network, "TCP");
        network.AddPeer("198.51.100.8:5060").AcceptsConnections = false;
        Flow refused = Find(set, "TCP", "198.51.100.8");
        network.Advance(TimeSpan.Zero);
        Assert.True(refused.IsSameWay(sink.TakeFailure()!.Value));
        Assert.Equal(CloseReason.ConnectFailed, refused.Connection!.CloseReason);

        Flow nobody = Find(set, "TCP", "198.51.100.9");
        network.Advance(TimeSpan.FromMilliseconds(9999));
        Assert.Null(sink.TakeFailure());
        network.Advance(TimeSpan.FromMilliseconds(1));
        Assert.True(nobody.IsSameWay(sink.TakeFailure()!.Value));
        Assert.Equal(CloseReason.ConnectTimeout, nobody.Connection!.CloseReason);
    }

    [Fact]
    public void An_hour_of_silence_closes_a_connection_and_traffic_keeps_it()
    {
        MemoryNetwork network = new(time);
        (_, ListeningPoint tcp) = Server(network, "TCP");
        MemoryPeerConnection alice = network.AddPeer("198.51.100.7:5060").Connect(tcp.Address);
        network.Advance(TimeSpan.FromMinutes(59));
        alice.Send("\r\n\r\n"u8);
        network.Advance(TimeSpan.FromMinutes(59));
        Assert.False(alice.IsClosed);
        Assert.Equal("\r\n"u8.ToArray(), alice.RawReceived);
        network.Advance(TimeSpan.FromMinutes(1) + TimeSpan.FromMilliseconds(1));
        Assert.True(alice.IsClosed);
        Assert.Equal(CloseReason.Idle, sink.TakeFailure()!.Value.Connection!.CloseReason);
    }

    [Fact]
    public void A_message_must_be_whole_thirty_seconds_after_its_own_beginning()
    {
        MemoryNetwork network = new(time);
        (_, ListeningPoint tcp) = Server(network, "TCP");
        MemoryPeerConnection alice = network.AddPeer("198.51.100.7:5060").Connect(tcp.Address);
        string message = Message("slow");
        alice.Send(message[..10]);
        network.Advance(TimeSpan.FromSeconds(20));
        alice.Send(message[10..] + message[..10]);
        network.Advance(TimeSpan.FromSeconds(20));
        Assert.Equal(message, sink.TakeMessage()!.Value.Text);
        Assert.False(alice.IsClosed);
        alice.Send(message[10..12]);
        network.Advance(TimeSpan.FromMilliseconds(9999));
        Assert.False(alice.IsClosed);
        network.Advance(TimeSpan.FromMilliseconds(1));
        Assert.True(alice.IsClosed);
        Assert.Equal(CloseReason.PartialMessage, sink.TakeFailure()!.Value.Connection!.CloseReason);
    }

    [Fact]
    public void Garbage_leaves_half_a_second_for_the_answers_to_what_came_before()
    {
        MemoryNetwork network = new(time);
        (TransportSet set, ListeningPoint tcp) = Server(network, "TCP");
        MemoryPeerConnection alice = network.AddPeer("198.51.100.7:5060").Connect(tcp.Address);
        alice.Send(Message("good") + "{garbage}");
        network.Advance(TimeSpan.FromMilliseconds(499));
        Flow flow = sink.TakeMessage()!.Value.Flow;
        Assert.False(flow.IsAlive);
        Assert.False(alice.IsClosed);

        // Nothing is read any more, and no new request leaves here, but what answers the first does.
        alice.Send(Message("late"));
        Send(set, flow, "answer");
        network.Advance(TimeSpan.Zero);
        Assert.False(sink.HasMessage);
        Assert.Equal("answer", Encoding.ASCII.GetString([.. alice.RawReceived]));
        network.Advance(TimeSpan.FromMilliseconds(1));
        Assert.True(alice.IsClosed);
        Assert.Equal(CloseReason.Framing, sink.TakeFailure()!.Value.Connection!.CloseReason);
        Send(set, flow, "too late");
        network.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(6, alice.RawReceived.Count);
    }

    [Fact]
    public void A_peer_that_does_not_read_is_closed_when_its_queue_is_full()
    {
        MemoryNetwork network = new(time);
        (TransportSet set, ListeningPoint tcp) = Server(network, "TCP", new TransportOptions { MaxSendQueueBytes = 1000 });
        MemoryPeerConnection alice = network.AddPeer("198.51.100.7:5060").Connect(tcp.Address);
        alice.Send(Message("x"));
        network.Advance(TimeSpan.Zero);
        Flow flow = sink.TakeMessage()!.Value.Flow;
        alice.IsReading = false;
        Send(set, flow, new string('a', 600));
        alice.IsReading = true;
        network.Advance(TimeSpan.Zero);
        Assert.Equal(600, alice.RawReceived.Count);
        alice.IsReading = false;
        Send(set, flow, new string('a', 600));
        Send(set, flow, new string('a', 600));
        network.Advance(TimeSpan.Zero);
        Assert.Equal(CloseReason.SendQueueFull, sink.TakeFailure()!.Value.Connection!.CloseReason);
    }

    [Fact]
    public void Many_loops_share_a_point_and_each_peer_stays_with_one()
    {
        MemoryNetwork network = new(time);
        TransportSet[] sets = [new(network.CreateLoop(), sink), new(network.CreateLoop(), sink)];
        TransportSet.Link(sets);
        ListeningPoint udp = network.Listen(sets, new ListeningPoint { Token = "UDP", Bind = IPEndPoint.Parse("192.0.2.1:5060") });
        HashSet<int> used = [];
        for (int i = 1; i < 20; i++)
        {
            MemoryPeer peer = network.AddPeer($"198.51.100.{i}:5060");
            peer.Send("first", udp.Address);
            peer.Send("second", udp.Address);
            network.Advance(TimeSpan.Zero);
            int first = sink.TakeMessage()!.Value.Flow.Transport.Loop.Number;
            Assert.Equal(first, sink.TakeMessage()!.Value.Flow.Transport.Loop.Number);
            used.Add(first);
        }

        Assert.Equal(2, used.Count);
    }

    [Theory]
    [InlineData(null, null, "192.0.2.1:5060")]
    [InlineData("sip.example.com", null, "sip.example.com:5060")]
    [InlineData("203.0.113.5", 15060, "203.0.113.5:15060")]
    public void Sent_by_is_the_advertised_host_or_the_address_itself(string? host, int? port, string expected)
    {
        MemoryNetwork network = new(time);
        TransportSet set = new(network.CreateLoop(), sink);
        network.Listen([set], new ListeningPoint
        {
            Token = "UDP",
            Bind = IPEndPoint.Parse("192.0.2.1:5060"),
            AdvertisedHost = host,
            AdvertisedPort = port,
        });
        Assert.Equal(expected, SentBy(set, Find(set, "UDP", "198.51.100.8")));
    }

    [Theory]
    [InlineData("203.0.113.5", "10.0.0.5", "198.51.100.8", "203.0.113.5:5060")] // somebody in the Internet
    [InlineData("203.0.113.5", "10.0.0.5", "10.0.0.9", "10.0.0.5:5060")] // next door
    [InlineData("203.0.113.5", "10.0.0.5", "192.168.7.7", "10.0.0.5:5060")] // another branch of the house, reached without the Internet
    [InlineData("203.0.113.5", "10.0.0.5", "100.64.0.1", "10.0.0.5:5060")]
    [InlineData("172.16.0.5", "10.0.0.5", "172.16.0.9", "172.16.0.5:5060")] // a NAT between two private networks
    [InlineData("172.16.0.5", "127.0.0.1", "127.0.0.9", "127.0.0.1:5060")]
    public void A_peer_outside_sees_the_advertised_address_and_a_peer_inside_ours(string advertised, string bound, string peer, string expected)
    {
        MemoryNetwork network = new(time);
        TransportSet set = new(network.CreateLoop(), sink);
        network.Listen([set], new ListeningPoint
        {
            Token = "UDP",
            Bind = IPEndPoint.Parse(bound + ":5060"),
            AdvertisedAddress = SipAddress.From(IPAddress.Parse(advertised), 0),
        });
        Flow flow = Find(set, "UDP", peer);
        Assert.Equal(expected, SentBy(set, flow));
        Assert.Equal(expected, set.AddressFor(flow).WithPort(5060).ToString());
    }

    [Fact]
    public void An_IPv6_peer_inside_sees_our_own_address()
    {
        foreach (string inside in new[] { "fd00::1", "fe80::1", "::1", "169.254.1.1", "127.0.0.1", "172.31.0.1" })
        {
            Assert.True(SipAddress.From(IPAddress.Parse(inside), 0).IsPrivate, inside);
        }

        foreach (string outside in new[] { "2001:db8::1", "fec0::1", "172.32.0.1", "192.169.0.1", "100.128.0.1", "11.0.0.1" })
        {
            Assert.False(SipAddress.From(IPAddress.Parse(outside), 0).IsPrivate, outside);
        }
    }

    [Fact]
    public void The_narrowest_network_decides_which_point_sends()
    {
        MemoryNetwork network = new(time);
        TransportSet set = new(network.CreateLoop(), sink);
        Listen("192.0.2.1", "10.0.0.0/8");
        Listen("192.0.2.2", "10.1.0.0/16,172.16.0.0/12");
        Assert.False(set.TryGetFlow("UDP"u8, SipAddress.From(IPEndPoint.Parse("198.51.100.8:5060")), out _));
        Listen("192.0.2.3");
        Assert.Equal("192.0.2.1", Local("10.2.0.1"));
        Assert.Equal("192.0.2.2", Local("10.1.0.1"));
        Assert.Equal("192.0.2.2", Local("172.31.0.1"));
        Assert.Equal("192.0.2.3", Local("198.51.100.8"));

        void Listen(string address, string? networks = null) => network.Listen([set], new ListeningPoint
        {
            Index = set.Transports.Count,
            Token = "UDP",
            Bind = IPEndPoint.Parse(address + ":5060"),
            Networks = [.. networks?.Split(',').Select(IPNetwork.Parse) ?? []],
        });

        string Local(string peer) => Find(set, "UDP", peer).Transport.Point.Bind.Address.ToString();
    }

    [Fact]
    public void RFC_5626_4_4_1_an_idle_connection_is_sent_empty_lines_and_closed_when_nobody_answers()
    {
        MemoryNetwork network = new(time);
        (_, ListeningPoint tcp) = Server(network, "TCP", new TransportOptions { KeepAliveSeconds = 20, IdleSeconds = 50 });
        MemoryPeerConnection alice = network.AddPeer("198.51.100.7:5060").Connect(tcp.Address);
        network.Advance(TimeSpan.FromSeconds(19));
        Assert.Empty(alice.RawReceived);
        network.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal("\r\n\r\n", Encoding.ASCII.GetString([.. alice.RawReceived]));
        alice.Send("\r\n");
        network.Advance(TimeSpan.FromSeconds(45));
        Assert.Equal("\r\n\r\n\r\n\r\n\r\n\r\n", Encoding.ASCII.GetString([.. alice.RawReceived]));
        Assert.False(alice.IsClosed);
        network.Advance(TimeSpan.FromSeconds(5));
        Assert.True(alice.IsClosed);
    }

    [Fact]
    public void RFC_5626_4_4_1_two_answers_to_our_pings_are_no_ping()
    {
        MemoryNetwork network = new(time);
        (_, ListeningPoint tcp) = Server(network, "TCP", new TransportOptions { KeepAliveSeconds = 20 });
        MemoryPeerConnection alice = network.AddPeer("198.51.100.7:5060").Connect(tcp.Address);
        for (int i = 0; i < 3; i++)
        {
            network.Advance(TimeSpan.FromSeconds(20));
            alice.Send("\r\n");
        }

        network.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(12, alice.RawReceived.Count);
        alice.Send("\r\n\r\n");
        network.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(14, alice.RawReceived.Count);
    }

    [Fact]
    public void A_connection_in_use_is_sent_no_empty_lines()
    {
        MemoryNetwork network = new(time);
        (_, ListeningPoint tcp) = Server(network, "TCP", new TransportOptions { KeepAliveSeconds = 20 });
        MemoryPeerConnection alice = network.AddPeer("198.51.100.7:5060").Connect(tcp.Address);
        for (int i = 0; i < 10; i++)
        {
            alice.Send(Message("busy"));
            network.Advance(TimeSpan.FromSeconds(15));
        }

        Assert.Empty(alice.RawReceived);
    }

    [Fact]
    public void RFC_5626_3_5_1_a_datagram_flow_is_kept_open_for_as_long_as_asked()
    {
        MemoryNetwork network = new(time);
        (TransportSet set, _) = Server(network, "UDP");
        MemoryPeer alice = network.AddPeer("198.51.100.7:5060");
        Flow flow = Find(set, "UDP", "198.51.100.7");
        set.KeepOpen(flow, TimeSpan.FromSeconds(25), TimeSpan.FromSeconds(60));
        network.Advance(TimeSpan.FromSeconds(30));
        Assert.Equal("\r\n\r\n", alice.Take()!.Text);
        set.KeepOpen(flow, TimeSpan.FromSeconds(25), TimeSpan.FromSeconds(60));
        network.Advance(TimeSpan.FromSeconds(300));
        Assert.Equal(TimeSpan.FromSeconds(50), alice.Take()!.At);
        Assert.Equal(TimeSpan.FromSeconds(75), alice.Take()!.At);
        Assert.Null(alice.Take());
        Assert.Equal(0, set.Loop.Timers.Count);
        set.KeepOpen(flow, TimeSpan.FromSeconds(25), TimeSpan.FromSeconds(60));
        set.KeepOpen(flow, TimeSpan.FromSeconds(25), TimeSpan.Zero);
        network.Advance(TimeSpan.FromSeconds(300));
        Assert.Null(alice.Take());
    }

    [Fact]
    public void Sent_by_of_a_wildcard_is_the_address_the_peer_used_or_the_one_the_system_would_use()
    {
        MemoryNetwork network = new(time);
        TransportSet set = new(network.CreateLoop(), sink);
        network.Listen([set], new ListeningPoint { Token = "UDP", Bind = IPEndPoint.Parse("0.0.0.0:5060") });
        Flow flow = Find(set, "UDP", "127.0.0.9");
        Assert.Equal("127.0.0.1:5060", SentBy(set, flow));
        Assert.True(SipAddress.TryParse("127.0.0.4"u8, 0, out SipAddress used));
        Assert.Equal("127.0.0.4:5060", SentBy(set, new Flow(flow.Transport, used, flow.Remote)));
    }

    [Fact]
    public void A_clock_fires_its_own_timers_in_order_each_at_its_time()
    {
        List<string> fired = [];
        using ITimer every = time.CreateTimer(_ => fired.Add($"every {time.Elapsed.TotalSeconds}"), null, TimeSpan.FromSeconds(2), TimeSpan.FromSeconds(2));
        using ITimer once = time.CreateTimer(_ => fired.Add($"once {time.Elapsed.TotalSeconds}"), null, TimeSpan.FromSeconds(3), Timeout.InfiniteTimeSpan);
        using ITimer never = time.CreateTimer(_ => fired.Add("never"), null, TimeSpan.FromSeconds(1), Timeout.InfiniteTimeSpan);
        never.Dispose();
        time.Advance(TimeSpan.FromSeconds(5));
        Assert.Equal(["every 2", "once 3", "every 4"], fired);
        Assert.Equal(new DateTimeOffset(2030, 1, 1, 0, 0, 5, TimeSpan.Zero), time.GetUtcNow());
    }

    private static string Message(string body) => $"MESSAGE sip:a@b SIP/2.0\r\nContent-Length: {body.Length}\r\n\r\n{body}";

    private static Flow Find(TransportSet set, string token, string host)
    {
        Assert.True(SipAddress.TryParse(Encoding.ASCII.GetBytes(host), 5060, out SipAddress remote));
        Assert.True(set.TryGetFlow(Encoding.ASCII.GetBytes(token), remote, out Flow flow));
        return flow;
    }

    private static string SentBy(TransportSet set, Flow flow)
    {
        byte[] text = new byte[300];
        return Encoding.ASCII.GetString(text, 0, set.WriteSentBy(flow, text));
    }

    private static void Send(TransportSet set, Flow flow, string text)
    {
        SipBuffer buffer = SocketServer.Buffer(set, text);
        set.Send(flow, buffer);
        buffer.Release();
    }

    private (TransportSet Set, ListeningPoint Point) Server(MemoryNetwork network, string token, TransportOptions? options = null)
    {
        TransportSet set = new(network.CreateLoop(), sink, options);
        return (set, network.Listen([set], new ListeningPoint { Token = token, Bind = IPEndPoint.Parse("192.0.2.1:5060") }));
    }
}

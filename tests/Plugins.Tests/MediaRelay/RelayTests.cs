using System.Net;
using System.Net.Sockets;
using Sip.B2bua.Plugins.MediaRelay;

namespace Plugins.Tests.MediaRelay;

public sealed class RelayTests : IDisposable
{
    private readonly RelayFixture relay = new();
    private readonly MediaPhone alice = new("127.0.0.2");
    private readonly MediaPhone bob = new("127.0.0.3");
    private readonly MediaPhone mallory = new("127.0.0.66");

    public void Dispose()
    {
        relay.Dispose();
        alice.Dispose();
        bob.Dispose();
        mallory.Dispose();
    }

    [Fact]
    public void Rtp_and_rtcp_go_both_ways()
    {
        RelaySession session = relay.Connect(alice, bob);
        alice.SendRtp(1);
        alice.SendRtcp(2);
        bob.SendRtp(3);
        bob.SendRtcp(4);
        relay.Turn();
        Assert.Equal(1, MediaPhone.Heard(bob.Rtp));
        Assert.Equal(2, MediaPhone.Heard(bob.Rtcp));
        Assert.Equal(3, MediaPhone.Heard(alice.Rtp));
        Assert.Equal(4, MediaPhone.Heard(alice.Rtcp));
        RelayCounters counters = RelaySession.Count(session.Front);
        Assert.Equal((2, 2, 200), (counters.PacketsIn, counters.PacketsOut, counters.OctetsIn));
    }

    [Fact]
    public void The_party_hears_the_port_that_it_sends_to() // RFC 4961: symmetric RTP
    {
        relay.Connect(alice, bob);
        bob.SendRtp(1);
        relay.Turn();
        EndPoint from = new IPEndPoint(IPAddress.Any, 0);
        alice.Rtp.ReceiveFrom(new byte[2000], ref from);
        Assert.Equal(alice.Target, from);
    }

    [Fact]
    public void Before_the_first_packet_the_described_address_is_sent_to()
    {
        relay.Connect(alice, bob);
        alice.SendRtp(1);
        relay.Turn();
        Assert.Equal(1, MediaPhone.Heard(bob.Rtp));
    }

    [Fact]
    public void A_stranger_is_not_heard_and_causes_nothing_to_be_sent()
    {
        RelaySession session = relay.Connect(alice, bob);
        mallory.Rtp.SendTo(MediaPhone.Packet(66), alice.Target);
        mallory.Rtp.SendTo(MediaPhone.Packet(66), bob.Target);
        bob.SendRtp(3);
        relay.Turn();
        Assert.Equal(-1, MediaPhone.Heard(bob.Rtp));
        Assert.Equal(3, MediaPhone.Heard(alice.Rtp));
        Assert.Equal(-1, MediaPhone.Heard(mallory.Rtp));
        Assert.Equal(1, RelaySession.Count(session.Front).Refused);
        Assert.Equal(1, RelaySession.Count(session.Branches[0]).Refused);
    }

    [Fact]
    public void A_stranger_does_not_get_in_after_silence_either()
    {
        relay.Connect(alice, bob);
        alice.SendRtp(1);
        relay.Turn();
        MediaPhone.Heard(bob.Rtp);
        relay.Time.Advance(TimeSpan.FromMinutes(1));
        mallory.Rtp.SendTo(MediaPhone.Packet(66), alice.Target);
        bob.SendRtp(3);
        relay.Turn();
        Assert.Equal(-1, MediaPhone.Heard(bob.Rtp));
        Assert.Equal(-1, MediaPhone.Heard(mallory.Rtp));
        Assert.Equal(3, MediaPhone.Heard(alice.Rtp));
    }

    [Fact]
    public void A_phone_behind_nat_is_answered_where_its_packets_come_from()
    {
        RelaySession session = relay.Open("127.0.0.2");
        RelayLeg back = session.AddBranch(RelayFixture.Party("127.0.0.3"));
        RelayFixture.Offer(session, session.Front, back, alice.Sdp(address: "192.168.1.5"));
        alice.Learn(RelayFixture.Answer(session, back, session.Front, bob.Sdp()));
        alice.Move();
        alice.SendRtp(1);
        relay.Turn();
        Assert.Equal(1, MediaPhone.Heard(bob.Rtp));
        IPEndPoint learned = session.Front.ChannelAt(0)!.Rtp.Learned!;
        Assert.Equal((IPEndPoint)alice.Rtp.LocalEndPoint!, learned);
    }

    [Fact]
    public void Another_port_of_the_same_phone_takes_over_only_after_five_seconds_of_silence()
    {
        relay.Connect(alice, bob);
        alice.SendRtp(1);
        relay.Turn();
        Assert.Equal(1, MediaPhone.Heard(bob.Rtp));
        alice.Move();

        relay.Time.Advance(TimeSpan.FromMilliseconds(4999));
        alice.SendRtp(2);
        relay.Turn();
        Assert.Equal(-1, MediaPhone.Heard(bob.Rtp));

        relay.Time.Advance(TimeSpan.FromMilliseconds(1));
        alice.SendRtp(3);
        bob.SendRtp(4);
        relay.Turn();
        Assert.Equal(3, MediaPhone.Heard(bob.Rtp));
        Assert.Equal(4, MediaPhone.Heard(alice.Rtp));
    }

    [Fact]
    public void Rtp_and_rtcp_are_learned_each_by_itself()
    {
        RelaySession session = relay.Connect(alice, bob);
        alice.SendRtcp(1);
        relay.Turn();
        Assert.Null(session.Front.ChannelAt(0)!.Rtp.Learned);
        Assert.Equal(alice.RtcpPort, session.Front.ChannelAt(0)!.Rtcp.Learned!.Port);
    }

    [Fact]
    public void A_datagram_of_any_size_crosses_whole()
    {
        relay.Connect(alice, bob);
        alice.Rtp.SendTo(MediaPhone.Packet(7, 9000), alice.Target);
        relay.Turn();
        Assert.Equal(9000, bob.Rtp.Available);
        Assert.Equal(7, MediaPhone.Heard(bob.Rtp));
    }

    [Fact]
    public void An_empty_datagram_is_learned_from_but_not_sent_on()
    {
        RelaySession session = relay.Connect(alice, bob);
        alice.Rtp.SendTo([], alice.Target);
        relay.Turn();
        Assert.False(bob.Rtp.Poll(0, SelectMode.SelectRead));
        Assert.Equal(alice.Port, session.Front.ChannelAt(0)!.Rtp.Learned!.Port);
    }

    [Fact]
    public void Muxed_rtcp_arrives_on_the_rtp_port() // RFC 5761
    {
        RelaySession session = relay.Connect(alice, bob, "a=rtcp-mux\r\n");
        Assert.True(session.Front.ChannelAt(0)!.Muxed);
        alice.Rtp.SendTo(MediaPhone.RtcpPacket(9), alice.Target);
        relay.Turn();
        Assert.Equal(9, MediaPhone.Heard(bob.Rtp));
        Assert.Equal(-1, MediaPhone.Heard(bob.Rtcp));
        Assert.Equal(alice.Target.Port, alice.RtcpTarget.Port);
    }

    [Fact]
    public void Mux_that_was_offered_but_not_answered_is_not_used() // RFC 5761 5.1.1
    {
        RelaySession session = relay.Open("127.0.0.2");
        RelayLeg back = session.AddBranch(RelayFixture.Party("127.0.0.3"));
        bob.Learn(RelayFixture.Offer(session, session.Front, back, alice.Sdp(extra: "a=rtcp-mux\r\n")));
        alice.Learn(RelayFixture.Answer(session, back, session.Front, bob.Sdp()));
        Assert.False(back.ChannelAt(0)!.Muxed);
        bob.SendRtcp(4);
        relay.Turn();
        Assert.Equal(4, MediaPhone.Heard(alice.Rtcp));
    }

    [Fact]
    public void On_hold_the_held_party_gets_no_rtp_but_rtcp() // RFC 3264 5.1
    {
        RelaySession session = relay.Connect(alice, bob);
        RelayLeg back = session.Branches[0];
        RelayFixture.Offer(session, session.Front, back, alice.Sdp(extra: "a=sendonly\r\n"));
        RelayFixture.Answer(session, back, session.Front, bob.Sdp(extra: "a=recvonly\r\n"));
        alice.SendRtp(1);
        bob.SendRtp(3);
        bob.SendRtcp(4);
        relay.Turn();
        Assert.Equal(1, MediaPhone.Heard(bob.Rtp));
        Assert.Equal(-1, MediaPhone.Heard(alice.Rtp));
        Assert.Equal(4, MediaPhone.Heard(alice.Rtcp));
    }

    [Fact]
    public void Inactive_stops_both_ways_and_sendrecv_starts_them_again()
    {
        RelaySession session = relay.Connect(alice, bob);
        RelayLeg back = session.Branches[0];
        RelayFixture.Offer(session, session.Front, back, alice.Sdp(extra: "a=inactive\r\n"));
        RelayFixture.Answer(session, back, session.Front, bob.Sdp(extra: "a=inactive\r\n"));
        alice.SendRtp(1);
        bob.SendRtp(2);
        relay.Turn();
        Assert.Equal(-1, MediaPhone.Heard(bob.Rtp));
        Assert.Equal(-1, MediaPhone.Heard(alice.Rtp));
        RelayFixture.Offer(session, session.Front, back, alice.Sdp());
        RelayFixture.Answer(session, back, session.Front, bob.Sdp());
        alice.SendRtp(3);
        bob.SendRtp(4);
        relay.Turn();
        Assert.Equal(3, MediaPhone.Heard(bob.Rtp));
        Assert.Equal(4, MediaPhone.Heard(alice.Rtp));
    }

    [Fact]
    public void Hold_by_the_unspecified_address_stops_rtp_and_rtcp_and_keeps_what_was_learned() // RFC 3264 8.4
    {
        RelaySession session = relay.Connect(alice, bob);
        RelayLeg back = session.Branches[0];
        alice.SendRtp(1);
        relay.Turn();
        MediaPhone.Heard(bob.Rtp);
        string offer = RelayFixture.Offer(session, session.Front, back, alice.Sdp(address: "0.0.0.0"));
        Assert.Contains("c=IN IP4 0.0.0.0\r\n", offer, StringComparison.Ordinal);
        RelayFixture.Answer(session, back, session.Front, bob.Sdp());
        bob.SendRtp(2);
        bob.SendRtcp(3);
        relay.Turn();
        Assert.Equal(-1, MediaPhone.Heard(alice.Rtp));
        Assert.Equal(-1, MediaPhone.Heard(alice.Rtcp));
        Assert.NotNull(session.Front.ChannelAt(0)!.Rtp.Learned);
    }

    [Fact]
    public void A_changed_session_keeps_our_ports() // RFC 3264 8.3.1
    {
        RelaySession session = relay.Connect(alice, bob);
        RelayLeg back = session.Branches[0];
        (int front, int behind, int used) = (alice.Target.Port, bob.Target.Port, relay.Engine.Ports.InUse);
        Assert.Equal(behind, MediaPhone.PortOf(RelayFixture.Offer(session, session.Front, back, alice.Sdp())));
        Assert.Equal(front, MediaPhone.PortOf(RelayFixture.Answer(session, back, session.Front, bob.Sdp())));
        Assert.Equal(front, MediaPhone.PortOf(RelayFixture.Offer(session, back, session.Front, bob.Sdp())));
        Assert.Equal(behind, MediaPhone.PortOf(RelayFixture.Answer(session, session.Front, back, alice.Sdp())));
        Assert.Equal(used, relay.Engine.Ports.InUse);
    }

    [Fact]
    public void A_new_described_port_is_learned_anew_at_once()
    {
        RelaySession session = relay.Connect(alice, bob);
        alice.SendRtp(1);
        relay.Turn();
        MediaPhone.Heard(bob.Rtp);
        alice.Move();
        RelayFixture.Offer(session, session.Front, session.Branches[0], alice.Sdp());
        bob.SendRtp(2);
        relay.Turn();
        Assert.Equal(2, MediaPhone.Heard(alice.Rtp));
    }

    [Fact]
    public void A_refused_offer_leaves_the_session_as_it_was() // RFC 3264 8
    {
        RelaySession session = relay.Connect(alice, bob);
        RelayFixture.Offer(session, session.Front, session.Branches[0], alice.Sdp(extra: "a=inactive\r\n"));
        RelaySession.Reject(session.Front);
        bob.SendRtp(2);
        relay.Turn();
        Assert.Equal(2, MediaPhone.Heard(alice.Rtp));
    }

    [Fact]
    public void Ipv6_on_one_side_and_ipv4_on_the_other()
    {
        using MediaPhone carol = new("::1");
        RelaySession session = relay.Connect(alice, carol);
        Assert.Equal(IPAddress.IPv6Loopback, carol.Target.Address);
        Assert.Equal(IPAddress.Loopback, alice.Target.Address);
        alice.SendRtp(1);
        carol.SendRtp(2);
        carol.SendRtcp(3);
        relay.Turn();
        Assert.Equal(1, MediaPhone.Heard(carol.Rtp));
        Assert.Equal(2, MediaPhone.Heard(alice.Rtp));
        Assert.Equal(3, MediaPhone.Heard(alice.Rtcp));
        session.Close();
    }

    [Fact]
    public void Fax_over_udptl_crosses() // T.38
    {
        RelaySession session = relay.Open("127.0.0.2");
        RelayLeg back = session.AddBranch(RelayFixture.Party("127.0.0.3"));
        bob.Learn(RelayFixture.Offer(session, session.Front, back, alice.Sdp(media: "image", protocol: "udptl t38")));
        alice.Learn(RelayFixture.Answer(session, back, session.Front, bob.Sdp(media: "image", protocol: "udptl t38")));
        alice.Rtp.SendTo([0, 1, 2, 3, 4, 42], alice.Target);
        relay.Turn();
        Assert.Equal(42, MediaPhone.Heard(bob.Rtp));
    }

    [Fact]
    public void A_port_of_the_relay_itself_is_not_sent_to()
    {
        RelaySession session = relay.Open("127.0.0.1");
        RelayLeg back = session.AddBranch(RelayFixture.Party("127.0.0.3"));
        bob.Learn(RelayFixture.Offer(session, session.Front, back, alice.Sdp()));
        int own = session.Front.ChannelAt(0)!.Port;
        string loop = $"v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio {own} RTP/AVP 0\r\n";
        RelayFixture.Offer(session, session.Front, back, System.Text.Encoding.ASCII.GetBytes(loop));
        bob.SendRtp(1);
        relay.Turn();
        RelayCounters front = RelaySession.Count(session.Front);
        Assert.Equal((0, 0), (front.PacketsIn, front.PacketsOut));
    }

    [Fact]
    public void Relaying_a_packet_allocates_nothing()
    {
        relay.Connect(alice, bob);
        byte[] packet = MediaPhone.Packet(1);
        SocketAddress to = alice.Target.Serialize();
        byte[] drain = new byte[2000];
        for (int i = 0; i < 30; i++)
        {
            alice.Rtp.SendTo(packet, SocketFlags.None, to);
            relay.Turn(1);
            bob.Rtp.Receive(drain);
        }

        long allocated = 0;
        for (int i = 0; i < 100; i++)
        {
            alice.Rtp.SendTo(packet, SocketFlags.None, to);
            long before = GC.GetAllocatedBytesForCurrentThread();
            relay.Turn(1);
            allocated += GC.GetAllocatedBytesForCurrentThread() - before;
            Assert.Equal(packet.Length, bob.Rtp.Receive(drain));
        }

        Assert.Equal(0, allocated);
    }
}

using System.Buffers;
using System.Net;
using Sip.B2bua.Plugins.MediaRelay;

namespace Plugins.Tests.MediaRelay;

public class RelayLimitTests
{
    private static readonly byte[] AudioVideo = System.Text.Encoding.ASCII.GetBytes(
        "v=0\r\no=- 1 1 IN IP4 127.0.0.2\r\ns=-\r\nc=IN IP4 127.0.0.2\r\nt=0 0\r\nm=audio 4000 RTP/AVP 0\r\nm=video 4002 RTP/AVP 31\r\n");

    private static readonly byte[] AudioOnly = System.Text.Encoding.ASCII.GetBytes(
        "v=0\r\no=- 1 1 IN IP4 127.0.0.3\r\ns=-\r\nc=IN IP4 127.0.0.3\r\nt=0 0\r\nm=audio 4000 RTP/AVP 0\r\nm=video 0 RTP/AVP 31\r\n");

    [Fact]
    public void Ten_thousand_calls_leave_no_port_open()
    {
        using RelayFixture relay = new();
        int before = Directory.GetFiles("/proc/self/fd").Length;
        for (int i = 0; i < 10_000; i++)
        {
            RelaySession session = relay.Open("127.0.0.2");
            RelayLeg back = session.AddBranch(RelayFixture.Party("127.0.0.3"));
            ArrayBufferWriter<byte> output = new();
            Assert.Equal(RelayOutcome.Relayed, session.Offer(session.Front, back, AudioOnly, output));
            if (i % 3 == 0)
            {
                session.Remove(back);
            }

            session.Close();
            session.Close();
            relay.Turn(1);
        }

        Assert.Equal(0, relay.Engine.Ports.InUse);
        Assert.Equal(0, relay.Engine.SessionCount);
        Assert.InRange(Directory.GetFiles("/proc/self/fd").Length, 0, before + 50);
    }

    [Fact]
    public void A_line_refused_in_the_answer_frees_its_ports() // RFC 3264 6
    {
        using RelayFixture relay = new();
        RelaySession session = relay.Open("127.0.0.2");
        RelayLeg back = session.AddBranch(RelayFixture.Party("127.0.0.3"));
        RelayFixture.Offer(session, session.Front, back, AudioVideo);
        Assert.Equal(4, relay.Engine.Ports.InUse);
        string answer = RelayFixture.Answer(session, back, session.Front, AudioOnly);
        relay.Turn(1);
        Assert.Equal(2, relay.Engine.Ports.InUse);
        Assert.Contains("m=video 0 RTP/AVP 31\r\n", answer, StringComparison.Ordinal);
    }

    [Fact]
    public void The_call_after_the_last_allowed_one_is_refused_and_frees_nothing_of_others()
    {
        using RelayFixture relay = new(o => new MediaRelayOptions { SdpPortRange = o.SdpPortRange, Threads = 1, MaxCalls = 1 });
        RelaySession first = relay.Open("127.0.0.2");
        Assert.Null(relay.Engine.TryOpen(RelayFixture.Party("127.0.0.2")));
        Assert.Equal(1, relay.Engine.SessionCount);
        first.Close();
        Assert.NotNull(relay.Engine.TryOpen(RelayFixture.Party("127.0.0.2")));
    }

    [Fact]
    public void No_port_left_refuses_the_offer_and_the_call_gives_back_what_it_had()
    {
        using RelayFixture relay = new(minimum: 10000, maximum: 10005);
        RelaySession session = relay.Open("127.0.0.2");
        RelayLeg back = session.AddBranch(RelayFixture.Party("127.0.0.3"));
        Assert.Equal(RelayOutcome.NoPorts, session.Offer(session.Front, back, AudioVideo, new ArrayBufferWriter<byte>()));
        session.Close();
        relay.Turn(1);
        Assert.Equal(0, relay.Engine.Ports.InUse);
    }

    [Fact]
    public void A_port_that_another_program_holds_is_passed_over()
    {
        using System.Net.Sockets.Socket other = new(System.Net.Sockets.SocketType.Dgram, System.Net.Sockets.ProtocolType.Udp);
        using RelayFixture relay = new(minimum: 21000, maximum: 21003);
        other.Bind(new IPEndPoint(IPAddress.Loopback, 21001));
        RelayChannel? channel = relay.Engine.OpenChannel(relay.Engine.Threads[0], IPAddress.Loopback);
        Assert.Equal(21002, channel!.Port);
        Assert.Equal(1, relay.Engine.Ports.InUse);
    }

    [Fact]
    public void A_call_without_media_is_found_after_the_period_and_one_with_media_is_not()
    {
        using RelayFixture relay = new();
        using MediaPhone alice = new("127.0.0.2");
        using MediaPhone bob = new("127.0.0.3");
        RelaySession idle = relay.Connect(alice, bob);
        RelaySession live = relay.Connect(alice, bob);
        relay.Time.Advance(TimeSpan.FromMinutes(59));
        alice.SendRtp(1);
        relay.Turn();
        relay.Time.Advance(TimeSpan.FromMinutes(1));
        List<RelaySession> found = [];
        relay.Engine.FindIdle(3_600_000, found.Add);
        Assert.Equal([idle], found);
        relay.Time.Advance(TimeSpan.FromHours(1));
        relay.Engine.FindIdle(3_600_000, found.Add);
        Assert.Contains(live, found);
    }

    [Fact]
    public void After_close_nothing_is_relayed_any_more()
    {
        using RelayFixture relay = new();
        RelaySession session = relay.Open("127.0.0.2");
        RelayLeg back = session.AddBranch(RelayFixture.Party("127.0.0.3"));
        session.Close();
        Assert.Equal(RelayOutcome.Closed, session.Offer(session.Front, back, AudioOnly, new ArrayBufferWriter<byte>()));
    }

    [Fact]
    public void The_threads_move_packets_by_themselves()
    {
        using RelayFixture relay = new();
        using MediaPhone alice = new("127.0.0.2");
        using MediaPhone bob = new("127.0.0.3");
        relay.Engine.Start();
        relay.Connect(alice, bob);
        alice.SendRtp(1);
        Assert.True(bob.Rtp.Poll(5_000_000, System.Net.Sockets.SelectMode.SelectRead));
        Assert.Equal(1, MediaPhone.Heard(bob.Rtp));
    }
}

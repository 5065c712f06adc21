using System.Net;
using System.Text;
using Sip.B2bua.Plugins.MediaRelay;

namespace Plugins.Tests.MediaRelay;

public sealed class SdpRewriterTests : IDisposable
{
    private const string Head = "v=0\r\no=alice 53 2353 IN IP4 10.0.0.5\r\ns=Talk\r\nc=IN IP4 10.0.0.5\r\nt=0 0\r\n";

    private readonly RelayFixture relay = new();

    public void Dispose() => relay.Dispose();

    [Fact]
    public void The_callee_sees_our_address_and_ports_and_every_other_line_as_it_was()
    {
        (string seen, RelayLeg back) = OfferToBob(Head + "b=AS:380\r\na=x:kept\r\nm=audio 7078 RTP/AVP 96 0\r\na=rtpmap:96 opus/48000/2\r\na=fmtp:96 useinbandfec=1\r\n");
        Assert.Equal(
            $"v=0\r\no=- {back.SessionId} 1 IN IP4 127.0.0.1\r\ns=Talk\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nb=AS:380\r\na=x:kept\r\na=nortpproxy:yes\r\n"
            + $"m=audio {back.ChannelAt(0)!.Port} RTP/AVP 96 0\r\na=rtpmap:96 opus/48000/2\r\na=fmtp:96 useinbandfec=1\r\n",
            seen);
    }

    [Fact]
    public void Nothing_of_the_callers_network_reaches_the_callee()
    {
        (string seen, _) = OfferToBob(
            "v=0\r\no=alice-10.0.0.5 53 2353 IN IP4 pc.home.lan\r\ns=Talk on 10.0.0.5\r\ni=10.0.0.5\r\ne=alice@pc.home.lan\r\nc=IN IP4 10.0.0.5\r\nt=0 0\r\n"
            + "a=ice-ufrag:ab\r\na=ice-pwd:cd\r\na=ice-options:trickle\r\na=alt:1 1 : AB CD 10.9.9.9 7078\r\n"
            + "m=audio 7078 RTP/AVP 0\r\nc=IN IP4 10.0.0.6\r\na=rtcp:7079 IN IP4 10.0.0.6\r\na=candidate:1 1 UDP 2130706431 10.7.7.7 7078 typ host\r\n"
            + "a=remote-candidates:1 10.8.8.8 7078\r\na=end-of-candidates\r\na=altc:1 IP4 10.6.6.6 7078\r\na=ssrc:1 cname:alice@10.7.7.7\r\n"
            + "a=source-filter: incl IN IP4 * 10.5.5.5\r\na=X-seen-from:127.0.0.2\r\na=sendrecv\r\n"
            + "m=message 7000 TCP/MSRP *\r\na=path:msrp://10.0.0.5:7000/x;tcp\r\n");
        Assert.DoesNotContain("10.", seen, StringComparison.Ordinal);
        Assert.DoesNotContain("127.0.0.2", seen, StringComparison.Ordinal);
        Assert.DoesNotContain("home.lan", seen, StringComparison.Ordinal);
        Assert.DoesNotContain("alice", seen, StringComparison.Ordinal);
        Assert.DoesNotContain("ice-", seen, StringComparison.Ordinal);
        Assert.DoesNotContain("candidate", seen, StringComparison.Ordinal);
        Assert.Contains("s=-\r\n", seen, StringComparison.Ordinal);
        Assert.Contains("a=sendrecv\r\n", seen, StringComparison.Ordinal);
    }

    [Fact]
    public void A_line_over_tcp_is_refused_by_port_0_and_keeps_its_place() // RFC 3264 5.1
    {
        (string seen, RelayLeg back) = OfferToBob(Head + "m=message 7000 TCP/MSRP *\r\na=path:msrp://h:7000/x;tcp\r\nm=audio 7078 RTP/AVP 0\r\n");
        Assert.Contains($"m=message 0 TCP/MSRP *\r\nm=audio {back.ChannelAt(1)!.Port} RTP/AVP 0\r\n", seen, StringComparison.Ordinal);
        Assert.Null(back.ChannelAt(0));
    }

    [Fact]
    public void More_lines_than_are_relayed_are_refused_by_port_0()
    {
        string lines = string.Concat(Enumerable.Range(0, 10).Select(i => $"m=audio {7000 + (2 * i)} RTP/AVP 0\r\n"));
        (string seen, _) = OfferToBob(Head + lines);
        Assert.Equal(2, seen.Split("m=audio 0 ").Length - 1);
    }

    [Fact]
    public void A_refused_line_stays_refused_and_a_multicast_one_becomes_so()
    {
        (string seen, _) = OfferToBob(Head + "m=audio 0 RTP/AVP 0\r\nm=video 5000 RTP/AVP 31\r\nc=IN IP4 233.252.0.1/127\r\n");
        Assert.Contains("m=audio 0 RTP/AVP 0\r\nm=video 0 RTP/AVP 31\r\nc=IN IP4 127.0.0.1\r\n", seen, StringComparison.Ordinal);
    }

    [Fact]
    public void The_version_grows_only_when_the_description_changes() // RFC 3264 8
    {
        RelaySession session = relay.Open("127.0.0.2");
        RelayLeg back = session.AddBranch(RelayFixture.Party("127.0.0.3"));
        Offer(session, back, Head + "m=audio 7078 RTP/AVP 0\r\n");
        Offer(session, back, "v=0\r\no=alice 53 9999 IN IP4 10.0.0.5\r\ns=Talk\r\nc=IN IP4 10.0.0.5\r\nt=0 0\r\nm=audio 7078 RTP/AVP 0\r\n");
        Assert.Equal(1UL, back.Version);
        Offer(session, back, Head + "m=audio 7078 RTP/AVP 0\r\na=sendonly\r\n");
        Assert.Equal(2UL, back.Version);
        Assert.NotEqual(session.Front.SessionId, back.SessionId);
    }

    [Fact]
    public void A_public_address_is_written_where_it_is_set()
    {
        RelaySession session = relay.Open("127.0.0.2");
        RelayLeg back = session.AddBranch(RelayFixture.Party("127.0.0.3") with { AdvertisedIPv4 = IPAddress.Parse("203.0.113.9") });
        string seen = Offer(session, back, Head + "m=audio 7078 RTP/AVP 0\r\n");
        Assert.Contains("c=IN IP4 203.0.113.9\r\n", seen, StringComparison.Ordinal);
        Assert.Equal(IPAddress.Loopback, back.ChannelAt(0)!.Local);
    }

    [Fact]
    public void What_an_earlier_relay_marked_is_left_alone()
    {
        RelaySession session = relay.Open("127.0.0.2");
        RelayLeg back = session.AddBranch(RelayFixture.Party("127.0.0.3"));
        byte[] marked = Encoding.ASCII.GetBytes(Head + "a=nortpproxy:yes\r\nm=audio 7078 RTP/AVP 0\r\n");
        Assert.Equal(RelayOutcome.Untouched, session.Offer(session.Front, back, marked, new System.Buffers.ArrayBufferWriter<byte>()));
        byte[] answer = Encoding.ASCII.GetBytes(Head + "m=audio 7080 RTP/AVP 0\r\n");
        Assert.Equal(RelayOutcome.Untouched, session.Answer(back, session.Front, answer, new System.Buffers.ArrayBufferWriter<byte>()));
        Assert.Equal(RelayOutcome.Untouched, session.Offer(back, session.Front, answer, new System.Buffers.ArrayBufferWriter<byte>()));
        Assert.Equal(0, relay.Engine.Ports.InUse);
    }

    [Fact]
    public void A_mark_in_the_answer_to_a_relayed_offer_changes_nothing()
    {
        RelaySession session = relay.Open("127.0.0.2");
        RelayLeg back = session.AddBranch(RelayFixture.Party("127.0.0.3"));
        Offer(session, back, Head + "m=audio 7078 RTP/AVP 0\r\n");
        byte[] marked = Encoding.ASCII.GetBytes(Head + "a=nortpproxy:yes\r\nm=audio 7080 RTP/AVP 0\r\n");
        System.Buffers.ArrayBufferWriter<byte> output = new();
        Assert.Equal(RelayOutcome.Relayed, session.Answer(back, session.Front, marked, output));
        string seen = Encoding.ASCII.GetString(output.WrittenSpan);
        Assert.DoesNotContain("m=audio 7080", seen, StringComparison.Ordinal);
        Assert.Equal(2, seen.Split("a=nortpproxy:yes").Length);
    }

    [Fact]
    public void A_description_that_cannot_be_read_says_why()
    {
        RelaySession session = relay.Open("127.0.0.2");
        RelayLeg back = session.AddBranch(RelayFixture.Party("127.0.0.3"));
        Assert.Equal(RelayOutcome.BadDescription, session.Offer(session.Front, back, "nonsense"u8, new System.Buffers.ArrayBufferWriter<byte>()));
        Assert.Equal(Sip.Sdp.SdpError.BadLine, session.LastError);
    }

    [Fact]
    public void Encrypted_lines_keep_their_keys()
    {
        const string Crypto = "a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:WVNfX19zZW1jdGwgKCkgewkyMjA7fQp9CnVubGVz|2^20|1:4\r\na=zrtp-hash:1.10 ab\r\na=fingerprint:sha-256 AB:CD\r\na=setup:actpass\r\n";
        (string seen, _) = OfferToBob(Head + "m=audio 7078 RTP/SAVP 0\r\n" + Crypto);
        Assert.EndsWith(Crypto, seen, StringComparison.Ordinal);
    }

    private static string Offer(RelaySession session, RelayLeg back, string sdp) =>
        RelayFixture.Offer(session, session.Front, back, Encoding.ASCII.GetBytes(sdp));

    private (string Seen, RelayLeg Back) OfferToBob(string sdp)
    {
        RelaySession session = relay.Open("127.0.0.2");
        RelayLeg back = session.AddBranch(RelayFixture.Party("127.0.0.3"));
        return (Offer(session, back, sdp), back);
    }
}

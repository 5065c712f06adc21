using System.Text;
using Sip.B2bua.Calls;

namespace Sip.B2bua.Tests.Calls;

/// <summary>Two offers that are made each other's answers (RFC 3264 6).</summary>
public sealed class MatchedSessionTests
{
    private const string Head = "v=0\r\no=- 1 1 IN IP4 10.0.0.1\r\ns=-\r\nc=IN IP4 10.0.0.1\r\nt=0 0\r\n";

    [Fact]
    public void Formats_that_both_have_stay_under_their_own_numbers()
    {
        string answer = Answer(
            "m=audio 6000 RTP/AVP 111 9 101\r\na=rtpmap:111 opus/48000/2\r\na=fmtp:111 useinbandfec=1\r\na=rtpmap:9 G722/8000\r\na=rtpmap:101 telephone-event/8000\r\n",
            "m=audio 4000 RTP/AVP 96 0 97\r\na=rtpmap:96 OPUS/48000/2\r\na=rtpmap:97 telephone-event/8000\r\n");
        Assert.Contains("m=audio 6000 RTP/AVP 111 101\r\n", answer, StringComparison.Ordinal);
        Assert.Contains("a=fmtp:111 useinbandfec=1\r\n", answer, StringComparison.Ordinal);
        Assert.DoesNotContain("G722", answer, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("RTP/AVP 0\r\na=rtpmap:0 PCMU/8000", "RTP/AVP 0")]
    [InlineData("RTP/AVP 8", "RTP/AVP 8\r\na=rtpmap:8 pcma/8000/1")]
    public void A_static_format_needs_no_map(string own, string offer) =>
        Assert.NotEqual("", Answer($"m=audio 6000 {own}\r\n", $"m=audio 4000 {offer}\r\n"));

    [Theory]
    [InlineData("m=audio 6000 RTP/AVP 0\r\n", "m=audio 4000 RTP/AVP 8\r\n")]
    [InlineData("m=audio 6000 RTP/AVP 0 101\r\na=rtpmap:101 telephone-event/8000\r\n", "m=audio 4000 RTP/AVP 8 101\r\na=rtpmap:101 telephone-event/8000\r\n")]
    [InlineData("m=audio 6000 RTP/AVP 0\r\n", "m=audio 4000 RTP/SAVP 0\r\n")]
    [InlineData("m=audio 0 RTP/AVP 0\r\n", "m=audio 4000 RTP/AVP 0\r\n")]
    [InlineData("nonsense", "m=audio 4000 RTP/AVP 0\r\n")]
    public void Who_has_no_stream_in_common_has_no_answer(string own, string offer) => Assert.Equal("", Answer(own, offer));

    [Fact]
    public void RFC_3264_6_The_answer_has_the_streams_of_the_offer_in_its_order()
    {
        string answer = Answer(
            "m=video 6002 RTP/AVP 31\r\nm=audio 6000 RTP/AVP 0\r\nm=text 6004 RTP/AVP 98\r\n",
            "m=audio 4000 RTP/AVP 0\r\nm=image 4004 udptl t38\r\nm=video 4002 RTP/AVP 31\r\n");
        string[] lines = [.. answer.Split("\r\n").Where(line => line.StartsWith("m=", StringComparison.Ordinal))];
        Assert.Equal(["m=audio 6000 RTP/AVP 0", "m=image 0 udptl t38", "m=video 6002 RTP/AVP 31"], lines);
    }

    [Theory]
    [InlineData("sendrecv", "sendrecv", "sendrecv")]
    [InlineData("sendrecv", "sendonly", "recvonly")]
    [InlineData("sendonly", "sendrecv", "sendonly")]
    [InlineData("sendonly", "sendonly", "inactive")]
    [InlineData("inactive", "sendrecv", "inactive")]
    public void RFC_3264_6_1_The_direction_is_what_both_want(string own, string offer, string direction)
    {
        string answer = Answer($"m=audio 6000 RTP/AVP 0\r\na={own}\r\n", $"m=audio 4000 RTP/AVP 0\r\na={offer}\r\n");
        Assert.EndsWith($"a={direction}\r\n", answer, StringComparison.Ordinal);
        Assert.Equal(1, answer.Split("a=").Length - 1);
    }

    [Fact]
    public void RFC_4568_5_1_2_Both_answers_choose_the_same_cipher_each_with_the_tag_of_the_offer()
    {
        const string One = "m=audio 6000 RTP/SAVP 0\r\na=crypto:1 AES_256 inline:a\r\na=crypto:2 AES_80 inline:b\r\na=crypto:3 AES_32 inline:c\r\n";
        const string Other = "m=audio 4000 RTP/SAVP 0\r\na=crypto:7 AES_32 inline:d\r\na=crypto:8 AES_80 inline:e\r\n";
        string first = Answer(One, Other, leads: true);
        string second = Answer(Other, One, leads: false);
        Assert.Contains("a=crypto:8 AES_80 inline:b\r\n", first, StringComparison.Ordinal);
        Assert.Contains("a=crypto:2 AES_80 inline:e\r\n", second, StringComparison.Ordinal);
        Assert.Equal(1, first.Split("a=crypto").Length - 1);
        Assert.Equal("", Answer(One, "m=audio 4000 RTP/SAVP 0\r\na=crypto:1 OTHER inline:x\r\n"));
    }

    [Fact]
    public void RFC_4145_4_1_One_of_the_two_begins_the_handshake()
    {
        const string Keyed = "m=audio 6000 UDP/TLS/RTP/SAVPF 0\r\na=setup:actpass\r\na=fingerprint:sha-256 AA\r\n";
        Assert.Contains("a=setup:active\r\n", Answer(Keyed, Keyed, leads: true), StringComparison.Ordinal);
        Assert.Contains("a=setup:passive\r\n", Answer(Keyed, Keyed, leads: false), StringComparison.Ordinal);
    }

    private static string Answer(string own, string offer, bool leads = true) =>
        Encoding.UTF8.GetString(MatchedSession.AsAnswer(Encoding.UTF8.GetBytes(Head + own), Encoding.UTF8.GetBytes(Head + offer), leads));
}

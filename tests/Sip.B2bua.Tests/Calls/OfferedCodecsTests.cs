using System.Net;
using System.Text;
using Sip.B2bua.Calls;

namespace Sip.B2bua.Tests.Calls;

public sealed class OfferedCodecsTests
{
    [Theory]
    [InlineData("PCMA", "m=audio 9 RTP/AVP 8\r\na=rtpmap:8 PCMA/8000\r\n")]
    [InlineData("opus  X-A/44100/2", "m=audio 9 RTP/AVP 96 97\r\na=rtpmap:96 opus/48000/2\r\na=fmtp:96 useinbandfec=1\r\na=rtpmap:97 X-A/44100/2\r\n")]
    [InlineData("g729 TELEPHONE-EVENT", "m=audio 9 RTP/AVP 18 101\r\na=rtpmap:18 G729/8000\r\na=fmtp:18 annexb=no\r\na=rtpmap:101 telephone-event/8000\r\na=fmtp:101 0-16\r\n")]
    public void A_list_becomes_a_stream_of_audio(string text, string media)
    {
        List<string> mistakes = [];
        byte[] offer = OfferedCodecs.Read(text, mistakes)!.Offer(IPAddress.Parse("2001:db8::1"));
        Assert.Empty(mistakes);
        string sdp = Encoding.ASCII.GetString(offer);
        Assert.EndsWith($" 1 IN IP6 2001:db8::1\r\ns=-\r\nc=IN IP6 2001:db8::1\r\nt=0 0\r\n{media}", sdp, StringComparison.Ordinal);
        Assert.True(OfferedCodecs.LeadsNowhere(offer));
        Assert.False(OfferedCodecs.LeadsNowhere(Encoding.ASCII.GetBytes(sdp.Replace(" 9 RTP", " 4000 RTP", StringComparison.Ordinal))));
    }

    [Fact]
    public void No_number_is_given_twice()
    {
        string text = string.Join(' ', Enumerable.Range(1, 8).Select(n => $"X{n}/8000")) + " telephone-event";
        string sdp = Encoding.ASCII.GetString(OfferedCodecs.Read(text, [])!.Offer(IPAddress.Loopback));
        Assert.Contains("RTP/AVP 96 97 98 99 100 102 103 104 101\r\n", sdp, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", "at least one codec is needed")]
    [InlineData("telephone-event", "at least one codec is needed")]
    [InlineData("PCMU PCMX", "there is no codec PCMX")]
    [InlineData("A/0", "there is no codec A/0")]
    [InlineData("A/8000/2/3", "there is no codec")]
    [InlineData("A\r\nb/8000", "there is no codec")]
    public void A_mistake_is_told(string text, string what)
    {
        List<string> mistakes = [];
        Assert.Null(OfferedCodecs.Read(text, mistakes));
        Assert.Contains(what, Assert.Single(mistakes), StringComparison.Ordinal);
    }

    [Fact]
    public void There_are_only_so_many_numbers()
    {
        List<string> mistakes = [];
        Assert.Null(OfferedCodecs.Read(string.Join(' ', Enumerable.Range(1, 40).Select(n => $"X{n}/8000")), mistakes));
        Assert.Equal(["too many codecs"], mistakes);
    }
}

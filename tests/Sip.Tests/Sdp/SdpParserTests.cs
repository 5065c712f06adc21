using Sip.Sdp;

namespace Sip.Tests.Sdp;

public class SdpParserTests
{
    private const string Head = "v=0\r\no=- 1 1 IN IP4 192.0.2.1\r\ns=-\r\n";

    [Fact]
    public void Sections_fields_and_attributes_are_found()
    {
        SdpSession session = SdpTestText.Parse(SdpTestText.AudioVideo);
        Assert.Equal(2, session.MediaCount);
        SdpMedia audio = session.MediaAt(0);
        Assert.Equal("audio", SdpTestText.Text(audio.Kind));
        Assert.Equal(7078, audio.Port);
        Assert.Equal("RTP/AVP", SdpTestText.Text(audio.Protocol));
        Assert.Equal("96 0 101", SdpTestText.Text(audio.Formats));
        Assert.True(audio.TryGetAttribute("rtcp"u8, out ReadOnlySpan<byte> rtcp));
        Assert.Equal("7079", SdpTestText.Text(rtcp));
        Assert.Equal(SdpDirection.SendRecv, audio.Direction);
        Assert.Equal(SdpDirection.SendOnly, session.MediaAt(1).Direction);
        Assert.True(session.TryGetOrigin(out SdpOrigin origin));
        Assert.Equal("alice 53655765 2353687637 10.0.0.5",
            $"{SdpTestText.Text(origin.UserName)} {SdpTestText.Text(origin.SessionId)} {SdpTestText.Text(origin.Version)} {SdpTestText.Text(origin.Address)}");
    }

    [Fact]
    public void A_section_without_c_line_uses_the_sessions()
    {
        SdpSession session = SdpTestText.Parse(SdpTestText.AudioVideo);
        Assert.True(session.MediaAt(0).TryGetConnection(out SdpConnection audio));
        Assert.True(session.MediaAt(1).TryGetConnection(out SdpConnection video));
        Assert.Equal("10.0.0.5", SdpTestText.Text(audio.Address));
        Assert.Equal("10.0.0.6", SdpTestText.Text(video.Address));
    }

    [Fact]
    public void The_sessions_direction_holds_where_a_section_says_none()
    {
        SdpSession session = SdpTestText.Parse(Head + "a=inactive\r\nm=audio 4000 RTP/AVP 0\r\nm=audio 4002 RTP/AVP 0\r\na=recvonly\r\n");
        Assert.Equal(SdpDirection.Inactive, session.MediaAt(0).Direction);
        Assert.Equal(SdpDirection.RecvOnly, session.MediaAt(1).Direction);
    }

    [Fact]
    public void Bare_line_feeds_and_a_missing_last_line_end_are_accepted()
    {
        SdpSession session = SdpTestText.Parse("v=0\no=- 1 1 IN IP4 192.0.2.1\ns=\nt=0 0\nm=audio 4000 RTP/AVP 0");
        Assert.Equal(5, session.LineCount);
        Assert.Equal(4000, session.MediaAt(0).Port);
    }

    [Fact]
    public void A_multicast_address_loses_its_time_to_live() // RFC 8866 5.7
    {
        Assert.True(SdpConnection.TryParse("IN IP4 233.252.0.1/127/3"u8, out SdpConnection connection));
        Assert.Equal("233.252.0.1", SdpTestText.Text(connection.Address));
    }

    [Fact]
    public void Unknown_lines_and_doubled_blanks_are_kept_and_read() =>
        Assert.Equal(4000, SdpTestText.Parse(Head + "X=what\r\nm=audio  4000  RTP/AVP 0\r\n").MediaAt(0).Port);

    [Theory]
    [InlineData("", SdpError.Empty)]
    [InlineData("v=1\r\no=- 1 1 IN IP4 192.0.2.1\r\n", SdpError.BadVersion)]
    [InlineData("o=- 1 1 IN IP4 192.0.2.1\r\nv=0\r\n", SdpError.BadVersion)]
    [InlineData("v=0\r\ns=-\r\n", SdpError.BadOrigin)]
    [InlineData("v=0\r\no=- 1 1 IN IP4\r\n", SdpError.BadOrigin)]
    [InlineData(Head + "c=IN IP4\r\n", SdpError.BadConnection)]
    [InlineData(Head + "c=IN IP4 /127\r\n", SdpError.BadConnection)]
    [InlineData(Head + "m=audio\r\n", SdpError.BadMedia)]
    [InlineData(Head + "m=audio 65536 RTP/AVP 0\r\n", SdpError.BadMedia)]
    [InlineData(Head + "m=audio 4294967300 RTP/AVP 0\r\n", SdpError.BadMedia)]
    [InlineData(Head + "m=audio -1 RTP/AVP 0\r\n", SdpError.BadMedia)]
    [InlineData(Head + "m=audio 4000/x RTP/AVP 0\r\n", SdpError.BadMedia)]
    [InlineData(Head + "hello\r\n", SdpError.BadLine)]
    [InlineData(Head + "a=one\ra=two\r\n", SdpError.BadLine)]
    [InlineData("INVITE sip:x SIP/2.0\r\n", SdpError.BadLine)]
    public void A_wrong_description_is_refused_with_what_is_wrong(string text, SdpError error) =>
        Assert.Equal(error, SdpTestText.ErrorOf(text));

    [Fact]
    public void Every_error_has_a_phrase_of_its_own()
    {
        HashSet<string> phrases = [];
        foreach (SdpError error in Enum.GetValues<SdpError>())
        {
            Assert.True(phrases.Add(SdpTestText.Text(SdpErrors.Phrase(error))));
        }
    }

    [Fact]
    public void Counts_and_length_are_bounded()
    {
        string media = string.Concat(Enumerable.Repeat("m=audio 4000 RTP/AVP 0\r\n", 33));
        Assert.Equal(SdpError.TooManyMedia, SdpTestText.ErrorOf(Head + media));
        string lines = string.Concat(Enumerable.Repeat("a=x\r\n", 1000));
        Assert.Equal(SdpError.TooManyLines, SdpTestText.ErrorOf(Head + lines));
        Assert.Equal(SdpError.TooLong, SdpTestText.ErrorOf(Head + "a=" + new string('x', 16384) + "\r\n"));
    }

    [Fact]
    public void Parse_IntoAUsedSession_ForgetsWhatItHeld()
    {
        SdpSession session = SdpTestText.Parse(SdpTestText.AudioVideo);
        Assert.Equal(SdpError.None, SdpParser.Parse("v=0\r\no=- 1 1 IN IP4 192.0.2.1\r\n"u8, session));
        Assert.Equal(0, session.MediaCount);
        Assert.Equal(2, session.LineCount);
        Assert.False(session.TryGetAttribute("rtcp"u8, out _));
    }
}

using Sip.Sdp;

namespace Sip.Tests.Sdp;

public class SdpWriterTests
{
    [Fact]
    public void An_edit_changes_its_line_and_nothing_else()
    {
        string written = SdpTestText.Write(SdpTestText.AudioVideo, w =>
        {
            w.SetOrigin(77, 3, false, "203.0.113.9"u8);
            w.SetConnection(SdpWriter.WholeSession, false, "203.0.113.9"u8);
            w.SetPort(0, 40000);
            w.SetRtcp(0, 40001);
            w.SetPort(1, 40002);
            w.SetConnection(1, true, "2001:db8::9"u8);
            w.SetDirection(1, SdpDirection.Inactive);
        });
        Assert.Equal(
            "v=0\r\no=- 77 3 IN IP4 203.0.113.9\r\ns=Talk\r\nc=IN IP4 203.0.113.9\r\nt=0 0\r\n" +
            "m=audio 40000 RTP/AVP 96 0 101\r\na=rtpmap:96 opus/48000/2\r\na=rtpmap:101 telephone-event/8000\r\na=rtcp:40001\r\n" +
            "m=video 40002 RTP/AVP 97\r\nc=IN IP6 2001:db8::9\r\na=rtpmap:97 H264/90000\r\na=inactive\r\n",
            written);
    }

    [Fact]
    public void A_missing_c_line_is_added_where_the_grammar_has_it() // RFC 8866 section 5
    {
        string written = SdpTestText.Write(
            "v=0\no=- 1 1 IN IP4 192.0.2.1\ns=-\ni=x\nb=AS:64\nt=0 0\nm=audio 4000 RTP/AVP 0\ni=y\nb=AS:64\na=x\n",
            w =>
            {
                w.SetConnection(SdpWriter.WholeSession, false, "192.0.2.7"u8);
                w.SetConnection(0, false, "192.0.2.8"u8);
            });
        Assert.Equal(
            "v=0\no=- 1 1 IN IP4 192.0.2.1\ns=-\ni=x\nc=IN IP4 192.0.2.7\nb=AS:64\nt=0 0\n" +
            "m=audio 4000 RTP/AVP 0\ni=y\nc=IN IP4 192.0.2.8\nb=AS:64\na=x\n",
            written);
    }

    [Fact]
    public void Added_lines_stay_in_order_and_take_the_line_end_of_their_neighbour()
    {
        string written = SdpTestText.Write("v=0\r\no=- 1 1 IN IP4 192.0.2.1\r\nm=audio 4000 RTP/AVP 0", w =>
        {
            w.AddAttribute(SdpWriter.WholeSession, "one"u8);
            w.AddAttribute(SdpWriter.WholeSession, "two"u8);
            w.AddAttribute(0, "three"u8);
            w.AddAttribute(0, "four"u8);
        });
        Assert.Equal("v=0\r\no=- 1 1 IN IP4 192.0.2.1\r\na=one\r\na=two\r\nm=audio 4000 RTP/AVP 0\r\na=three\r\na=four", written);
    }

    [Fact]
    public void Removed_attributes_go_from_the_named_section_only()
    {
        string written = SdpTestText.Write(
            "v=0\r\no=- 1 1 IN IP4 192.0.2.1\r\na=x:1\r\nm=audio 4000 RTP/AVP 0\r\na=x:2\r\na=xy:3\r\na=x\r\n",
            w => w.RemoveAttributes(0, "x"u8));
        Assert.Equal("v=0\r\no=- 1 1 IN IP4 192.0.2.1\r\na=x:1\r\nm=audio 4000 RTP/AVP 0\r\na=xy:3\r\n", written);
    }

    [Fact]
    public void Several_c_lines_of_one_section_become_one()
    {
        string written = SdpTestText.Write(
            "v=0\r\no=- 1 1 IN IP4 192.0.2.1\r\nm=audio 4000/2 RTP/AVP 0\r\nc=IN IP4 192.0.2.1\r\nc=IN IP4 192.0.2.2\r\n",
            w =>
            {
                w.SetConnection(0, false, "192.0.2.9"u8);
                w.SetPort(0, 6000);
            });
        Assert.Equal("v=0\r\no=- 1 1 IN IP4 192.0.2.1\r\nm=audio 6000 RTP/AVP 0\r\nc=IN IP4 192.0.2.9\r\n", written);
    }

    [Fact]
    public void TryWrite_IntoTooLittle_SaysHowMuchIsNeeded()
    {
        SdpWriter writer = new();
        writer.Begin(SdpTestText.Parse(SdpTestText.AudioVideo));
        Assert.False(writer.TryWrite(new byte[10], out int needed));
        Assert.Equal(SdpTestText.AudioVideo.Length, needed);
        Assert.True(writer.TryWrite(new byte[needed], out _));
    }

    [Fact]
    public void Reading_and_rewriting_audio_and_video_allocates_nothing()
    {
        byte[] body = System.Text.Encoding.ASCII.GetBytes(SdpTestText.AudioVideo);
        byte[] output = new byte[4096];
        SdpSession session = new();
        SdpWriter writer = new();
        Assert.Equal(0, Allocation.Least(() =>
        {
            for (int i = 0; i < 100; i++)
            {
                Rewrite(body, session, writer, output);
            }
        }));
    }

    private static void Rewrite(byte[] body, SdpSession session, SdpWriter writer, byte[] output)
    {
        SdpParser.Parse(body, session);
        writer.Begin(session);
        writer.SetOrigin(1, 2, false, "192.0.2.1"u8);
        writer.SetConnection(SdpWriter.WholeSession, false, "192.0.2.1"u8);
        for (int i = 0; i < session.MediaCount; i++)
        {
            writer.SetPort(i, 4000 + i);
            writer.SetRtcp(i, 5000 + i);
            writer.SetConnection(i, false, "192.0.2.1"u8);
            writer.SetDirection(i, session.MediaAt(i).Direction);
        }

        writer.TryWrite(output, out _);
    }
}

using System.Buffers;
using System.Text;
using Sip.Sdp;

namespace Sip.Tests.Sdp;

internal static class SdpTestText
{
    public const string AudioVideo =
        "v=0\r\no=alice 53655765 2353687637 IN IP4 10.0.0.5\r\ns=Talk\r\nc=IN IP4 10.0.0.5\r\nt=0 0\r\n" +
        "m=audio 7078 RTP/AVP 96 0 101\r\na=rtpmap:96 opus/48000/2\r\na=rtpmap:101 telephone-event/8000\r\na=rtcp:7079\r\n" +
        "m=video 9078 RTP/AVP 97\r\nc=IN IP4 10.0.0.6\r\na=rtpmap:97 H264/90000\r\na=sendonly\r\n";

    public static SdpSession Parse(string text)
    {
        SdpSession session = new();
        Assert.Equal(SdpError.None, SdpParser.Parse(Encoding.UTF8.GetBytes(text), session));
        return session;
    }

    public static SdpError ErrorOf(string text) => SdpParser.Parse(Encoding.UTF8.GetBytes(text), new SdpSession());

    public static string Write(string text, Action<SdpWriter> edit)
    {
        SdpWriter writer = new();
        writer.Begin(Parse(text));
        edit(writer);
        ArrayBufferWriter<byte> output = new();
        writer.WriteTo(output);
        return Encoding.UTF8.GetString(output.WrittenSpan);
    }

    public static string Text(ReadOnlySpan<byte> bytes) => Encoding.UTF8.GetString(bytes);
}

using System.Text;
using Sip.Messages;

namespace Sip.Tests.Messages;

/// <summary>Makes and parses messages for tests.</summary>
internal static class TestMessages
{
    public const string Offer =
        "v=0\r\no=alice 2890844526 2890844526 IN IP4 192.0.2.101\r\ns=-\r\nc=IN IP4 192.0.2.101\r\nt=0 0\r\nm=audio 49172 RTP/AVP 0 8\r\n";

    public const string Required =
        "Via: SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bK77;rport\r\nFrom: \"Alice\" <sip:alice@example.com>;tag=a1\r\n"
        + "To: <sip:bob@example.com>\r\nCall-ID: c1@example.com\r\nCSeq: 7 INVITE\r\n";

    public static string DataFolder => Path.Combine(AppContext.BaseDirectory, "Data");

    public static string Invite(string headers = "", string body = "", string required = Required) =>
        "INVITE sip:bob@example.com SIP/2.0\r\n" + required + headers
        + (body.Length == 0 ? "" : "Content-Length: " + Encoding.UTF8.GetByteCount(body) + "\r\n") + "\r\n" + body;

    public static SipBuffer Buffer(ReadOnlySpan<byte> bytes)
    {
        SipBuffer buffer = new SipBufferPool().Rent(bytes.Length);
        bytes.CopyTo(buffer.Array);
        buffer.Length = bytes.Length;
        return buffer;
    }

    public static SipParseError TryParse(ReadOnlySpan<byte> bytes, out SipMessage message, bool stream = false, SipLimits? limits = null)
    {
        SipMessage parsed = new SipMessagePool().Rent();
        message = parsed;
        return SipParser.Parse(Buffer(bytes), stream, parsed, limits ?? SipLimits.Default);
    }

    public static SipParseError TryParse(string text, out SipMessage message, bool stream = false, SipLimits? limits = null) =>
        TryParse(Encoding.UTF8.GetBytes(text), out message, stream, limits);

    public static SipParseError Error(string text, bool stream = false, SipLimits? limits = null) => TryParse(text, out _, stream, limits);

    public static SipMessage Parse(string text)
    {
        SipParseError error = TryParse(text, out SipMessage message);
        Assert.Equal(SipParseError.None, error);
        return message;
    }

    public static string Text(ReadOnlySpan<byte> bytes) => Encoding.UTF8.GetString(bytes);

    public static byte[] Bytes(string text) => Encoding.UTF8.GetBytes(text);

    public static List<string> Values(SipMessage message, HeaderId id)
    {
        List<string> values = [];
        foreach (ReadOnlySpan<byte> value in message.Values(id))
        {
            values.Add(Text(value));
        }

        return values;
    }

    /// <summary>The rows of a tab separated file under Data, without its first line.</summary>
    public static IEnumerable<string[]> Rows(string file) =>
        File.ReadLines(Path.Combine(DataFolder, file)).Skip(1).Select(line => line.Split('\t'));
}

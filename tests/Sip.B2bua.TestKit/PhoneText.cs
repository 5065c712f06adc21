using System.Text;

namespace Sip.B2bua.TestKit;

/// <summary>The pieces of text that a <see cref="TestPhone"/> puts its messages together from.</summary>
internal static class PhoneText
{
    /// <summary>An address without its tag.</summary>
    public static string WithoutTag(string address)
    {
        int tag = address.IndexOf(";tag=", StringComparison.OrdinalIgnoreCase);
        return tag < 0 ? address : address[..tag];
    }

    /// <summary>Header lines that end as lines end on the wire.</summary>
    public static string Lines(string headers) => headers.Length == 0 ? "" : headers.ReplaceLineEndings("\r\n").TrimEnd() + "\r\n";

    /// <summary>A whole message.</summary>
    public static string Message(string head, string body, string type = "application/sdp") =>
        head + (body.Length > 0 ? $"Content-Type: {type}\r\n" : "") + $"Content-Length: {Encoding.UTF8.GetByteCount(body)}\r\n\r\n" + body;
}

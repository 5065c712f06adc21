using Sip.Messages;
using static Sip.Tests.Messages.TestMessages;

namespace Sip.Tests.Messages;

public sealed class SipWriterTests
{
    private readonly SipBufferPool pool = new();

    [Fact]
    public void Finish_Request_HasEveryPartInOrder()
    {
        SipWriter writer = new(pool);
        writer.RequestLine("INVITE"u8, "sip:bob@example.com"u8);
        writer.Header(HeaderId.CallId, "c1"u8);
        writer.Header("X-Own"u8, "1"u8);
        writer.BeginHeader(HeaderId.CSeq);
        writer.Append(4294967295L);
        writer.Append((byte)' ');
        writer.Append("INVITE");
        writer.EndHeader();
        writer.BeginHeader("X-Hex"u8);
        writer.AppendHex(0xAB);
        writer.EndHeader();
        writer.Body("application/sdp"u8, "v=0\r\n"u8);
        Assert.Equal(
            "INVITE sip:bob@example.com SIP/2.0\r\nCall-ID: c1\r\nX-Own: 1\r\nCSeq: 4294967295 INVITE\r\nX-Hex: 00000000000000ab\r\n"
            + "Content-Type: application/sdp\r\nContent-Length: 5\r\n\r\nv=0\r\n",
            Text(writer.Finish().Span));
    }

    [Theory]
    [InlineData(180, "", "SIP/2.0 180 Ringing\r\n")]
    [InlineData(486, "Gone Fishing", "SIP/2.0 486 Gone Fishing\r\n")]
    [InlineData(499, "", "SIP/2.0 499 Request Failure\r\n")]
    public void StatusLine_EmptyReason_IsTheStandardPhrase(int code, string reason, string expected)
    {
        SipWriter writer = new(pool);
        writer.StatusLine(code, Bytes(reason));
        Assert.Equal(expected, Text(writer.Finish().Span));
    }

    [Fact]
    public void Append_LineBreaks_NeverStartALine()
    {
        SipWriter writer = new(pool);
        writer.RequestLine("INVITE"u8, "sip:a@b\r\nEvil: 1"u8);
        writer.Header(HeaderId.Subject, "a\r\nEvil: 1\nEvil: 2\rEvil: 3\r\n\r\n"u8);
        writer.BeginHeader("X\r\nEvil"u8);
        writer.Append("b\r\nEvil: 4");
        writer.Append((byte)'\n');
        writer.EndHeader();
        string text = Text(writer.Finish().Span);
        Assert.Equal(3, text.Count(c => c == '\n'));
        Assert.Equal(3, text.Count(c => c == '\r'));
        Assert.DoesNotContain("\nEvil", text);
    }

    [Fact]
    public void CopyAll_FoldedLines_AreWrittenUnfoldedUnderTheFullName()
    {
        SipMessage message = Parse(Invite("v: SIP/2.0/UDP b;branch=2,\r\n\t SIP/2.0/UDP c\r\nX: 1\r\nVIA: SIP/2.0/UDP d\r\n"));
        SipWriter writer = new(pool);
        writer.CopyAll(message, HeaderId.Via);
        Assert.Equal(
            "Via: SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bK77;rport\r\nVia: SIP/2.0/UDP b;branch=2, SIP/2.0/UDP c\r\nVia: SIP/2.0/UDP d\r\n",
            Text(writer.Finish().Span));
    }

    [Fact]
    public void Append_MoreThanTheHint_Grows()
    {
        SipWriter writer = new(pool, 16);
        for (int i = 0; i < 1000; i++)
        {
            writer.Header("X"u8, "0123456789"u8);
        }

        writer.NoBody();
        SipBuffer buffer = writer.Finish();
        Assert.Equal((1000 * 15) + 21, buffer.Length);
        Assert.Equal(1001, Text(buffer.Span).Split("\r\n").Count(line => line.Length > 0));
    }

    [Fact]
    public void Abandon_Buffer_GoesBackToThePool()
    {
        SipBuffer only = pool.Rent(1024);
        only.Release();
        SipWriter writer = new(pool);
        writer.NoBody();
        writer.Abandon();
        Assert.Same(only, pool.Rent(1024));
    }

    [Fact]
    public void Finish_ShortMessage_TakesASmallBuffer()
    {
        SipWriter writer = new(pool, 4096);
        writer.NoBody();
        SipBuffer sent = writer.Finish();
        Assert.Equal("Content-Length: 0\r\n\r\n"u8.ToArray(), sent.Span.ToArray());
        Assert.Equal(512, sent.Array.Length);
    }
}

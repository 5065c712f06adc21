using Sip.Messages;
using static Sip.Tests.Messages.TestMessages;

namespace Sip.Tests.Messages;

public sealed class SipFramerTests
{
    private static readonly string Message = Invite("", "body");

    [Fact]
    public void Next_WholeMessage_TellsItsLength() =>
        Assert.Equal(new SipFrame(SipFrameKind.Message, Message.Length, false, FramingError.None), First(Message + "INVITE"));

    [Fact]
    public void Next_EveryPrefixOfAMessage_NeedsMore()
    {
        SipFramer framer = default;
        byte[] bytes = Bytes(Message);
        for (int length = 0; length < bytes.Length; length++)
        {
            Assert.Equal(SipFrameKind.NeedMore, framer.Next(bytes.AsSpan(0, length), SipLimits.Default).Kind);
        }

        Assert.Equal(SipFrameKind.Message, framer.Next(bytes, SipLimits.Default).Kind);
    }

    // RFC 5626 4.4.1: a double CRLF asks for a CRLF; a single one is an answer or nothing.
    [Fact]
    public void Next_LineEndsBetweenMessages_EverySecondIsAPing()
    {
        SipFramer framer = default;
        byte[] bytes = Bytes("\r\n\r\n\r\n" + Message + "\r\n");
        bool[] pings = [false, true, false];
        for (int i = 0; i < 3; i++)
        {
            Assert.Equal(new SipFrame(SipFrameKind.KeepAlive, 2, pings[i], FramingError.None), framer.Next(bytes.AsSpan(i * 2), SipLimits.Default));
        }

        Assert.Equal(SipFrameKind.Message, framer.Next(bytes.AsSpan(6), SipLimits.Default).Kind);
        Assert.False(framer.Next(bytes.AsSpan(6 + Message.Length), SipLimits.Default).IsPing);
    }

    [Theory]
    [InlineData("Content-Length: 4\r\nContent-Length: 4\r\n", FramingError.DuplicateContentLength)]
    [InlineData("Content-Length: 4\r\nl: 9\r\n", FramingError.DuplicateContentLength)]
    [InlineData("Content-Length: 4\r\nCONTENT-LENGTH :9\r\n", FramingError.DuplicateContentLength)]
    [InlineData("Content-Length: -4\r\n", FramingError.BadContentLength)]
    [InlineData("Content-Length: 4 4\r\n", FramingError.BadContentLength)]
    [InlineData("Content-Length: five\r\n", FramingError.BadContentLength)]
    [InlineData("Content-Length:\r\n", FramingError.BadContentLength)]
    [InlineData("Content-Length: 2147483648\r\n", FramingError.BadContentLength)]
    [InlineData("Content-Length: 4294967300\r\n", FramingError.BadContentLength)]
    [InlineData("Content-Length: 18446744073709551620\r\n", FramingError.BadContentLength)]
    [InlineData("Content-Length: 2147483647\r\n", FramingError.MessageTooLarge)]
    [InlineData("Content-Length: 65536\r\n", FramingError.MessageTooLarge)]
    [InlineData("", FramingError.MissingContentLength)]
    [InlineData("Subject: a\nContent-Length: 4\r\n", FramingError.BareLineBreak)]
    [InlineData("Subject: a\rContent-Length: 4\r\n", FramingError.BareLineBreak)]
    public void Next_LengthThatCannotBeTrusted_EndsTheStream(string headers, FramingError error) =>
        Assert.Equal(error, First(Invite(headers) + "body").Error);

    [Theory]
    [InlineData("Content-Length:\r\n 4\r\n")]
    [InlineData("L\t: 0004 \r\n")]
    public void Next_LengthInOddForm_IsUnderstood(string headers) =>
        Assert.Equal(Invite(headers).Length + 4, First(Invite(headers) + "body").Length);

    [Theory]
    [InlineData("\0")]
    [InlineData("\rINVITE")]
    [InlineData("\n\n")]
    [InlineData(" INVITE sip:a@b SIP/2.0\r\n\r\n")]
    [InlineData("\u0016\u0003\u0001")]
    public void Next_NoStartOfAMessage_EndsTheStreamAtOnce(string text) => Assert.Equal(SipFrameKind.Error, First(text).Kind);

    [Fact]
    public void Next_HeadersWithoutEnd_AreCutAtTheLimit()
    {
        string endless = "INVITE sip:a@b SIP/2.0\r\nSubject: " + new string('x', 40_000);
        Assert.Equal(FramingError.HeadersTooLarge, First(endless).Error);
        Assert.Equal(SipFrameKind.NeedMore, First(endless[..30_000]).Kind);
    }

    [Fact]
    public void Next_OctetByOctet_LooksAtEachOctetOnce()
    {
        byte[] bytes = Bytes(Invite("Subject: " + new string('x', 30_000) + "\r\n", "body"));
        Cost.IsBelow(0.1, () =>
        {
            SipFramer framer = default;
            for (int length = 1; length < bytes.Length; length++)
            {
                framer.Next(bytes.AsSpan(0, length), SipLimits.Default);
            }
        });
    }

    private static SipFrame First(string text)
    {
        SipFramer framer = default;
        return framer.Next(Bytes(text), SipLimits.Default);
    }
}

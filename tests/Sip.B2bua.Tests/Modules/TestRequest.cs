using System.Text;
using Sip.Messages;
using Sip.Transports;

namespace Sip.B2bua.Tests.Modules;

/// <summary>A request on its way through modules, without a server around it.</summary>
internal sealed class TestRequest(EventLoop loop, SipMessage message) : RequestContext
{
    private Flow flow;

    public override SipMessage Request => message;

    public override ref readonly Flow Flow => ref flow;

    public override EventLoop Loop => loop;

    public override bool IsOver => Answer != 0;

    /// <summary>The status code that it was answered with; -1 when it was dropped.</summary>
    public int Answer { get; set; }

    /// <summary>The reason phrase of the answer.</summary>
    public string? Reason { get; private set; }

    public static SipMessage Invite(string headers = "", string uri = "sip:bob@example.org") => Parse(
        $"INVITE {uri} SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bK1\r\nMax-Forwards: 70\r\n"
        + "From: \"Alice\" <sip:alice@example.com;x=1;y>;tag=a\r\nTo: <sip:bob@example.org>\r\nCall-ID: c1@192.0.2.1\r\nCSeq: 1 INVITE\r\n"
        + headers + "Content-Length: 0\r\n\r\n");

    public static SipMessage Parse(string text)
    {
        SipBuffer buffer = new SipBufferPool().Rent(4096);
        buffer.Length = Encoding.UTF8.GetBytes(text, buffer.Array);
        SipMessage message = new SipMessagePool().Rent();
        Assert.Equal(SipParseError.None, SipParser.Parse(buffer, false, message, SipLimits.Default));
        return message;
    }

    public override bool Meets(BooleanExpression condition) => true;

    public override void Respond(int code, string? reason = null, HeaderWriter? headers = null, object? state = null)
    {
        if (!IsOver)
        {
            Answer = code;
            Reason = reason;
        }
    }

    public override void Drop() => Answer = -1;
}

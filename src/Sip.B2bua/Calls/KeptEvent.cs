using Sip.Messages;

namespace Sip.B2bua.Calls;

/// <summary>
/// A call event that must outlive its turn, because a name has to be looked up first. The message behind it lives as long as its
/// asker's transaction; what nobody waits for crosses without its users' headers.
/// </summary>
internal sealed class KeptEvent(in CallEvent e)
{
    private readonly CallEventKind kind = e.Kind;
    private readonly SipMethod method = e.Method;
    private readonly int code = e.Code;
    private readonly byte[] contentType = e.ContentType.ToArray();
    private readonly byte[] body = e.Body.ToArray();
    private readonly Asker? asker = e.Asker;
    private readonly Leg? from = e.From;
    private readonly byte[] referTo = e.ReferTo.ToArray();
    private readonly HeldNews? news = e.News;

    /// <summary>The event.</summary>
    public CallEvent Event => new()
    {
        Kind = kind,
        Method = method,
        Code = code,
        Message = asker?.Request,
        ContentType = contentType,
        Body = body,
        Asker = asker,
        From = from,
        ReferTo = referTo,
        News = news,
    };
}

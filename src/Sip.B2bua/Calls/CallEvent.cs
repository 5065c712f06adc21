using Sip.Messages;

namespace Sip.B2bua.Calls;

/// <summary>
/// What one leg tells the other. It lives for one turn: whatever must be kept longer is copied by whoever keeps it. The
/// message it came with lends its users' headers and its body, nothing else of it crosses.
/// </summary>
internal readonly ref struct CallEvent
{
    /// <summary>What is told.</summary>
    public required CallEventKind Kind { get; init; }

    /// <summary>The method of the request behind it.</summary>
    public SipMethod Method { get; init; }

    /// <summary>The status code, for Progress, Answer and Fail.</summary>
    public int Code { get; init; }

    /// <summary>The reason phrase, or why a call ended; empty: the code's own.</summary>
    public ReadOnlySpan<byte> Reason { get; init; }

    /// <summary>The message whose users' headers cross; null for what we say ourselves.</summary>
    public SipMessage? Message { get; init; }

    /// <summary>The type of the body.</summary>
    public ReadOnlySpan<byte> ContentType { get; init; }

    /// <summary>The body as it goes to the other leg.</summary>
    public ReadOnlySpan<byte> Body { get; init; }

    /// <summary>The request that this answers, or that asks.</summary>
    public Asker? Asker { get; init; }

    /// <summary>The leg whose party tells it, where that is not the one that asks; null: whoever asks, or we ourselves.</summary>
    public Leg? From { get; init; }

    /// <summary>The Refer-To of a REFER, where it is not the message's own; else empty.</summary>
    public ReadOnlySpan<byte> ReferTo { get; init; }

    /// <summary>Whether it speaks for several parties, of which none is meant.</summary>
    public bool IsOfMany { get; init; }

    /// <summary>News whose PRACK waits for the caller's: those that this tells, or those that its PRACK acknowledges; else null.</summary>
    public HeldNews? News { get; init; }

    /// <summary>The session description in the body, which may be all of it or a part of a multipart one; empty when there is none.</summary>
    public ReadOnlySpan<byte> Session => SessionBody.Find(ContentType, Body);

    /// <summary>True when there is a session description in the body.</summary>
    public bool HasSession => !Session.IsEmpty;

    /// <summary>The same event with another body.</summary>
    public CallEvent WithBody(ReadOnlySpan<byte> body) => new()
    {
        Kind = Kind,
        Method = Method,
        Code = Code,
        Reason = Reason,
        Message = Message,
        ContentType = ContentType,
        Body = body,
        Asker = Asker,
        From = From,
        IsOfMany = IsOfMany,
        ReferTo = ReferTo,
        News = News,
    };

    /// <summary>The same event for somebody else who asked.</summary>
    public CallEvent WithAsker(Asker asker) => new()
    {
        Kind = Kind,
        Method = Method,
        Code = Code,
        Reason = Reason,
        Message = Message,
        ContentType = ContentType,
        Body = Body,
        Asker = asker,
        From = From,
        IsOfMany = IsOfMany,
        ReferTo = ReferTo,
        News = News,
    };

    /// <summary>The same event with a session description as its body.</summary>
    public CallEvent WithSession(ReadOnlySpan<byte> sdp) => new()
    {
        Kind = Kind,
        Method = Method,
        Code = Code,
        Reason = Reason,
        Message = Message,
        ContentType = "application/sdp"u8,
        Body = sdp,
        Asker = Asker,
        From = From,
        IsOfMany = IsOfMany,
        ReferTo = ReferTo,
        News = News,
    };
}

using Sip.Messages;

namespace Sip.B2bua.Calls;

/// <summary>Who has asked something of a leg and waits for the answer: a request of the other party, or a transfer that the server makes.</summary>
internal abstract class Asker(Leg leg)
{
    /// <summary>The leg of the party in whose name is asked.</summary>
    public Leg Leg { get; } = leg;

    /// <summary>The request behind it, whose users' headers cross.</summary>
    public abstract SipMessage Request { get; }

    /// <summary>True once there is a final answer.</summary>
    public bool IsAnswered { get; protected set; }

    /// <summary>The type of the body that goes with what is asked.</summary>
    public virtual ReadOnlySpan<byte> ContentType => Request.ContentType;

    /// <summary>The INVITE of a party that is behind it; null: none is.</summary>
    public virtual IncomingInvite? Invite => null;

    /// <summary>Whether news can be told so that they are acknowledged (RFC 3262).</summary>
    public virtual bool CanBeReliable => false;

    /// <summary>Answers with what the other party said; does nothing when it is answered already.</summary>
    public abstract void Reply(in CallEvent answer);

    /// <summary>Answers with what we say ourselves.</summary>
    public void Refuse(int code, ReadOnlySpan<byte> reason = default) =>
        Reply(new CallEvent { Kind = code < 300 ? CallEventKind.Answer : CallEventKind.Fail, Code = code, Reason = reason });

    /// <summary>Whether the answer is not for a party but for the server itself; then it has been dealt with.</summary>
    /// <param name="from">The leg that answers.</param>
    /// <param name="answer">News, the answer, or the failure.</param>
    public virtual bool TryTake(Leg from, in CallEvent answer) => false;
}

using Sip.Messages;
using Sip.Transactions;

namespace Sip.B2bua.Calls;

/// <summary>A request that a party sent to its leg and that waits for an answer. The other leg's answer comes back to it.</summary>
internal class IncomingRequest(Leg leg, ServerTransaction transaction) : IServerTransactionUser
{
    /// <summary>The leg it came to.</summary>
    public Leg Leg { get; } = leg;

    /// <summary>Its transaction.</summary>
    public ServerTransaction Transaction { get; } = transaction;

    /// <summary>The request as it came; valid until the transaction ends.</summary>
    public SipMessage Request => Transaction.Request;

    /// <summary>True once a final response was sent.</summary>
    public bool IsAnswered { get; private protected set; }

    /// <summary>Answers with what the other party said; does nothing when it is answered already.</summary>
    public virtual void Reply(in CallEvent answer)
    {
        if (IsAnswered || answer.Code < 200)
        {
            return;
        }

        IsAnswered = true;
        Transaction.Respond(Leg.WriteResponse(Transaction, answer), answer.Code);
    }

    /// <summary>Answers with what we say ourselves.</summary>
    public void Refuse(int code, ReadOnlySpan<byte> reason = default) =>
        Reply(new CallEvent { Kind = code < 300 ? CallEventKind.Answer : CallEventKind.Fail, Code = code, Reason = reason });

    /// <inheritdoc/>
    public virtual void OnCancel(ServerTransaction t, SipMessage cancel)
    {
        // 9.2: a CANCEL has no effect on anything but an INVITE; the transaction layer has answered it.
    }

    /// <inheritdoc/>
    public virtual void OnFailed(ServerTransaction t, TransactionFailure why)
    {
    }

    /// <inheritdoc/>
    public virtual void OnTerminated(ServerTransaction t)
    {
    }
}

using Sip.Messages;
using Sip.Transactions;

namespace Sip.B2bua.Calls;

/// <summary>A request that a party sent to its leg and that waits for an answer. The other leg's answer comes back to it.</summary>
internal class IncomingRequest(Leg leg, ServerTransaction transaction) : Asker(leg), IServerTransactionUser
{
    private readonly uint life = transaction.Life;

    /// <summary>Its transaction; another one's as soon as the turn is over in which it was answered.</summary>
    public ServerTransaction Transaction { get; } = transaction;

    /// <summary>The request as it came; valid until the end of the turn in which it is answered.</summary>
    public override SipMessage Request =>
        Transaction.Life == life ? Transaction.Request : throw new InvalidOperationException("The request was answered, and is gone.");

    /// <summary>True when it takes part in the exchange of offers and answers: its final response must end what it began.</summary>
    public bool IsExchanging { get; set; }

    /// <summary>The request of the same party that waited for its answer before this one came.</summary>
    public IncomingRequest? Next { get; set; }

    /// <inheritdoc/>
    public override void Reply(in CallEvent answer)
    {
        if (IsAnswered || answer.Code < 200)
        {
            return;
        }

        IsAnswered = true;
        Leg.OnReplying(this, answer, isReliable: true);
        Transaction.Respond(Leg.WriteResponse(Transaction, answer), answer.Code);
        Transaction.LetGo();
    }

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

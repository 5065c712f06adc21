using Sip.Messages;

namespace Sip.B2bua.Calls;

/// <summary>Which of a transfer's questions a step is.</summary>
internal enum TransferQuestion : byte
{
    /// <summary>The new party is called, or offered the session of the party that stays.</summary>
    Call,

    /// <summary>The party that stays is offered what the new one has answered.</summary>
    Join,

    /// <summary>The new party is offered what the one that stays has said last.</summary>
    Settle,

    /// <summary>The party that stays is offered the session that it had before.</summary>
    Restore,
}

/// <summary>One question that a transfer asks a party.</summary>
/// <param name="transfer">The transfer.</param>
/// <param name="question">The question.</param>
/// <param name="from">The leg of the party in whose name is asked.</param>
/// <param name="to">The leg that is asked; null while it is called.</param>
internal sealed class TransferStep(Transfer transfer, TransferQuestion question, Leg from, Leg? to) : Asker(from)
{
    /// <summary>The transfer.</summary>
    public Transfer Transfer { get; } = transfer;

    /// <summary>The question.</summary>
    public TransferQuestion Question { get; } = question;

    /// <summary>The leg that is asked.</summary>
    public Leg To => to!;

    /// <inheritdoc/>
    public override SipMessage Request => Transfer.Invite;

    /// <inheritdoc/>
    public override IncomingInvite? Invite => Question == TransferQuestion.Join ? Transfer.Replacing : null;

    /// <inheritdoc/>
    public override void Reply(in CallEvent answer)
    {
        if (to is not null)
        {
            TryTake(to, answer);
        }
    }

    /// <inheritdoc/>
    public override bool TryTake(Leg from, in CallEvent answer)
    {
        if (!IsAnswered)
        {
            // A call forks: each of its targets answers for itself.
            IsAnswered = answer.Code >= 200 && to is not null;
            Transfer.OnAnswer(this, from, answer);
        }

        return true;
    }
}

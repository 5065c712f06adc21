using Sip.Transactions;

namespace Sip.B2bua.Calls;

/// <summary>A PRACK of a caller. What comes after the news that it acknowledges waits until it is answered.</summary>
internal sealed class IncomingPrack(Leg leg, ServerTransaction transaction, IncomingInvite invite) : IncomingRequest(leg, transaction)
{
    /// <inheritdoc/>
    public override void Reply(in CallEvent answer)
    {
        bool first = !IsAnswered;
        base.Reply(answer);
        if (first && IsAnswered)
        {
            invite.ContinueNews();
        }
    }
}

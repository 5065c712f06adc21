using Sip.Transactions;

namespace Sip.B2bua.Calls;

/// <summary>
/// A REFER that a party of a call has sent outside its dialog, with the call named in Target-Dialog (RFC 4538, RFC 5589 6.1). What is done
/// is the same; only the NOTIFYs go in a dialog of their own, which the REFER makes (RFC 3515 2.4.4).
/// </summary>
internal sealed class OutsideRefer(Leg leg, ServerTransaction transaction) : IncomingRequest(leg, transaction)
{
    /// <summary>The value of our Contact where it came from, which need not be where the call is.</summary>
    public byte[] Contact { get; } = leg.Call.Core.ContactFor(transaction.Flow, SipsRule.AppliesToAnswer(transaction.Request));

    /// <inheritdoc/>
    public override void Reply(in CallEvent answer)
    {
        if (!IsAnswered && answer.Code >= 200)
        {
            IsAnswered = true;
            Transaction.Respond(Leg.WriteOutsideResponse(this, answer), answer.Code);
            Transaction.LetGo();
        }
    }
}

using Sip.Transactions;

namespace Sip.B2bua.Calls;

/// <summary>
/// An UPDATE that a party sent to its leg. Where the other party takes none it goes on as a re-INVITE, and then its answer may depend on
/// somebody who is asked, while who has sent it waits no longer than Timer F.
/// </summary>
internal sealed class IncomingUpdate(Leg leg, ServerTransaction transaction) : IncomingRequest(leg, transaction), ITimerOwner
{
    private const int MillisecondsToAnswer = 10_000;

    private OutgoingInvite? invite;
    private LoopTimer? due;
    private bool isLate;

    /// <summary>It goes on as this, perhaps not for the first time.</summary>
    public void GoesAs(OutgoingInvite reinvite)
    {
        invite = reinvite;
        if (due is null)
        {
            due = new LoopTimer(this, 0);
            Leg.Loop.Timers.Set(due, MillisecondsToAnswer);
        }
    }

    /// <inheritdoc/>
    public override void Reply(in CallEvent answer)
    {
        if (due is not null && answer.Code >= 200)
        {
            Leg.Loop.Timers.Cancel(due);
        }

        bool isForUs = isLate && answer is { Code: 487, From: not null }; // the re-INVITE is cancelled, as we have asked
        base.Reply(isForUs ? new CallEvent { Kind = CallEventKind.Fail, Code = 504, From = answer.From } : answer);
    }

    /// <inheritdoc/>
    public void OnTimer(LoopTimer timer)
    {
        if (isLate)
        {
            Refuse(504);
            return;
        }

        // RFC 3311 5.2: an UPDATE is answered promptly, else 504. But what the other party says now is still the answer.
        isLate = true;
        invite!.Cancel(default);
        Leg.Loop.Timers.Set(timer, MillisecondsToAnswer);
    }
}

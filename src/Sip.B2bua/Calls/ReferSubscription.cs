using Sip.B2bua.Subscriptions;
using Sip.Messages;
using Sip.Transactions;

namespace Sip.B2bua.Calls;

/// <summary>
/// The subscription that a REFER makes (RFC 3515 2.4.4): tells the transferor by NOTIFY how the transfer fares. One NOTIFY at a time,
/// because a later one may overtake it on the way, and of progress one a second; of what comes meanwhile only the newest is told. The transferor may prolong it or end
/// it by SUBSCRIBE, which changes nothing of the transfer.
/// </summary>
internal sealed class ReferSubscription : IClientTransactionUser, ITimerOwner
{
    private const int Expiry = 0;
    private const int Pause = 1;
    private const int PauseMilliseconds = 1000;

    private readonly Leg leg;
    private readonly ReferDialog? own;
    private readonly uint cseq;
    private readonly int longest;
    private readonly LoopTimer expiry;
    private readonly LoopTimer pause;
    private int told;
    private bool isWaiting;
    private bool isBusy;
    private bool isOver;

    /// <summary>Begins when the REFER is accepted.</summary>
    /// <param name="leg">The transferor's leg.</param>
    /// <param name="cseq">The number of the REFER.</param>
    /// <param name="isFirst">Whether it is the first in its dialog, whose NOTIFYs need not say which they are about.</param>
    /// <param name="seconds">How long it lasts, unless it is prolonged, and how long it is prolonged at most.</param>
    /// <param name="own">Its own dialog; null when the NOTIFYs go in that of the call.</param>
    public ReferSubscription(Leg leg, uint cseq, bool isFirst, int seconds, ReferDialog? own = null)
    {
        this.leg = leg;
        this.own = own;
        this.cseq = cseq;
        longest = seconds;
        Id = isFirst ? 0 : cseq;
        expiry = new LoopTimer(this, Expiry);
        pause = new LoopTimer(this, Pause);
        leg.Loop.Timers.Set(expiry, seconds * 1000);
    }

    /// <summary>The id of the Event header, 0 for none: RFC 3515 2.4.6.</summary>
    public uint Id { get; }

    /// <summary>How long it still lasts, in seconds; 0 when it has run out, or the transferor has ended it.</summary>
    public int Seconds => expiry.IsSet ? (int)((expiry.DueAt - leg.Loop.Now + 999) / 1000) : 0;

    /// <summary>Whether the transfer is over, or the transferor is not told of it any more.</summary>
    public bool IsOver => isOver;

    /// <summary>Tells how far the transfer has come.</summary>
    /// <param name="code">The status code of the new party's answer.</param>
    public void Tell(int code)
    {
        if (!isOver && told < 200 && code != told)
        {
            told = code;
            isWaiting = true;
            SendWaiting();
        }
    }

    /// <summary>Whether a SUBSCRIBE is about this one.</summary>
    /// <param name="id">The id of its Event header, 0 for none.</param>
    public bool Is(uint id) => !isOver && (id == cseq || id == Id);

    /// <summary>
    /// The transferor prolongs it, or with 0 ends it (RFC 6665 4.2.1.4); it is told at once where the transfer stands (4.2.1.2).
    /// </summary>
    /// <param name="asked">For how long, in seconds; negative for as long as may be.</param>
    /// <returns>How long it lasts now: never longer than asked for.</returns>
    public int Renew(long asked)
    {
        int granted = asked < 0 ? longest : (int)Math.Min(asked, longest);
        if (granted > 0)
        {
            leg.Loop.Timers.Set(expiry, granted * 1000);
        }
        else
        {
            leg.Loop.Timers.Cancel(expiry);
        }

        return granted;
    }

    /// <summary>Tells once more how far the transfer has come.</summary>
    public void TellAgain()
    {
        isWaiting = !isOver;
        leg.Loop.Timers.Cancel(pause);
        SendWaiting();
    }

    /// <summary>The transferor has left the call. Where its REFER has made a dialog, it hears of the outcome all the same (RFC 5057 4.1).</summary>
    public void OnLegGone()
    {
        if (own is null)
        {
            Stop();
        }
    }

    /// <summary>The transfer was given up with the call.</summary>
    public void OnCallGone()
    {
        if (own is not null)
        {
            Tell(487);
        }
    }

    /// <summary>The transferor has gone, or does not want to know.</summary>
    public void Stop()
    {
        if (!isOver)
        {
            own?.Close();
        }

        isOver = true;
        leg.Loop.Timers.Cancel(expiry);
        leg.Loop.Timers.Cancel(pause);
    }

    /// <inheritdoc/>
    public void OnResponse(ClientTransaction t, SipMessage response)
    {
        if (response.StatusCode >= 200)
        {
            // RFC 6665 4.2.2: whoever refuses a NOTIFY is told no more.
            Next(SubscriptionState.IsEndedBy(response.StatusCode));
        }
    }

    /// <inheritdoc/>
    public void OnFailed(ClientTransaction t, TransactionFailure why) => Next(ends: true);

    /// <inheritdoc/>
    public void OnTerminated(ClientTransaction t)
    {
    }

    /// <inheritdoc/>
    public void OnTimer(LoopTimer timer)
    {
        if (timer.Kind == Pause)
        {
            SendWaiting();
        }
        else
        {
            TellAgain(); // RFC 6665 4.2.1.4: nobody has prolonged it: the transferor is told that it hears no more
        }
    }

    private void Next(bool ends)
    {
        isBusy = false;
        if (ends)
        {
            Stop();
        }

        SendWaiting();
    }

    private void SendWaiting()
    {
        // RFC 3515 3.10: no more than one a second. The outcome does not wait.
        if (isBusy || isOver || !isWaiting || (pause.IsSet && told < 200))
        {
            return;
        }

        isWaiting = false;
        leg.Loop.Timers.Set(pause, PauseMilliseconds);
        isBusy = own is not null || leg.TryNotify(this, told);
        own?.Notify(told);
        if (!isBusy || told >= 200 || !expiry.IsSet)
        {
            Stop(); // this was the last
        }
    }
}

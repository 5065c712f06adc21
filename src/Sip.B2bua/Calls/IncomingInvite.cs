using Sip.Messages;
using Sip.Transactions;
using Sip.Transports;

namespace Sip.B2bua.Calls;

/// <summary>
/// An INVITE or re-INVITE that a party sent to its leg, from its arrival to its ACK. It owns the 2xx and repeats it until the
/// ACK comes (RFC 3261 §13.3.1.4).
/// </summary>
internal sealed class IncomingInvite : IncomingRequest, ITimerOwner
{
    private readonly LoopTimer repeat;
    private ReliableNews? news;
    private SipBuffer? accepted;
    private Flow way;
    private int interval;
    private long giveUpAt;
    private byte[]? earlyAnswer;
    private bool severalAnswers;

    public IncomingInvite(Leg leg, ServerTransaction transaction, bool isInitial)
        : base(leg, transaction)
    {
        IsInitial = isInitial;
        HasOffer = !SessionBody.Find(transaction.Request).IsEmpty;
        repeat = new LoopTimer(this, 0);
        RequiresReliability = isInitial && Extensions.Requires(transaction.Request, "100rel"u8);
        CanBeReliable = RequiresReliability || (isInitial && Extensions.Supports(transaction.Request, "100rel"u8));
    }

    /// <summary>True for the INVITE that began the call.</summary>
    public bool IsInitial { get; }

    /// <summary>True when the INVITE carried the offer; false for a late offer, which our 2xx makes and the ACK answers.</summary>
    public bool HasOffer { get; }

    /// <summary>True when no provisional response may be sent but with a PRACK (RFC 3262).</summary>
    public bool RequiresReliability { get; }

    /// <summary>True when provisional responses may be sent with a PRACK.</summary>
    public override bool CanBeReliable { get; }

    /// <inheritdoc/>
    public override IncomingInvite Invite => this;

    /// <summary>The offer that was made to the other party in the name of this INVITE, which had none; null: the other party makes it.</summary>
    public OwnOffer? Made { get; set; }

    /// <summary>For how many seconds the invitation is good (RFC 3261 §13.3.1); -1: the caller sets no limit.</summary>
    public long Expires =>
        Request.First(HeaderId.Expires) is { IsEmpty: false } text && SipChars.TryParseUInt(text, out uint seconds) ? seconds : -1;

    /// <summary>True when a 2xx was sent and its ACK has not come.</summary>
    public bool AwaitsAck => accepted is not null;

    /// <summary>True when nothing more will happen to it: refused, or answered and acknowledged.</summary>
    public bool IsOver => IsAnswered && accepted is null;

    /// <summary>
    /// Remembers the early answers; true for a final answer that differs from one. The caller has taken the first that it saw and
    /// ignores any other in the same dialog (RFC 3261 §13.2.1).
    /// </summary>
    public bool IsOtherAnswer(in CallEvent answer)
    {
        if (!HasOffer || IsAnswered)
        {
            return false;
        }

        if (earlyAnswer is null)
        {
            earlyAnswer = answer.Code < 200 ? answer.Body.ToArray() : null;
            return false;
        }

        severalAnswers |= !SessionOrigin.AreOthersSame(earlyAnswer, answer.Body);
        return severalAnswers && answer.Code >= 200;
    }

    /// <inheritdoc/>
    public override void Reply(in CallEvent answer)
    {
        if (IsAnswered)
        {
            return;
        }

        bool isNews = answer.Code is > 100 and < 200;
        bool isReliable = isNews && IsReliable(answer);
        if (isNews && (!IsInitial || (RequiresReliability && !isReliable)))
        {
            // A ringing re-INVITE tells the asking party nothing it can use; and unreliable news are not wanted.
            return;
        }

        if (isReliable)
        {
            news ??= new ReliableNews(this);
        }

        Send(Repeats(answer) ? answer.WithBody(default) : answer, mayGoAtOnce: isNews && !isReliable);
    }

    /// <summary>
    /// A response that has waited for a PRACK: of its session the caller may have heard all since, or of another one, which it follows
    /// (RFC 3264 8).
    /// </summary>
    public CallEvent AsItIsDue(in CallEvent answer) =>
        Repeats(answer) || (answer.Code < 200 && Leg.HasSession) ? answer.WithBody(default)
        : answer.HasSession ? answer.WithSession(Leg.Continue(answer.Session, offers: !HasOffer))
        : answer;

    /// <summary>The answer comes in another dialog: nothing waits for a PRACK in the one before.</summary>
    public void DropNews()
    {
        news?.Stop();
        news = null;
    }

    // RFC 3261 13.2.1: where offer and answer went with the news and their PRACK, the 2xx has nothing to add.
    private bool Repeats(in CallEvent answer) => IsInitial && !HasOffer && answer.Code is >= 200 and < 300 && Leg.HasSession;

    /// <summary>Sends a response that nothing has to wait for.</summary>
    public void SendNow(in CallEvent answer)
    {
        SipBuffer response = Leg.WriteResponse(Transaction, answer);
        if (answer.Code is >= 200 and < 300)
        {
            accepted = response;
            way = Transaction.Flow;
            response.Retain();
            interval = Leg.Timers.T1;
            Leg.Loop.Timers.Set(repeat, interval);
            giveUpAt = Leg.Loop.Timers.Now + (64 * Leg.Timers.T1);
        }

        IsAnswered = answer.Code >= 200;
        if (IsAnswered && IsInitial)
        {
            Leg.Code = answer.Code;
        }

        Leg.OnReplying(this, answer, IsAnswered);
        Transaction.Respond(response, answer.Code);
        if (IsAnswered)
        {
            Transaction.LetGo(); // the 2xx is repeated from here, and its ACK comes to the dialog
        }

        if (AwaitsAck)
        {
            Leg.OnAccepted(this);
        }
    }

    /// <summary>Whether a PRACK acknowledges the news that were sent last; if so, answer it and <see cref="ContinueNews"/>.</summary>
    /// <param name="prack">The PRACK.</param>
    /// <param name="held">The target's news behind them, whose PRACK waits for this one; null for none.</param>
    public bool TryAcknowledgeNews(SipMessage prack, out HeldNews? held)
    {
        held = null;
        return !IsAnswered && news is not null && news.TryAcknowledge(prack, out held);
    }

    /// <summary>Sends what waited for the PRACK.</summary>
    public void ContinueNews() => news?.Continue();

    /// <summary>Stops waiting for the ACK: it came, or the leg is over.</summary>
    public void StopRepeating()
    {
        news?.Stop();
        Leg.Loop.Timers.Cancel(repeat);
        accepted?.Release();
        accepted = null;
    }

    private void Send(in CallEvent answer, bool mayGoAtOnce)
    {
        if (news is null || (mayGoAtOnce && news.IsIdle) || !news.Take(answer))
        {
            SendNow(answer);
        }
    }

    // RFC 3262 3: as the target does it, or always where the caller demands it. 5: the first must carry the offer that was asked for, and
    // only a target whose PRACK still waits can be given the answer.
    private bool IsReliable(in CallEvent answer) =>
        CanBeReliable
        && (RequiresReliability || (answer.Message is { } response && Extensions.Requires(response, "100rel"u8)))
        && (HasOffer || Leg.HasOffer || answer.News is not null);

    /// <inheritdoc/>
    public void OnTimer(LoopTimer timer)
    {
        if (accepted is null)
        {
            return;
        }

        long left = giveUpAt - Leg.Loop.Timers.Now;
        if (left <= 0)
        {
            // 13.3.1.4: no ACK within 64*T1: the dialog is confirmed, but the session is to be ended.
            StopRepeating();
            Leg.OnAckMissing();
            return;
        }

        Leg.Send(way, accepted);
        interval = Math.Min(interval * 2, Leg.Timers.T2);
        Leg.Loop.Timers.Set(repeat, (int)Math.Min(interval, left));
    }

    /// <inheritdoc/>
    public override void OnCancel(ServerTransaction t, SipMessage cancel)
    {
        if (!IsAnswered)
        {
            Leg.OnCancelled(this, cancel);
        }
    }

    /// <inheritdoc/>
    public override void OnFailed(ServerTransaction t, TransactionFailure why)
    {
        // 17.2.1: timer H, or the flow is gone. A final failure needs no more; a 2xx is our own affair, above.
    }
}

using Sip.Messages;

namespace Sip.B2bua.Calls;

/// <summary>
/// Leg B while several targets ring: groups of equal q one after the other, all of a group together; the first 2xx wins and
/// the others are cancelled; when all have failed, the best answer goes to the caller. <see cref="ForkRules"/> say how patient it is.
/// </summary>
internal sealed partial class Fork : ITimerOwner
{
    private const int RingTimeout = 0;
    private const int NextGroup = 1;
    private const int Urgent = 2;

    private readonly Call call;
    private readonly Asker asker;
    private readonly ForkRules rules;
    private readonly List<Target> targets;
    private readonly List<Leg> ringing = new(2);
    private readonly LoopTimer ringTimer;
    private LoopTimer? groupTimer;
    private LoopTimer? urgentTimer;
    private Leg? taker;
    private BestResponse best;
    private int tried; // the targets before it were tried, the others wait
    private bool expires;
    private bool over;

    /// <summary>Prepares a fork to <paramref name="targets"/>.</summary>
    /// <param name="call">The call.</param>
    /// <param name="asker">Who wants to reach them: the caller's INVITE, or a transfer.</param>
    /// <param name="targets">The targets.</param>
    /// <param name="rules">How they are tried.</param>
    public Fork(Call call, Asker asker, List<Target> targets, ForkRules rules)
    {
        this.call = call;
        this.asker = asker;
        this.rules = rules;
        this.targets = targets;
        ringTimer = new LoopTimer(this, RingTimeout);
        Sort(targets);
    }

    /// <summary>The first target that still rings, or null.</summary>
    public Leg? First => ringing.Count > 0 ? ringing[0] : null;

    /// <summary>The targets that ring.</summary>
    public IReadOnlyList<Leg> Ringing => ringing;

    /// <summary>True when there is one target and no other can come.</summary>
    public bool IsSingle => targets.Count == 1 && !rules.IsLate;

    /// <summary>True once it was decided.</summary>
    public bool IsOver => over;

    /// <summary>Who wants to reach the targets.</summary>
    public Asker Asker => asker;

    /// <summary>Who is taking the place of a target that rings, and has not answered yet; else null.</summary>
    public Leg? Taker => taker;

    /// <summary>Whether targets wait for their turn.</summary>
    public bool HasWaiting => tried < targets.Count;

    /// <summary>Begins with the best group.</summary>
    /// <param name="expires">The caller's Expires in seconds (RFC 3261 §13.3.1), or -1.</param>
    public void Start(long expires)
    {
        if (over)
        {
            return;
        }

        TimeSpan patience = rules.RingTimeout > TimeSpan.Zero ? rules.RingTimeout : call.Options.RingTimeout;
        this.expires = expires >= 0 && expires < patience.TotalSeconds;
        call.Loop.Timers.Set(ringTimer, (int)(this.expires ? expires * 1000 : patience.TotalMilliseconds));
        if (targets.Count > 1 || rules.IsLate)
        {
            call.Loop.Timers.Set(urgentTimer = new LoopTimer(this, Urgent), (int)rules.UrgentTimeout.TotalMilliseconds);
        }

        Continue();
    }

    /// <summary>A target answered: it has won.</summary>
    public void OnAnswered(Leg winner)
    {
        Stop();
        best.Clear();
        ringing.Remove(winner);
        taker = ReferenceEquals(taker, winner) ? null : taker;
        CancelAll("SIP;cause=200;text=\"Call completed elsewhere\""u8);
    }

    /// <summary>Somebody takes the place of a target that rings, and is asked as if it were one; false when somebody else does so already.</summary>
    public bool TryTakePlace(Leg leg)
    {
        if (over || taker is not null)
        {
            return false;
        }

        taker = leg;
        return true;
    }

    /// <summary>Who wanted a target's place is gone; false when that was somebody else.</summary>
    public bool TryRelease(Leg leg)
    {
        if (!ReferenceEquals(taker, leg))
        {
            return false;
        }

        taker = null;
        if (!over)
        {
            Continue();
        }

        return true;
    }

    /// <summary>A target failed.</summary>
    public void OnFailed(Leg leg, int code, string reason, SipMessage? response)
    {
        ringing.Remove(leg);
        if (over)
        {
            return;
        }

        if (response is { StatusCode: >= 300 and < 400 } && call.MayFollow(leg))
        {
            Follow(leg.Target!, code, reason, response);
            return;
        }

        if (rules.IsLate && IsUnreachable(leg, response))
        {
            Await(leg.Target!);
        }
        else
        {
            if (rules.IsLate)
            {
                (refused ??= []).Add(leg.Target!);
            }

            Settle(code, reason, response);
        }

        Continue();
    }

    /// <summary>Gives all of it up, because the caller did or the call is ended.</summary>
    /// <param name="reason">The value of the Reason header of each CANCEL, or empty.</param>
    public void Abandon(ReadOnlySpan<byte> reason)
    {
        Stop();
        best.Clear();
        CancelAll(reason);
    }

    /// <inheritdoc/>
    public void OnTimer(LoopTimer timer)
    {
        if (over)
        {
            return;
        }

        switch (timer.Kind)
        {
            case NextGroup when HasWaiting: // who waited may have come in by another way
                StartGroup();
                Continue();
                break;
            case NextGroup:
                break;
            case Urgent:
                OnUrgentTimer();
                break;
            default:
                OnRingTimer();
                break;
        }
    }

    private void OnRingTimer()
    {
        if (expires)
        {
            // 13.3.1: the invitation has expired: 487.
            call.Trail.Add("Fork", "nobody answered before the caller's Expires");
            best.Clear();
            best = default;
            best.Add(487, "The invitation has expired", null);
        }
        else
        {
            call.Trail.Add("Fork", "nobody answered within {0} s", (int)(rules.RingTimeout > TimeSpan.Zero ? rules.RingTimeout : call.Options.RingTimeout).TotalSeconds);
            best.Add(408, "No answer", null);
        }

        Finish("SIP;cause=408;text=\"No answer\""u8);
    }

    // Goes on with the next group when nothing rings any more, and ends when there is none.
    private void Continue()
    {
        while (!over && ringing.Count == 0 && taker is null && following == 0 && HasWaiting)
        {
            // Targets that cannot even be tried fail at once and may empty the group: go on until something rings.
            StartGroup();
        }

        if (!over && ringing.Count == 0 && taker is null && following == 0 && absent is not { Count: > 0 })
        {
            Finish(default);
        }
    }

    private void StartGroup()
    {
        float q = targets[tried].Q;
        while (!over && HasWaiting && Math.Abs(targets[tried].Q - q) < 0.0005f)
        {
            Try(targets[tried++]);
        }

        if (!over && HasWaiting && !rules.IsFailover)
        {
            TimeSpan patience = rules.GroupTimeout > TimeSpan.Zero ? rules.GroupTimeout : call.Options.GroupTimeout;
            call.Loop.Timers.Set(groupTimer ??= new LoopTimer(this, NextGroup), (int)patience.TotalMilliseconds);
        }
    }

    private void Try(Target target)
    {
        if (rules.IsLate && target is { Binding: not null, Flow.IsAlive: false })
        {
            Await(target); // nothing can be sent on a closed connection, and only its phone can make another
        }
        else if (call.TryStart(target, asker, out (int Code, string Reason) refusal) is { } leg)
        {
            ringing.Add(leg);
        }
        else
        {
            best.Add(refusal.Code, refusal.Reason, null);
        }
    }

    private void Finish(ReadOnlySpan<byte> cancelReason)
    {
        Stop();
        CancelAll(cancelReason);
        if (best.Code == 0)
        {
            best.Add(480, "Nobody there", null);
        }

        call.OnForkFailed(asker, best);
    }

    private void Stop()
    {
        over = true;
        call.Loop.Timers.Cancel(ringTimer);
        Cancel(groupTimer);
        Cancel(urgentTimer);
    }

    private void Cancel(LoopTimer? timer)
    {
        if (timer is not null)
        {
            call.Loop.Timers.Cancel(timer);
        }
    }

    private void CancelAll(ReadOnlySpan<byte> reason)
    {
        for (int i = ringing.Count - 1; i >= 0; i--)
        {
            ringing[i].Abandon(reason);
        }

        ringing.Clear();
        Leg? late = taker;
        taker = null;
        late?.End(new CallEvent { Kind = CallEventKind.End, Code = 487 });
    }

    // Best first, those of equal q in the order in which they were found: there are few, and most often they are sorted.
    private static void Sort(List<Target> targets)
    {
        for (int i = 1; i < targets.Count; i++)
        {
            Target target = targets[i];
            int at = i;
            for (; at > 0 && targets[at - 1].Q < target.Q; at--)
            {
                targets[at] = targets[at - 1];
            }

            targets[at] = target;
        }
    }
}

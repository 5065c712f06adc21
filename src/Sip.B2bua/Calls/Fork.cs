using Sip.Messages;

namespace Sip.B2bua.Calls;

/// <summary>
/// Leg B while several targets ring: groups of equal q one after the other, all of a group together; the first 2xx wins and
/// the others are cancelled; when all have failed, the best answer goes to the caller.
/// </summary>
internal sealed class Fork : ITimerOwner
{
    private const int RingTimeout = 0;
    private const int NextGroup = 1;

    private readonly Call call;
    private readonly List<Target> waiting;
    private readonly List<Leg> ringing = new(2);
    private readonly LoopTimer ringTimer;
    private readonly LoopTimer groupTimer;
    private BestResponse best;
    private bool over;

    /// <summary>Prepares a fork to <paramref name="targets"/>, best preference first.</summary>
    public Fork(Call call, List<Target> targets)
    {
        this.call = call;
        waiting = targets;
        if (waiting.Count > 1)
        {
            waiting.Sort(static (x, y) => x.Q.CompareTo(y.Q)); // the best stands last, where it is cheap to take
        }

        ringTimer = new LoopTimer(this, RingTimeout);
        groupTimer = new LoopTimer(this, NextGroup);
    }

    /// <summary>The first target that still rings, or null.</summary>
    public Leg? First => ringing.Count > 0 ? ringing[0] : null;

    /// <summary>The targets that ring.</summary>
    public IReadOnlyList<Leg> Ringing => ringing;

    /// <summary>True once it was decided.</summary>
    public bool IsOver => over;

    /// <summary>Begins with the best group.</summary>
    public void Start()
    {
        call.Loop.Timers.Set(ringTimer, (int)call.Options.RingTimeout.TotalMilliseconds);
        StartGroup();
    }

    /// <summary>A target answered: it has won.</summary>
    public void OnAnswered(Leg winner)
    {
        Stop();
        best.Clear();
        ringing.Remove(winner);
        CancelAll("SIP;cause=200;text=\"Call completed elsewhere\""u8);
    }

    /// <summary>A target failed.</summary>
    public void OnFailed(Leg leg, int code, string reason, SipMessage? response)
    {
        ringing.Remove(leg);
        if (over)
        {
            return;
        }

        best.Add(code, reason, response);
        if (code >= 600)
        {
            // 16.7 step 5: a 6xx speaks for all of the callee's devices.
            Finish("SIP;cause=600;text=\"Busy Everywhere\""u8);
        }
        else if (ringing.Count == 0)
        {
            if (waiting.Count > 0)
            {
                StartGroup();
            }
            else
            {
                Finish(default);
            }
        }
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

        if (timer.Kind == NextGroup)
        {
            StartGroup();
            return;
        }

        call.Trail.Add("Fork", "nobody answered within {0} s", (int)call.Options.RingTimeout.TotalSeconds);
        best.Add(408, "No answer", null);
        Finish("SIP;cause=408;text=\"No answer\""u8);
    }

    private void StartGroup()
    {
        // Targets that cannot even be tried fail at once and may empty the group: go on until something rings.
        while (!over && waiting.Count > 0)
        {
            float q = waiting[^1].Q;
            while (waiting.Count > 0 && Math.Abs(waiting[^1].Q - q) < 0.0005f)
            {
                Target target = waiting[^1];
                waiting.RemoveAt(waiting.Count - 1);
                if (call.TryStart(target, out (int Code, string Reason) refused) is { } leg)
                {
                    ringing.Add(leg);
                }
                else
                {
                    best.Add(refused.Code, refused.Reason, null);
                }
            }

            if (ringing.Count > 0)
            {
                if (waiting.Count > 0)
                {
                    call.Loop.Timers.Set(groupTimer, (int)call.Options.GroupTimeout.TotalMilliseconds);
                }

                return;
            }
        }

        if (!over)
        {
            Finish(default);
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

        call.OnForkFailed(best);
        best.Clear();
    }

    private void Stop()
    {
        over = true;
        waiting.Clear();
        call.Loop.Timers.Cancel(ringTimer);
        call.Loop.Timers.Cancel(groupTimer);
    }

    private void CancelAll(ReadOnlySpan<byte> reason)
    {
        for (int i = ringing.Count - 1; i >= 0; i--)
        {
            ringing[i].Abandon(reason);
        }

        ringing.Clear();
    }
}

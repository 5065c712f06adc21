using System.Diagnostics;

namespace Sip;

/// <summary>
/// The timers of one loop. Most SIP timers have one of a few fixed lengths (RFC 3261 17.1.1.1, table 4): each such length has a
/// first-in-first-out lane whose head is due next. Every other length waits in an indexed heap.
/// Setting and cancelling allocate nothing and cost the same with a thousand timers as with a million.
/// Used on its loop only.
/// </summary>
public sealed class TimerQueue
{
    // T1 doubling up to 64*T1, T2 = 4 s, T4 = 5 s, and the lengths that connections and legs use all the time.
    private static readonly int[] DefaultLengths = [500, 1000, 2000, 4000, 8000, 16000, 32000, 64000, 5000, 30000, 180000];
    private const int MaxLanes = 24;

    private readonly EventLoop? loop;
    private readonly TimerLane[] lanes = new TimerLane[MaxLanes];
    private readonly TimerHeap heap = new();
    private int laneCount;
    private long sequence;

    /// <summary>Makes an empty queue whose clock stands at 0; see <see cref="Advance"/>.</summary>
    public TimerQueue()
        : this(null)
    {
    }

    internal TimerQueue(EventLoop? loop)
    {
        this.loop = loop;
        foreach (int length in DefaultLengths)
        {
            Reserve(length);
        }
    }

    /// <summary>How many timers are set.</summary>
    public int Count { get; private set; }

    /// <summary>The queue's clock in monotonic milliseconds.</summary>
    public long Now { get; private set; }

    /// <summary>
    /// Gives timers of this length a lane of their own. Call it at start for lengths that many timers will have, such as those of
    /// a T1 that is not 500 ms. Returns false where there is no room for another lane; timers of that length then use the heap.
    /// </summary>
    /// <param name="milliseconds">The length.</param>
    public bool Reserve(int milliseconds)
    {
        if (LaneOf(milliseconds) >= 0)
        {
            return true;
        }

        if (laneCount == MaxLanes)
        {
            return false;
        }

        lanes[laneCount++] = new TimerLane(milliseconds);
        return true;
    }

    /// <summary>Sets a timer, or sets it anew. It becomes due so many milliseconds after <see cref="Now"/>.</summary>
    /// <param name="t">The timer.</param>
    /// <param name="milliseconds">The time to wait; 0 or less means in this turn or the next.</param>
    public void Set(LoopTimer t, int milliseconds)
    {
        ArgumentNullException.ThrowIfNull(t);
        Cancel(t);
        milliseconds = Math.Max(milliseconds, 0);
        t.DueAt = Now + milliseconds;
        t.Sequence = ++sequence;
        Count++;
        int lane = LaneOf(milliseconds);
        if (lane >= 0)
        {
            t.Place = TimerPlace.Lane;
            t.Index = lane;
            lanes[lane].Append(t);
        }
        else
        {
            t.Place = TimerPlace.Heap;
            heap.Add(t);
        }
    }

    /// <summary>Takes a timer back; one that is not set stays so.</summary>
    /// <param name="t">The timer.</param>
    public void Cancel(LoopTimer t)
    {
        ArgumentNullException.ThrowIfNull(t);
        switch (t.Place)
        {
            case TimerPlace.None:
                return;
            case TimerPlace.Lane:
                lanes[t.Index].Remove(t);
                break;
            case TimerPlace.Heap:
                heap.Remove(t);
                break;
            default:
                throw new UnreachableException();
        }

        t.Place = TimerPlace.None;
        Count--;
    }

    /// <summary>Moves the clock. The loop does this once a turn; the clock never goes back.</summary>
    /// <param name="now">Monotonic milliseconds.</param>
    public void Advance(long now) => Now = Math.Max(Now, now);

    /// <summary>Fires every timer that is due, in the order in which they are due. Returns how many there were.</summary>
    /// <remarks>A timer that is set while others fire waits for the next call, so that a timer of length 0 cannot stop the loop.</remarks>
    public int FireDue()
    {
        long limit = sequence;
        int fired = 0;
        while (First() is { } timer && timer.DueAt <= Now && timer.Sequence <= limit)
        {
            Cancel(timer);
            fired++;
            if (loop is null)
            {
                timer.Owner.OnTimer(timer);
            }
            else
            {
                loop.RunTimer(timer);
            }
        }

        return fired;
    }

    internal long NextDueAt => First()?.DueAt ?? long.MaxValue;

    /// <summary>How long until the next timer is due: 0 if one is due already, -1 if none is set.</summary>
    public int MillisecondsToNext() => First() is { } timer ? (int)Math.Clamp(timer.DueAt - Now, 0, int.MaxValue) : -1;

    private LoopTimer? First()
    {
        LoopTimer? first = heap.First;
        for (int i = 0; i < laneCount; i++)
        {
            LoopTimer? head = lanes[i].Head;
            if (head is not null && (first is null || head.IsBefore(first)))
            {
                first = head;
            }
        }

        return first;
    }

    private int LaneOf(int milliseconds)
    {
        for (int i = 0; i < laneCount; i++)
        {
            if (lanes[i].Milliseconds == milliseconds)
            {
                return i;
            }
        }

        return -1;
    }
}

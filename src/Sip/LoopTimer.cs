namespace Sip;

/// <summary>
/// One timer of one owner, made once with its owner and set as often as needed through <see cref="TimerQueue"/>.
/// It belongs to one loop at a time.
/// </summary>
public sealed class LoopTimer
{
    /// <summary>Makes a timer that is not set.</summary>
    /// <param name="owner">Who is told when it is due.</param>
    /// <param name="kind">Tells the owner's timers apart; the owner chooses its meaning.</param>
    public LoopTimer(ITimerOwner owner, int kind)
    {
        ArgumentNullException.ThrowIfNull(owner);
        Owner = owner;
        Kind = kind;
    }

    /// <summary>Tells the owner's timers apart.</summary>
    public int Kind { get; }

    /// <summary>Who is told when the timer is due.</summary>
    public ITimerOwner Owner { get; }

    /// <summary>Whether the timer waits to become due.</summary>
    public bool IsSet => Place != TimerPlace.None;

    /// <summary>When the timer is due, in the milliseconds of <see cref="EventLoop.Now"/>; means nothing unless <see cref="IsSet"/>.</summary>
    public long DueAt { get; internal set; }

    // Setting order: decides between timers due in the same millisecond, so that a run can be repeated exactly.
    internal long Sequence { get; set; }

    internal TimerPlace Place { get; set; }

    // A lane's number or a heap's index, by Place.
    internal int Index { get; set; }

    internal LoopTimer? Previous { get; set; }

    internal LoopTimer? Next { get; set; }

    internal bool IsBefore(LoopTimer other) =>
        DueAt < other.DueAt || (DueAt == other.DueAt && Sequence < other.Sequence);
}

/// <summary>Where a set timer waits.</summary>
internal enum TimerPlace : byte
{
    None,
    Lane,
    Heap,
}

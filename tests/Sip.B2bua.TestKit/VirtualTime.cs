namespace Sip.B2bua.TestKit;

/// <summary>
/// A clock that stands still until it is moved. Its timestamps are no ticks: code that takes them for ticks fails under test.
/// <see cref="MemoryNetwork.Advance"/> moves it together with a network and its loops.
/// </summary>
public sealed class VirtualTime : TimeProvider
{
    private const int TimestampsPerTick = 7;

    private readonly Lock gate = new();
    private readonly DateTimeOffset start;
    private readonly PriorityQueue<VirtualTimer, (long At, long Sequence)> timers = new();
    private long ticks;
    private long sequence;

    /// <summary>Makes a clock that stands at the given time.</summary>
    /// <param name="start">The time of day; by default the start of the year 2030.</param>
    public VirtualTime(DateTimeOffset? start = null) => this.start = start ?? new DateTimeOffset(2030, 1, 1, 0, 0, 0, TimeSpan.Zero);

    /// <inheritdoc/>
    public override long TimestampFrequency => TimeSpan.TicksPerSecond * TimestampsPerTick;

    /// <inheritdoc/>
    public override TimeZoneInfo LocalTimeZone => TimeZoneInfo.Utc;

    /// <summary>How far the clock has been moved since it was made.</summary>
    public TimeSpan Elapsed => new(Interlocked.Read(ref ticks));

    /// <summary>When the next timer of <see cref="CreateTimer"/> is due, or null if there is none.</summary>
    public TimeSpan? NextTimer
    {
        get
        {
            lock (gate)
            {
                DropStale();
                return timers.TryPeek(out _, out (long At, long) due) ? new TimeSpan(due.At) : null;
            }
        }
    }

    /// <inheritdoc/>
    public override DateTimeOffset GetUtcNow() => start + Elapsed;

    /// <inheritdoc/>
    public override long GetTimestamp() => Interlocked.Read(ref ticks) * TimestampsPerTick;

    /// <summary>Turns a timestamp of this clock into the time that has elapsed by then.</summary>
    /// <param name="timestamp">The timestamp.</param>
    public static TimeSpan FromTimestamp(long timestamp) => new((timestamp + TimestampsPerTick - 1) / TimestampsPerTick);

    /// <summary>Moves the clock, firing the timers of <see cref="CreateTimer"/> on the way, each at its time.</summary>
    /// <param name="by">How far.</param>
    public void Advance(TimeSpan by) => MoveTo(Elapsed + by);

    /// <summary>Moves the clock to a point of its elapsed time; it never goes back.</summary>
    /// <param name="elapsed">The point.</param>
    public void MoveTo(TimeSpan elapsed)
    {
        while (TakeDue(elapsed.Ticks) is { } timer)
        {
            timer.Fire();
        }

        Interlocked.Exchange(ref ticks, Math.Max(Elapsed.Ticks, elapsed.Ticks));
    }

    /// <inheritdoc/>
    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        VirtualTimer timer = new(this, callback, state);
        timer.Change(dueTime, period);
        return timer;
    }

    /// <summary>Gives back the memory that many timers at once have taken.</summary>
    internal void Forget()
    {
        lock (gate)
        {
            timers.TrimExcess();
        }
    }

    private VirtualTimer? TakeDue(long limit)
    {
        lock (gate)
        {
            DropStale();
            if (!timers.TryPeek(out VirtualTimer? timer, out (long At, long) due) || due.At > limit)
            {
                return null;
            }

            timers.Dequeue();
            Interlocked.Exchange(ref ticks, Math.Max(ticks, due.At));
            timer.Due = -1;
            return timer;
        }
    }

    // A timer that was changed or disposed leaves its old place behind.
    private void DropStale()
    {
        while (timers.TryPeek(out VirtualTimer? timer, out (long, long Sequence) due) && timer.Due != due.Sequence)
        {
            timers.Dequeue();
        }
    }

    private void Schedule(VirtualTimer timer, TimeSpan after)
    {
        lock (gate)
        {
            timer.Due = -1;
            if (after != Timeout.InfiniteTimeSpan)
            {
                timer.Due = ++sequence;
                timers.Enqueue(timer, (ticks + after.Ticks, timer.Due));
            }
        }
    }

    private sealed class VirtualTimer(VirtualTime time, TimerCallback callback, object? state) : ITimer
    {
        private TimeSpan every = Timeout.InfiniteTimeSpan;

        // The number of the timer's place in the queue, or -1.
        public long Due { get; set; } = -1;

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            every = period > TimeSpan.Zero ? period : Timeout.InfiniteTimeSpan;
            time.Schedule(this, dueTime);
            return true;
        }

        public void Fire()
        {
            if (every != Timeout.InfiniteTimeSpan)
            {
                time.Schedule(this, every);
            }

            callback(state);
        }

        public void Dispose() => time.Schedule(this, Timeout.InfiniteTimeSpan);

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }
    }
}

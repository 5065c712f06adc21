namespace Plugins.Tests;

/// <summary>A clock that only a test moves; moving it fires the timers that are due.</summary>
internal sealed class TestClock : TimeProvider
{
    private readonly List<TestTimer> timers = [];
    private DateTimeOffset now = new(2026, 11, 22, 12, 0, 0, TimeSpan.Zero);

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override DateTimeOffset GetUtcNow() => now;

    public override long GetTimestamp() => now.Ticks;

    public void Advance(TimeSpan by)
    {
        now += by;
        foreach (TestTimer timer in timers.ToArray())
        {
            timer.FireIfDue(now);
        }
    }

    public void AdvanceSeconds(double seconds) => Advance(TimeSpan.FromSeconds(seconds));

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        TestTimer timer = new(callback, state, now + dueTime, period);
        timers.Add(timer);
        return timer;
    }

    private sealed class TestTimer(TimerCallback callback, object? state, DateTimeOffset due, TimeSpan period) : ITimer
    {
        private DateTimeOffset next = due;
        private bool disposed;

        public void FireIfDue(DateTimeOffset now)
        {
            if (!disposed && now >= next)
            {
                next = now + period;
                callback(state);
            }
        }

        public bool Change(TimeSpan dueTime, TimeSpan newPeriod) => throw new NotSupportedException();

        public void Dispose() => disposed = true;

        public ValueTask DisposeAsync()
        {
            disposed = true;
            return ValueTask.CompletedTask;
        }
    }
}

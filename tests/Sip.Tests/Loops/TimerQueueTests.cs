using System.Diagnostics;

namespace Sip.Tests.Loops;

public sealed class TimerQueueTests : ITimerOwner
{
    private readonly TimerQueue timers = new();
    private readonly List<int> fired = [];
    private Action<LoopTimer>? onTimer;

    void ITimerOwner.OnTimer(LoopTimer timer)
    {
        fired.Add(timer.Kind);
        onTimer?.Invoke(timer);
    }

    [Fact]
    public void Timers_of_lanes_and_heap_fire_in_the_order_in_which_they_are_due()
    {
        int[] lengths = [32000, 500, 1234, 4000, 1, 777, 64000, 500, 5000, 2];
        for (int i = 0; i < lengths.Length; i++)
        {
            timers.Set(new LoopTimer(this, lengths[i]), lengths[i]);
        }

        timers.Advance(64000);
        Assert.Equal(10, timers.FireDue());
        Assert.Equal([1, 2, 500, 500, 777, 1234, 4000, 5000, 32000, 64000], fired);
        Assert.Equal(0, timers.Count);
    }

    [Fact]
    public void Timers_due_in_the_same_millisecond_fire_in_the_order_of_setting()
    {
        timers.Set(new LoopTimer(this, 1), 500);
        timers.Advance(100);
        timers.Set(new LoopTimer(this, 2), 400);
        timers.Advance(0);
        timers.Set(new LoopTimer(this, 3), 400);
        timers.Advance(500);
        timers.FireDue();
        Assert.Equal([1, 2, 3], fired);
    }

    [Fact]
    public void A_timer_is_not_due_a_millisecond_early()
    {
        LoopTimer timer = new(this, 1);
        timers.Set(timer, 500);
        timers.Advance(499);
        Assert.Equal(0, timers.FireDue());
        Assert.True(timer.IsSet);
        Assert.Equal(1, timers.MillisecondsToNext());
        timers.Advance(500);
        Assert.Equal(0, timers.MillisecondsToNext());
        Assert.Equal(1, timers.FireDue());
        Assert.False(timer.IsSet);
        Assert.Equal(-1, timers.MillisecondsToNext());
    }

    [Theory]
    [InlineData(500)]
    [InlineData(501)]
    public void A_cancelled_timer_never_fires(int milliseconds)
    {
        LoopTimer timer = new(this, 1);
        timers.Set(timer, milliseconds);
        timers.Cancel(timer);
        timers.Cancel(timer);
        timers.Advance(1000);
        Assert.Equal(0, timers.FireDue());
        Assert.Empty(fired);
    }

    [Theory]
    [InlineData(500, 1234)]
    [InlineData(1234, 500)]
    [InlineData(500, 500)]
    [InlineData(700, 1300)]
    public void Setting_again_moves_the_timer(int first, int second)
    {
        LoopTimer timer = new(this, 1);
        timers.Set(timer, first);
        timers.Advance(300);
        timers.Set(timer, second);
        Assert.Equal(1, timers.Count);
        timers.Advance(300 + second - 1);
        Assert.Equal(0, timers.FireDue());
        timers.Advance(300 + second);
        Assert.Equal(1, timers.FireDue());
    }

    [Fact]
    public void A_timer_may_be_set_again_from_its_own_handler_without_stopping_the_loop()
    {
        onTimer = t => timers.Set(t, 0);
        timers.Set(new LoopTimer(this, 1), 0);
        Assert.Equal(1, timers.FireDue());
        Assert.Equal(1, timers.FireDue());
        Assert.Equal(1, timers.Count);
    }

    [Fact]
    public void A_handler_may_cancel_a_timer_that_is_due_with_it()
    {
        LoopTimer second = new(this, 2);
        onTimer = _ => timers.Cancel(second);
        timers.Set(new LoopTimer(this, 1), 500);
        timers.Set(second, 500);
        timers.Advance(500);
        timers.FireDue();
        Assert.Equal([1], fired);
    }

    [Fact]
    public void Random_sets_and_cancels_fire_exactly_what_a_sorted_list_says()
    {
        Random random = new(7);
        LoopTimer[] all = [.. Enumerable.Range(0, 500).Select(i => new LoopTimer(this, i))];
        Dictionary<int, long> expected = [];
        List<int> wanted = [];
        for (int step = 0; step < 20000; step++)
        {
            LoopTimer timer = all[random.Next(all.Length)];
            switch (random.Next(3))
            {
                case 0:
                    timers.Cancel(timer);
                    expected.Remove(timer.Kind);
                    break;
                case 1:
                    int length = random.Next(2) == 0 ? 500 << random.Next(6) : random.Next(5000);
                    timers.Set(timer, length);
                    expected[timer.Kind] = timers.Now + length;
                    break;
                default:
                    timers.Advance(timers.Now + random.Next(20));
                    int before = fired.Count;
                    timers.FireDue();
                    wanted = [.. expected.Where(e => e.Value <= timers.Now).OrderBy(e => e.Value).Select(e => e.Key)];
                    Assert.Equal(wanted.Order(), fired.Skip(before).Order());
                    wanted.ForEach(k => expected.Remove(k));
                    break;
            }

            Assert.Equal(expected.Count, timers.Count);
        }
    }

    [Fact]
    public void Setting_and_cancelling_allocate_nothing()
    {
        LoopTimer[] all = [.. Enumerable.Range(0, 1000).Select(i => new LoopTimer(this, i))];
        SetAndCancel(all, 500);
        SetAndCancel(all, 1234);
        long before = GC.GetAllocatedBytesForCurrentThread();
        SetAndCancel(all, 500);
        SetAndCancel(all, 1234);
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    [Fact]
    public void An_operation_costs_about_the_same_with_a_million_timers_as_with_a_thousand()
    {
        // Time is compared, not bounded: twenty times is far above noise and far below what any search would cost.
        double few = CostWith(1_000);
        double many = CostWith(1_000_000);
        Assert.True(many < few * 20, $"{few:f1} ns with a thousand, {many:f1} ns with a million");
    }

    private static double CostWith(int live)
    {
        TimerQueueTests owner = new();
        for (int i = 0; i < live; i++)
        {
            owner.timers.Set(new LoopTimer(owner, 0), 32000);
        }

        LoopTimer[] probes = [.. Enumerable.Range(0, 1000).Select(i => new LoopTimer(owner, i))];
        owner.SetAndCancel(probes, 32000);
        double best = double.MaxValue;
        for (int round = 0; round < 20; round++)
        {
            long start = Stopwatch.GetTimestamp();
            owner.SetAndCancel(probes, 32000);
            best = Math.Min(best, Stopwatch.GetElapsedTime(start).TotalNanoseconds / 2000);
        }

        return best;
    }

    private void SetAndCancel(LoopTimer[] all, int milliseconds)
    {
        foreach (LoopTimer timer in all)
        {
            timers.Set(timer, milliseconds);
        }

        foreach (LoopTimer timer in all)
        {
            timers.Cancel(timer);
        }
    }
}

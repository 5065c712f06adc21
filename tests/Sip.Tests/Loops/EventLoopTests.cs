using System.Diagnostics.Metrics;
using Microsoft.Extensions.Logging;
using Sip.B2bua.TestKit;

namespace Sip.Tests.Loops;

public sealed class EventLoopTests : ITimerOwner
{
    private static readonly TimeSpan Generous = TimeSpan.FromSeconds(30);

    private readonly VirtualTime time = new();
    private readonly ListLogger log = new();
    private readonly List<string> done = [];
    private Action? onTimer;

    void ITimerOwner.OnTimer(LoopTimer timer)
    {
        done.Add($"timer {timer.Kind}");
        onTimer?.Invoke();
    }

    [Fact]
    public void Now_is_milliseconds_of_the_clock_read_once_a_turn()
    {
        using EventLoop loop = Create();
        time.Advance(TimeSpan.FromMilliseconds(1500));
        Assert.Equal(0, loop.Now);
        loop.Turn(0);
        Assert.Equal(1500, loop.Now);
    }

    [Fact]
    public void Now_does_not_overflow_after_years()
    {
        using EventLoop loop = Create();
        time.Advance(TimeSpan.FromDays(2000));
        loop.Turn(0);
        Assert.Equal(2000L * 24 * 3600 * 1000, loop.Now);
    }

    [Fact]
    public void A_timer_fires_in_the_turn_in_which_it_is_due()
    {
        using EventLoop loop = Create();
        loop.Timers.Set(new LoopTimer(this, 1), 500);
        time.Advance(TimeSpan.FromMilliseconds(499));
        loop.Turn(0);
        Assert.Empty(done);
        Assert.True(loop.IsQuiet);
        time.Advance(TimeSpan.FromMilliseconds(1));
        Assert.False(loop.IsQuiet);
        loop.Turn(0);
        Assert.Equal(["timer 1"], done);
    }

    [Fact]
    public void Work_runs_in_the_order_of_posting_and_before_timers()
    {
        using EventLoop loop = Create();
        loop.Timers.Set(new LoopTimer(this, 1), 0);
        loop.Post(new Step(this, "a"));
        loop.Post(new Step(this, "b"));
        loop.Post(_ => done.Add("c"), null);
        loop.Turn(0);
        Assert.Equal(["a", "b", "c", "timer 1"], done);
    }

    [Fact]
    public void Work_that_waits_already_is_not_queued_twice_and_may_be_posted_again_after_it_ran()
    {
        using EventLoop loop = Create();
        Step step = new(this, "a");
        Assert.True(loop.Post(step));
        Assert.False(loop.Post(step));
        loop.Turn(0);
        Assert.True(loop.Post(step));
        loop.Turn(0);
        Assert.Equal(["a", "a"], done);
    }

    [Fact]
    public void Posting_work_allocates_nothing()
    {
        using EventLoop loop = Create();
        Counting work = new();
        loop.Post(work);
        loop.Turn(0);
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 1000; i++)
        {
            loop.Post(work);
            loop.Turn(0);
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
        Assert.Equal(1001, work.Runs);
    }

    [Fact]
    public void A_full_inbox_refuses_what_may_be_refused()
    {
        using EventLoop loop = new(0, new EventLoopOptions { Time = time, Poller = EventLoopOptions.WithoutSockets(), MaxInbox = 2 });
        Assert.True(loop.TryPost(new Counting()));
        Assert.True(loop.TryPost(new Counting()));
        Assert.False(loop.TryPost(new Counting()));
        Assert.True(loop.Post(new Counting()));
        Assert.Equal(3, loop.QueueDepth);
        loop.Turn(0);
        Assert.Equal(0, loop.QueueDepth);
    }

    [Fact]
    public void An_exception_ends_only_the_work_the_timer_or_the_callback_that_threw_it()
    {
        using EventLoop loop = Create();
        onTimer = () => throw new InvalidOperationException("timer");
        loop.Timers.Set(new LoopTimer(this, 1), 0);
        loop.Timers.Set(new LoopTimer(this, 2), 0);
        loop.Post(_ => throw new InvalidOperationException("callback"), null);
        loop.Post(new Step(this, "after"));
        loop.Turn(0);
        Assert.Equal(["after", "timer 1", "timer 2"], done);
        Assert.Equal(3, log.Lines.Count(l => l.Contains("failed; the loop goes on", StringComparison.Ordinal)));
    }

    [Fact]
    public void Whoever_blocks_the_loop_for_a_tenth_of_a_second_is_named()
    {
        using EventLoop loop = Create();
        loop.Post(new Step(this, "quick", () => time.Advance(TimeSpan.FromMilliseconds(99))));
        loop.Post(new Step(this, "slow", () =>
        {
            loop.Activity = "module Router";
            time.Advance(TimeSpan.FromMilliseconds(100));
        }));
        loop.Turn(0);
        string line = Assert.Single(log.Lines);
        Assert.Equal("loop 7: module Router (Step) blocked the loop for 100 ms", line);
    }

    [Fact]
    public void Lag_of_the_loop_is_measured()
    {
        List<double> lags = [];
        using MeterListener listener = new();
        listener.InstrumentPublished = (instrument, l) =>
        {
            if (instrument.Meter.Name == SipMeter.Name && instrument.Name == "sip.loop.lag")
            {
                l.EnableMeasurementEvents(instrument);
            }
        };
        listener.SetMeasurementEventCallback<double>((_, value, tags, _) =>
        {
            if (tags[0].Value is 4711)
            {
                lags.Add(value);
            }
        });
        listener.Start();
        using EventLoop loop = new(4711, new EventLoopOptions { Time = time, Poller = EventLoopOptions.WithoutSockets() });
        loop.Timers.Set(new LoopTimer(this, 1), 500);
        time.Advance(TimeSpan.FromMilliseconds(530));
        loop.Turn(0);
        Assert.Equal([30.0], lags);
    }

    [Fact]
    public void An_await_comes_back_in_a_later_turn_of_its_loop()
    {
        using EventLoop loop = Create();
        TaskCompletionSource answer = new();
        loop.Post(_ => _ = Work(), null);
        loop.Turn(0);
        Assert.Equal(["before"], done);
        answer.SetResult();
        Assert.Equal(["before"], done);
        loop.Turn(0);
        Assert.Equal(["before", "after on the loop"], done);

        async Task Work()
        {
            done.Add("before");
            await answer.Task;
            done.Add(EventLoop.Current == loop ? "after on the loop" : "after elsewhere");
        }
    }

    [Fact]
    public void A_delay_under_the_virtual_clock_comes_back_to_the_loop_at_its_time()
    {
        MemoryNetwork network = new(time);
        EventLoop loop = network.CreateLoop();
        loop.Post(_ => _ = Work(), null);
        network.Advance(TimeSpan.FromMilliseconds(2999));
        Assert.Empty(done);
        network.Advance(TimeSpan.FromMilliseconds(1));
        Assert.Equal(["3000 True"], done);

        async Task Work()
        {
            await Task.Delay(TimeSpan.FromSeconds(3), time);
            done.Add($"{loop.Now} {EventLoop.Current == loop}");
        }
    }

    [Fact]
    public void The_callers_synchronization_context_is_put_back_after_a_turn()
    {
        using EventLoop loop = Create();
        SynchronizationContext? before = SynchronizationContext.Current;
        loop.Turn(0);
        Assert.Same(before, SynchronizationContext.Current);
        Assert.Null(EventLoop.Current);
    }

    [Fact]
    public async Task The_loops_own_thread_is_woken_by_a_post_and_awaits_come_back_to_it()
    {
        using EventLoop loop = new(0);
        loop.Start();
        for (int i = 0; i < 200; i++)
        {
            TaskCompletionSource<(bool, bool)> result = new(TaskCreationOptions.RunContinuationsAsynchronously);
            loop.Post(_ => _ = Work(result), null);
            Assert.Equal((true, true), await result.Task.WaitAsync(Generous));
        }

        await loop.StopAsync().WaitAsync(Generous);

        async Task Work(TaskCompletionSource<(bool, bool)> result)
        {
            bool before = loop.InLoop;
            await Task.Run(static () => { });
            result.SetResult((before, loop.InLoop && EventLoop.Current == loop));
        }
    }

    [Fact]
    public async Task Timers_fire_on_the_loops_own_thread_in_real_time()
    {
        using EventLoop loop = new(0);
        TaskCompletionSource fired = new(TaskCreationOptions.RunContinuationsAsynchronously);
        onTimer = fired.SetResult;
        loop.Start();
        loop.Post(_ => loop.Timers.Set(new LoopTimer(this, 1), 20), null);
        await fired.Task.WaitAsync(Generous);
        await loop.StopAsync().WaitAsync(Generous);
    }

    [Fact]
    public async Task Nothing_posted_by_many_threads_is_lost_and_each_threads_order_is_kept()
    {
        using EventLoop loop = new(0);
        loop.Start();
        const int PerThread = 20000;
        int[] last = new int[4];
        int seen = 0;
        TaskCompletionSource all = new(TaskCreationOptions.RunContinuationsAsynchronously);
        bool ordered = true;
        Thread[] writers = [.. Enumerable.Range(0, 4).Select(n => new Thread(() =>
        {
            for (int i = 1; i <= PerThread; i++)
            {
                int value = i;
                loop.Post(_ => Note(n, value), null);
            }
        }))];
        Array.ForEach(writers, w => w.Start());
        await all.Task.WaitAsync(Generous);
        Assert.True(ordered);
        await loop.StopAsync().WaitAsync(Generous);

        void Note(int n, int value)
        {
            ordered &= last[n] == value - 1;
            last[n] = value;
            if (++seen == 4 * PerThread)
            {
                all.SetResult();
            }
        }
    }

    private EventLoop Create() => new(7, new EventLoopOptions { Time = time, Poller = EventLoopOptions.WithoutSockets(), Logger = log });

    private sealed class Step(EventLoopTests test, string name, Action? also = null) : LoopWork
    {
        protected internal override void Run(EventLoop loop)
        {
            test.done.Add(name);
            also?.Invoke();
        }
    }

    private sealed class Counting : LoopWork
    {
        public int Runs { get; private set; }

        protected internal override void Run(EventLoop loop) => Runs++;
    }

    private sealed class ListLogger : ILogger
    {
        public List<string> Lines { get; } = [];

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            Lines.Add(formatter(state, exception));
    }
}

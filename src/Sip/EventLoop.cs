using Microsoft.Extensions.Logging;
using Sip.Interop;
using Sip.Messages;

namespace Sip;

/// <summary>
/// One thread that owns its sockets, timers, buffers and everything of the calls that live on it, so that none of them needs a lock.
/// <code>
///   one turn:  wait -> receive and handle a batch -> posted work -> due timers -> send the batch
///              (poller)  (ILoopSource.OnReady)        (inbox)        (TimerQueue)   (ITurnEnd)
/// </code>
/// It is the <see cref="SynchronizationContext"/> of its thread: an <c>await</c> comes back to it. What it runs may fail or take
/// long; that is logged and counted, and the loop goes on.
/// A test runs the turns itself, on its own thread and under its own clock, with <see cref="Turn"/>.
/// </summary>
public sealed class EventLoop : SynchronizationContext, IDisposable
{
    private const int PollerPauseMilliseconds = 100;

    [ThreadStatic]
    private static EventLoop? current;

    private readonly ILoopPoller poller;
    private readonly LoopInbox inbox = new();
    private readonly List<ITurnEnd> turnEnds = [];
    private readonly TaskCompletionSource stopped = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly ManualResetEventSlim stopSignal = new();
    private readonly long startedAt;
    private readonly long slowTimestamps;
    private readonly int maxInbox;
    private readonly KeyValuePair<string, object?> tag;

    private Thread? thread;
    private int ownerThread = Environment.CurrentManagedThreadId;
    private int sleeping;
    private volatile bool stopping;
    private bool disposed;

    /// <summary>Makes a loop that does not run yet: call <see cref="Start"/>, or <see cref="Turn"/> from a test.</summary>
    /// <param name="number">The loop's number, which every id made on it carries.</param>
    /// <param name="options">Clock, buffers, log and poller; null for the defaults.</param>
    public EventLoop(int number, EventLoopOptions? options = null)
    {
        options ??= new EventLoopOptions();
        Number = number;
        Time = options.Time;
        Random = options.Random;
        Logger = options.Logger;
        Buffers = options.Buffers ?? new SipBufferPool();
        poller = options.Poller ?? (OperatingSystem.IsLinux() ? new EpollPoller() : new SelectPoller());
        maxInbox = options.MaxInbox;
        slowTimestamps = (long)(options.SlowMilliseconds / 1000.0 * Time.TimestampFrequency);
        tag = new KeyValuePair<string, object?>("loop", number);
        startedAt = Time.GetTimestamp();
        Timers = new TimerQueue(this);
    }

    /// <summary>The loop whose turn runs on this thread, if any.</summary>
    public static new EventLoop? Current => current;

    /// <summary>The loop's number.</summary>
    public int Number { get; }

    /// <summary>The clock that everything on the loop reads.</summary>
    public TimeProvider Time { get; }

    /// <summary>Draws lots where the protocol asks for one.</summary>
    public Random Random { get; }

    /// <summary>Monotonic milliseconds since the loop was made, read once a turn.</summary>
    public long Now => Timers.Now;

    /// <summary>The loop's timers.</summary>
    public TimerQueue Timers { get; }

    /// <summary>The buffers to receive into and to write messages to.</summary>
    public SipBufferPool Buffers { get; }

    /// <summary>Where what lives on the loop reports.</summary>
    public ILogger Logger { get; }

    /// <summary>Waits for the loop's sockets; to be used on the loop only.</summary>
    public ILoopPoller Poller => poller;

    /// <summary>How much work waits in the inbox.</summary>
    public int QueueDepth => inbox.Count;

    /// <summary>
    /// What the loop is doing just now, in the words that the log shall use if it takes too long or fails; a module host sets it to
    /// the module's name. It is forgotten when the current piece of work ends.
    /// </summary>
    public string? Activity { get; set; }

    /// <summary>Whether the caller is on the loop's thread: the thread of <see cref="Start"/>, or that of the last <see cref="Turn"/>.</summary>
    public bool InLoop => Environment.CurrentManagedThreadId == Volatile.Read(ref ownerThread);

    /// <summary>Whether a turn would find nothing to do now: no work waits and no timer is due. For tests that run the turns themselves.</summary>
    public bool IsQuiet => inbox.IsEmpty && turnEnds.Count == 0 && NextTimerAt > Time.GetTimestamp();

    /// <summary>When the loop's next timer is due, as a timestamp of <see cref="Time"/>; <see cref="long.MaxValue"/> if none is set.</summary>
    public long NextTimerAt
    {
        get
        {
            long due = Timers.NextDueAt;
            if (due == long.MaxValue)
            {
                return due;
            }

            (long seconds, long rest) = Math.DivRem(due, 1000);
            long frequency = Time.TimestampFrequency;
            return startedAt + (seconds * frequency) + (((rest * frequency) + 999) / 1000);
        }
    }

    /// <summary>Has work run on the loop; from any thread, without allocating. Returns false if this object waits there already.</summary>
    /// <param name="work">The work.</param>
    public bool Post(LoopWork work)
    {
        ArgumentNullException.ThrowIfNull(work);
        if (!work.TryEnqueue())
        {
            return false;
        }

        inbox.Push(work);
        WakeIfSleeping();
        return true;
    }

    /// <summary>As <see cref="Post(LoopWork)"/>, but refuses when the inbox is full: for what strangers cause, such as messages.</summary>
    /// <param name="work">The work.</param>
    public bool TryPost(LoopWork work)
    {
        if (inbox.Count >= maxInbox)
        {
            SipMeter.InboxDrops.Add(1, tag);
            return false;
        }

        return Post(work);
    }

    /// <inheritdoc/>
    public override void Post(SendOrPostCallback d, object? state) => Post(new CallbackWork(d, state));

    /// <summary>Runs the callback at once on the loop's thread; from another thread this would block and is refused.</summary>
    /// <param name="d">The callback.</param>
    /// <param name="state">Its state.</param>
    /// <exception cref="NotSupportedException">The caller is not on the loop.</exception>
    public override void Send(SendOrPostCallback d, object? state)
    {
        ArgumentNullException.ThrowIfNull(d);
        if (!InLoop)
        {
            throw new NotSupportedException("A loop is posted to, never waited for.");
        }

        d(state);
    }

    /// <inheritdoc/>
    public override SynchronizationContext CreateCopy() => this;

    /// <summary>Has somebody called at the end of this turn, once for each call of this method. Used on the loop only.</summary>
    /// <param name="what">Who is called.</param>
    public void AtTurnEnd(ITurnEnd what) => turnEnds.Add(what);

    /// <summary>Starts the loop's own thread.</summary>
    public void Start()
    {
        if (thread is not null)
        {
            throw new InvalidOperationException("The loop runs already.");
        }

        thread = new Thread(RunThread) { IsBackground = true, Name = $"sip-loop-{Number}" };
        Volatile.Write(ref ownerThread, thread.ManagedThreadId);
        thread.Start();
    }

    /// <summary>Ends the loop's thread after its current turn. What is still in the inbox is run first.</summary>
    public Task StopAsync()
    {
        stopping = true;
        stopSignal.Set();
        if (thread is null)
        {
            stopped.TrySetResult();
        }

        poller.Wake();
        return stopped.Task;
    }

    /// <summary>
    /// One turn. The loop's own thread calls it for ever; a test calls it on its own thread, with 0 so that nothing waits.
    /// </summary>
    /// <param name="maxWaitMs">The longest wait for something to happen, in milliseconds; -1 for no limit.</param>
    public void Turn(int maxWaitMs)
    {
        EventLoop? outerLoop = current;
        SynchronizationContext? outerContext = SynchronizationContext.Current;
        Volatile.Write(ref ownerThread, Environment.CurrentManagedThreadId);
        current = this;
        SetSynchronizationContext(this);
        try
        {
            int ready = Wait(maxWaitMs);
            Timers.Advance(ReadNow());
            RunReady(ready);
            RunInbox();
            RunTimers();
            RunTurnEnds();
        }
        finally
        {
            current = outerLoop;
            SetSynchronizationContext(outerContext);
        }
    }

    /// <summary>Logs and counts an exception that somebody on the loop caught on the loop's behalf.</summary>
    /// <param name="what">What failed.</param>
    /// <param name="exception">How.</param>
    public void ReportFault(string what, Exception exception)
    {
        SipMeter.LoopFaults.Add(1, tag);
        SipLog.WorkFailed(Logger, Number, Activity is null ? what : $"{Activity} ({what})", exception);
    }

    /// <summary>Notes the moment at which a piece of work begins; to be given to <see cref="EndWork"/>.</summary>
    public long BeginWork()
    {
        Activity = null;
        return Time.GetTimestamp();
    }

    /// <summary>Whether the piece of work that began then has blocked the loop too long. If so, name it with <see cref="ReportSlow"/>.</summary>
    /// <param name="began">What <see cref="BeginWork"/> returned.</param>
    public bool EndWork(long began) => Time.GetTimestamp() - began >= slowTimestamps;

    /// <summary>Logs and counts a piece of work that has blocked the loop.</summary>
    /// <param name="what">Its name.</param>
    /// <param name="began">What <see cref="BeginWork"/> returned.</param>
    public void ReportSlow(string what, long began)
    {
        SipMeter.LoopBlocked.Add(1, tag);
        string name = Activity is null ? what : $"{Activity} ({what})";
        SipLog.LoopBlocked(Logger, Number, name, (long)Time.GetElapsedTime(began).TotalMilliseconds);
    }

    /// <summary>Closes the poller; the loop must have been stopped.</summary>
    public void Dispose()
    {
        if (!disposed)
        {
            disposed = true;
            poller.Dispose();
            stopSignal.Dispose();
        }
    }

    internal void RunTimer(LoopTimer timer)
    {
        long began = BeginWork();
        try
        {
            timer.Owner.OnTimer(timer);
        }
        catch (Exception e)
        {
            // The border of the loop: a timer's fault is that timer's alone.
            ReportFault(NameOf(timer), e);
        }

        if (EndWork(began))
        {
            ReportSlow(NameOf(timer), began);
        }
    }

    private static string NameOf(LoopTimer timer) => $"timer {timer.Kind} of {timer.Owner.GetType().Name}";

    private int Wait(int maxWaitMs)
    {
        long due = Timers.NextDueAt;
        int wait = due == long.MaxValue ? -1 : (int)Math.Clamp(due - ReadNow(), 0, int.MaxValue);
        if (wait < 0 || (maxWaitMs >= 0 && maxWaitMs < wait))
        {
            wait = maxWaitMs;
        }

        if (wait == 0)
        {
            return poller.Wait(0);
        }

        // Say that we sleep before the last look at the inbox: whoever posts after that look sees it and wakes us.
        Interlocked.Exchange(ref sleeping, 1);
        int ready = poller.Wait(inbox.IsEmpty && !stopping ? wait : 0);
        Interlocked.Exchange(ref sleeping, 0);
        return ready;
    }

    private void WakeIfSleeping()
    {
        if (Volatile.Read(ref sleeping) != 0 && Interlocked.Exchange(ref sleeping, 0) != 0)
        {
            poller.Wake();
        }
    }

    private void RunReady(int ready)
    {
        for (int i = 0; i < ready; i++)
        {
            if (poller.Ready(i, out LoopEvents events) is not { } source)
            {
                continue;
            }

            try
            {
                source.OnReady(events);
            }
            catch (Exception e)
            {
                // The border of the loop: a socket's fault ends nothing but this attempt to serve it.
                ReportFault(source.GetType().Name, e);
            }
        }
    }

    private void RunInbox()
    {
        LoopWork? work = inbox.TakeAll();
        if (work is null)
        {
            return;
        }

        SipMeter.QueueDepth.Record(inbox.Count, tag);
        while (work is not null)
        {
            LoopWork? next = work.NextInInbox;
            work.NextInInbox = null;
            inbox.Taken();
            work.Dequeued();
            long began = BeginWork();
            try
            {
                work.Run(this);
            }
            catch (Exception e)
            {
                // The border of the loop: a piece of work fails alone.
                ReportFault(work.Name, e);
            }

            if (EndWork(began))
            {
                ReportSlow(work.Name, began);
            }

            work = next;
        }
    }

    private void RunTimers()
    {
        long late = Timers.Now - Timers.NextDueAt;
        if (late >= 0)
        {
            SipMeter.LoopLag.Record(late, tag);
            Timers.FireDue();
        }
    }

    private void RunTurnEnds()
    {
        // Indexed: somebody may ask again while it is called, and is then called in this turn, too.
        for (int i = 0; i < turnEnds.Count; i++)
        {
            try
            {
                turnEnds[i].OnTurnEnd();
            }
            catch (Exception e)
            {
                // The border of the loop: one transport's fault must not keep the others from sending.
                ReportFault(turnEnds[i].GetType().Name, e);
            }
        }

        turnEnds.Clear();
    }

    private void RunThread()
    {
        SetSynchronizationContext(this);
        while (!stopping || !inbox.IsEmpty)
        {
            try
            {
                Turn(-1);
            }
            catch (Exception e)
            {
                // Only the poller itself can get here. The next turn tries again, but not as fast as it can fail.
                ReportFault("poller", e);
                stopSignal.Wait(PollerPauseMilliseconds);
            }
        }

        stopped.TrySetResult();
    }

    // Split into seconds and rest, because timestamp * 1000 would overflow after a hundred days of nanoseconds.
    private long ReadNow()
    {
        long frequency = Time.TimestampFrequency;
        (long seconds, long rest) = Math.DivRem(Time.GetTimestamp() - startedAt, frequency);
        return (seconds * 1000) + (rest * 1000 / frequency);
    }
}

namespace Sip;

/// <summary>
/// A piece of work to be run once on a loop. The object itself is the link of the loop's inbox, so posting it allocates nothing;
/// it may be posted again after it has run.
/// </summary>
public abstract class LoopWork
{
    private int queued;

    /// <summary>The name under which the log mentions this work when it fails or takes too long.</summary>
    public virtual string Name => GetType().Name;

    internal LoopWork? NextInInbox { get; set; }

    /// <summary>Does the work, on the loop's thread. An exception is logged by the loop and ends only this work.</summary>
    /// <param name="loop">The loop it was posted to.</param>
    protected internal abstract void Run(EventLoop loop);

    internal bool TryEnqueue() => Interlocked.Exchange(ref queued, 1) == 0;

    internal void Dequeued() => Volatile.Write(ref queued, 0);
}

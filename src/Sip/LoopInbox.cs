namespace Sip;

/// <summary>
/// The queue by which other threads give work to a loop: any number of writers, one reader, no lock. Writers push onto a
/// linked stack; the reader takes the whole stack at once and turns it round. Nothing is ever popped singly, so there is no ABA.
/// </summary>
internal sealed class LoopInbox
{
    private LoopWork? top;
    private int count;

    /// <summary>How much work waits; exact only when nobody posts.</summary>
    public int Count => Volatile.Read(ref count);

    public bool IsEmpty => Volatile.Read(ref top) is null;

    public void Push(LoopWork work)
    {
        Interlocked.Increment(ref count);
        LoopWork? seen = Volatile.Read(ref top);
        while (true)
        {
            work.NextInInbox = seen;
            LoopWork? before = Interlocked.CompareExchange(ref top, work, seen);
            if (ReferenceEquals(before, seen))
            {
                return;
            }

            seen = before;
        }
    }

    /// <summary>Takes everything that waits, oldest first, as a chain linked by <see cref="LoopWork.NextInInbox"/>.</summary>
    public LoopWork? TakeAll()
    {
        LoopWork? work = Interlocked.Exchange(ref top, null);
        LoopWork? oldest = null;
        while (work is not null)
        {
            LoopWork? next = work.NextInInbox;
            work.NextInInbox = oldest;
            oldest = work;
            work = next;
        }

        return oldest;
    }

    /// <summary>Counts one piece of work less, when it is about to run.</summary>
    public void Taken() => Interlocked.Decrement(ref count);
}

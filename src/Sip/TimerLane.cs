namespace Sip;

/// <summary>
/// Timers of one length in the order of their setting. As the clock never goes back, that is also the order in which they
/// become due: setting, cancelling and firing cost the same however many wait.
/// </summary>
internal sealed class TimerLane(int milliseconds)
{
    private LoopTimer? tail;

    public int Milliseconds { get; } = milliseconds;

    public LoopTimer? Head { get; private set; }

    public void Append(LoopTimer timer)
    {
        timer.Previous = tail;
        timer.Next = null;
        if (tail is null)
        {
            Head = timer;
        }
        else
        {
            tail.Next = timer;
        }

        tail = timer;
    }

    public void Remove(LoopTimer timer)
    {
        if (timer.Previous is null)
        {
            Head = timer.Next;
        }
        else
        {
            timer.Previous.Next = timer.Next;
        }

        if (timer.Next is null)
        {
            tail = timer.Previous;
        }
        else
        {
            timer.Next.Previous = timer.Previous;
        }

        timer.Previous = null;
        timer.Next = null;
    }
}

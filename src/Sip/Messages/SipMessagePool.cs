namespace Sip.Messages;

/// <summary>Lends <see cref="SipMessage"/>s with their header tables. One for each loop; not to be shared.</summary>
public sealed class SipMessagePool
{
    // Bounded: what comes back beyond this is left to the collector.
    private const int Capacity = 8192;

    private readonly Stack<SipMessage> free = new();

    /// <summary>Lends an empty message, counted once for the caller.</summary>
    public SipMessage Rent()
    {
        if (!free.TryPop(out SipMessage? message))
        {
            message = new SipMessage(this);
        }

        message.Lend();
        return message;
    }

    /// <summary>Leaves all that is not lent just now to the collector, after a burst that is over.</summary>
    public void Clear()
    {
        free.Clear();
        free.TrimExcess();
    }

    internal void Return(SipMessage message)
    {
        if (free.Count < Capacity)
        {
            free.Push(message);
        }
    }
}

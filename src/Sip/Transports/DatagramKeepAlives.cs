using Sip.Messages;

namespace Sip.Transports;

/// <summary>
/// The datagram flows of one loop that are kept open in the NATs on their way: each is sent a double CRLF at regular intervals, until
/// its time is over. Bounded; what comes when the bound is reached is left to the peer's own keep-alives.
/// </summary>
internal sealed class DatagramKeepAlives : ITimerOwner
{
    private const int MaxFlows = 100_000;

    private readonly TransportSet set;
    private readonly Dictionary<SipAddress, Entry> flows = [];
    private readonly Queue<Entry> byTime = new();
    private readonly LoopTimer next;

    public DatagramKeepAlives(TransportSet set)
    {
        this.set = set;
        next = new LoopTimer(this, 0);
    }

    /// <summary>How many flows are kept open.</summary>
    public int Count => flows.Count;

    /// <summary>Keeps a flow open for so long; for 0, no longer.</summary>
    public void Keep(in Flow flow, int interval, long milliseconds)
    {
        if (flows.TryGetValue(flow.Remote, out Entry? known))
        {
            known.Flow = flow;
            known.Until = set.Loop.Now + milliseconds;
            known.Interval = interval;
        }
        else if (milliseconds > 0 && flows.Count < MaxFlows)
        {
            Entry entry = new() { Flow = flow, Until = set.Loop.Now + milliseconds, Interval = interval, Due = set.Loop.Now + interval };
            flows.Add(flow.Remote, entry);
            byTime.Enqueue(entry);
            if (byTime.Count == 1)
            {
                WaitForNext();
            }
        }
    }

    /// <inheritdoc/>
    public void OnTimer(LoopTimer timer)
    {
        while (byTime.TryPeek(out Entry? entry) && entry.Due <= set.Loop.Now)
        {
            byTime.Dequeue();
            if (entry.Until <= set.Loop.Now)
            {
                flows.Remove(entry.Flow.Remote);
                continue;
            }

            Send(entry.Flow);
            entry.Due = set.Loop.Now + entry.Interval;
            byTime.Enqueue(entry); // the interval is the same for all, or was changed lately: in order, or soon again
        }

        WaitForNext();
    }

    private void WaitForNext()
    {
        if (byTime.TryPeek(out Entry? entry))
        {
            set.Loop.Timers.Set(next, (int)Math.Max(1, entry.Due - set.Loop.Now));
        }
    }

    private void Send(in Flow flow)
    {
        SipBuffer ping = set.Loop.Buffers.Rent(4);
        "\r\n\r\n"u8.CopyTo(ping.Array);
        ping.Length = 4;
        set.Send(flow, ping);
        ping.Release();
    }

    private sealed class Entry
    {
        public Flow Flow { get; set; }

        public long Until { get; set; }

        public int Interval { get; set; }

        public long Due { get; set; }
    }
}

namespace Sip.Transports;

/// <summary>Ways that have failed lately: for a while they are tried after all others (RFC 3263 4.3).</summary>
/// <param name="loop">The loop whose clock says what is lately.</param>
/// <param name="milliseconds">For how long.</param>
internal sealed class AvoidedWays(EventLoop loop, long milliseconds)
{
    private const int MaxWays = 1024;

    private readonly Dictionary<TargetWay, long> until = [];
    private readonly Queue<TargetWay> byAge = new();

    /// <summary>How many ways are remembered.</summary>
    public int Count => until.Count;

    /// <summary>Remembers a way that has failed.</summary>
    public void Add(in TargetWay way)
    {
        if (until.TryAdd(way, 0))
        {
            byAge.Enqueue(way);
        }

        until[way] = loop.Now + milliseconds;
        while (byAge.Count > MaxWays)
        {
            until.Remove(byAge.Dequeue());
        }
    }

    /// <summary>Whether a way is to be avoided now.</summary>
    public bool Contains(in TargetWay way)
    {
        while (byAge.TryPeek(out TargetWay oldest) && until[oldest] <= loop.Now)
        {
            until.Remove(byAge.Dequeue());
        }

        return until.TryGetValue(way, out long end) && end > loop.Now;
    }
}

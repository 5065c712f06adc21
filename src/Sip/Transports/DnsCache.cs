namespace Sip.Transports;

/// <summary>The answers that are still good, bounded in number; when it is full, the one used longest ago makes room.</summary>
/// <param name="loop">The loop whose clock says what is still good.</param>
/// <param name="options">Bounds of number and time.</param>
internal sealed class DnsCache(EventLoop loop, DnsOptions options)
{
    private readonly Dictionary<(string Name, DnsType Type), LinkedListNode<Entry>> entries = [];
    private readonly LinkedList<Entry> byUse = new();

    /// <summary>How many answers are kept.</summary>
    public int Count => entries.Count;

    /// <summary>Finds an answer that is still good.</summary>
    public bool TryFind(string name, DnsType type, out DnsAnswer answer)
    {
        answer = DnsAnswer.Nothing;
        if (!entries.TryGetValue((name, type), out LinkedListNode<Entry>? node))
        {
            return false;
        }

        byUse.Remove(node);
        if (node.Value.GoodUntil <= loop.Now)
        {
            entries.Remove((name, type));
            return false;
        }

        byUse.AddLast(node);
        answer = node.Value.Answer;
        return true;
    }

    /// <summary>Keeps an answer for as long as it says, within bounds.</summary>
    public void Add(string name, DnsType type, DnsAnswer answer)
    {
        if (options.CacheSize <= 0)
        {
            return;
        }

        int seconds = answer.Status switch
        {
            DnsStatus.Found => Math.Clamp(answer.TimeToLive, options.MinSeconds, options.MaxSeconds),
            DnsStatus.Nothing when answer.Alias is null => Math.Clamp(answer.TimeToLive, options.MinSeconds, options.MaxNegativeSeconds),
            DnsStatus.Nothing => Math.Clamp(answer.TimeToLive, options.MinSeconds, options.MaxSeconds),
            _ => options.FailureSeconds,
        };
        if (entries.Remove((name, type), out LinkedListNode<Entry>? old))
        {
            byUse.Remove(old);
        }
        else if (entries.Count >= options.CacheSize)
        {
            Entry oldest = byUse.First!.Value;
            byUse.RemoveFirst();
            entries.Remove((oldest.Name, oldest.Type));
        }

        entries[(name, type)] = byUse.AddLast(new Entry(name, type, answer, loop.Now + (seconds * 1000L)));
    }

    private readonly record struct Entry(string Name, DnsType Type, DnsAnswer Answer, long GoodUntil);
}

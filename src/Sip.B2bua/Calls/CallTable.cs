namespace Sip.B2bua.Calls;

/// <summary>The calls of one loop, for shutdown and whoever looks; bounded by the setting for all loops together.</summary>
internal sealed class CallTable(CallCount count)
{
    private readonly HashSet<Call> calls = [];

    /// <summary>How many calls the whole server may have; 0: no limit.</summary>
    public int Limit => count.Limit;

    /// <summary>How many calls there are on this loop.</summary>
    public int Count => calls.Count;

    /// <summary>Adds a call; false when the server has as many as it may have.</summary>
    public bool TryAdd(Call call)
    {
        if (!count.TryEnter())
        {
            return false;
        }

        calls.Add(call);
        return true;
    }

    /// <summary>Removes a call that is over.</summary>
    public void Remove(Call call)
    {
        if (calls.Remove(call))
        {
            count.Leave();
        }
    }

    /// <summary>Ends all calls, each as its state demands.</summary>
    public void EndAll(int code, string reason)
    {
        foreach (Call call in calls.ToArray())
        {
            call.End(code, reason);
        }
    }
}

/// <summary>How many calls the whole server has, and may have.</summary>
internal sealed class CallCount(int limit)
{
    private int calls;

    /// <summary>How many there may be; 0: no limit.</summary>
    public int Limit => limit;

    /// <summary>The calls of all loops.</summary>
    public int Value => Volatile.Read(ref calls);

    /// <summary>Counts one more; false at the limit (0: none).</summary>
    public bool TryEnter()
    {
        if (Interlocked.Increment(ref calls) <= limit || limit == 0)
        {
            return true;
        }

        Interlocked.Decrement(ref calls);
        return false;
    }

    /// <summary>Counts one less.</summary>
    public void Leave() => Interlocked.Decrement(ref calls);
}

namespace Sip.Fuzz;

/// <summary>Feeds mutated messages to the target, one call an input, and watches for exceptions and allocation.</summary>
public sealed class FuzzRun(IReadOnlyList<byte[]> corpus, int seed)
{
    // Pools and tables grow in the beginning; afterwards an input may allocate nothing to speak of.
    private const int WarmUp = 5_000;
    private const int MaxBytesPerInput = 4 * 1024;
    private const int MaxBytesInAll = 1024 * 1024;

    private readonly Mutator mutator = new(corpus, seed);
    private readonly FuzzTarget target = new();

    /// <summary>How many inputs are done.</summary>
    public long Inputs { get; private set; }

    /// <summary>How many of them the parser accepted, each counted for datagram and for stream.</summary>
    public int Accepted => target.Accepted;

    /// <summary>What the target allocated after the warm-up, in octets.</summary>
    public long Allocated { get; private set; }

    /// <summary>The input made last.</summary>
    public byte[] Current { get; private set; } = [];

    /// <summary>Makes and runs one input; null, or what went wrong.</summary>
    public string? Step()
    {
        Current = mutator.Next();
        string? failure = Run(out long allocated);
        Inputs++;
        if (Inputs <= WarmUp)
        {
            return failure;
        }

        Allocated += allocated;
        if (allocated > MaxBytesPerInput)
        {
            // A table may have had to grow for it; then it is large enough now.
            failure ??= Run(out allocated);
            failure ??= allocated > MaxBytesPerInput ? $"allocated {allocated} octets, each time" : null;
        }

        return failure ?? (Allocated > MaxBytesInAll ? $"allocated {Allocated} octets in all" : null);
    }

    private string? Run(out long allocated)
    {
        long before = GC.GetAllocatedBytesForCurrentThread();
        string? failure;
        try
        {
            failure = target.Run(Current);
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            failure = e.ToString();
        }

        allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        return failure;
    }
}

namespace Sip.Tests;

/// <summary>
/// What something allocates on its thread. The runtime may allocate there, too (its own caches grow when other tests run beside), once in a
/// while: only an action that allocates every time counts.
/// </summary>
internal static class Allocation
{
    private const int Rounds = 8;

    /// <summary>The least number of octets that one of several rounds of an action has cost; the first only warms up.</summary>
    public static long Least(Action action)
    {
        action();
        long least = long.MaxValue;
        for (int round = 0; round < Rounds && least > 0; round++)
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            action();
            least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
        }

        return least;
    }
}

using System.Diagnostics;

namespace Sip.Benchmarks;

/// <summary>
/// The same numbers in seconds instead of minutes: the best of many short rounds, which a busy machine disturbs least.
/// </summary>
internal static class Quick
{
    private const int Rounds = 200;
    private const int Calls = 2_000;

    public static void Run()
    {
        ParserBenchmarks benchmarks = new();
        benchmarks.Setup();
        Measure(nameof(benchmarks.ParseInvite), benchmarks.ParseInvite);
        Measure(nameof(benchmarks.ParseResponse), benchmarks.ParseResponse);
        Measure(nameof(benchmarks.RefuseInvite), benchmarks.RefuseInvite);
        Measure(nameof(benchmarks.ParseInviteAndReadHeaders), benchmarks.ParseInviteAndReadHeaders);
        Measure(nameof(benchmarks.ParseInviteAndWriteRinging), benchmarks.ParseInviteAndWriteRinging);
    }

    private static void Measure(string name, Func<int> work)
    {
        double best = double.MaxValue;
        long allocated = 0;
        for (int round = 0; round < Rounds; round++)
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            long start = Stopwatch.GetTimestamp();
            for (int i = 0; i < Calls; i++)
            {
                work();
            }

            best = Math.Min(best, Stopwatch.GetElapsedTime(start).TotalNanoseconds / Calls);
            allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        }

        Console.WriteLine($"{name,-30} {best,7:F0} ns {allocated / Calls,5} B");
    }
}

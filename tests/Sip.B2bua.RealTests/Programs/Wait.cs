using System.Diagnostics;

namespace Sip.B2bua.RealTests.Programs;

/// <summary>Waiting for something to become true, with an end; nothing in these tests waits for a length of time.</summary>
internal static class Wait
{
    /// <summary>Polls a condition until it holds. Throws what was awaited and the evidence when it does not in time.</summary>
    public static async Task ForAsync(Func<bool> condition, string what, Func<string> evidence, double seconds = 15)
    {
        var watch = Stopwatch.StartNew();
        while (!condition())
        {
            if (watch.Elapsed.TotalSeconds > seconds)
            {
                throw new TimeoutException($"{what}: not within {seconds} s.\n{evidence()}");
            }

            await Task.Delay(20);
        }
    }
}

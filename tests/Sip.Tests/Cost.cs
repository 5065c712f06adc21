using System.Diagnostics;

namespace Sip.Tests;

/// <summary>What something costs in time, on a machine that others use too: they can make a run slower, never faster.</summary>
internal static class Cost
{
    private const int Runs = 8;

    /// <summary>Asserts that one of several runs takes less than that; only an action that is always slower fails.</summary>
    public static void IsBelow(double seconds, Action action)
    {
        double best = double.MaxValue;
        for (int run = 0; run < Runs && best >= seconds; run++)
        {
            long start = Stopwatch.GetTimestamp();
            action();
            best = Math.Min(best, Stopwatch.GetElapsedTime(start).TotalSeconds);
        }

        Assert.True(best < seconds, $"{best:f2} s at best, not {seconds} s");
    }
}

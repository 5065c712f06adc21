using System.Runtime.InteropServices;
using Microsoft.Extensions.Logging;

namespace Sip.B2bua.Daemon;

/// <summary>
/// Gives memory back to the machine when a burst is over. A runtime that has nothing to do collects nothing, and so would keep what an
/// attack, or the busiest hour of the day, made it take. Only while no call is up, because the relay stands still for a moment.
/// </summary>
internal sealed partial class IdleMemory : IDisposable
{
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(30);

    // Less than this in a period is a server that is all but idle.
    private const long QuietOctets = 4 << 20;

    // More than this above the last time is worth the trouble.
    private const long WorthOctets = 24 << 20;

    private readonly B2buaServer server;
    private readonly ILogger log;
    private readonly ITimer timer;
    private long allocated;
    private long taken;

    public IdleMemory(B2buaServer server, TimeProvider time, ILogger log)
    {
        this.server = server;
        this.log = log;
        allocated = GC.GetTotalAllocatedBytes();
        taken = Environment.WorkingSet;
        timer = time.CreateTimer(static me => ((IdleMemory)me!).Look(), this, Period, Period);
    }

    public void Dispose() => timer.Dispose();

    private void Look()
    {
        var before = allocated;
        allocated = GC.GetTotalAllocatedBytes();
        if (allocated - before > QuietOctets || server.CallCount > 0 || Environment.WorkingSet < taken + WorthOctets)
        {
            return;
        }

        var held = Environment.WorkingSet;
        foreach (var loop in server.Stack.Loops)
        {
            var done = new TaskCompletionSource();
            loop.EventLoop.Post(_ =>
            {
                loop.ClearPools();
                done.SetResult();
            }, null);
            if (!done.Task.Wait(Period))
            {
                return; // it is busy after all, or stopped
            }
        }

        GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        TrimNativeHeap();
        taken = Environment.WorkingSet;
        allocated = GC.GetTotalAllocatedBytes();
        DaemonLog.GaveBack(log, (held - taken) >> 20);
    }

    // OpenSSL's and SQLite's share; a library that has no such function gives back by itself.
    private static void TrimNativeHeap()
    {
        try
        {
            _ = MallocTrim(0);
        }
        catch (Exception e) when (e is EntryPointNotFoundException or DllNotFoundException)
        {
        }
    }

    [LibraryImport("libc", EntryPoint = "malloc_trim")]
    private static partial int MallocTrim(nuint pad);
}

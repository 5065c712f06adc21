using Microsoft.Extensions.Logging;

namespace Sip.B2bua.Modules;

/// <summary>What stands between a loop and the modules it calls: counts, faults, and the name of whoever blocks.</summary>
internal sealed class ModuleFence
{
    /// <summary>A module must not keep the loop longer than this.</summary>
    public const int SlowMilliseconds = 100;

    private readonly EventLoop loop;
    private readonly ILogger logger;
    private readonly ModuleCounts[] counts;

    public ModuleFence(int modules, EventLoop loop, ILogger logger)
    {
        this.loop = loop;
        this.logger = logger;
        counts = new ModuleCounts[modules];
        for (int i = 0; i < modules; i++)
        {
            counts[i] = new ModuleCounts();
        }
    }

    public ModuleCounts CountsOf(LoadedModule module) => counts[module.Index];

    /// <summary>Notes that the loop is now in the module's hands; to be given to <see cref="Leave"/>.</summary>
    public long Enter(LoadedModule module)
    {
        loop.Activity = module.Name;
        return loop.Time.GetTimestamp();
    }

    /// <summary>The module has given the loop back, at its end or at its first await.</summary>
    public void Leave(LoadedModule module, string member, long began)
    {
        loop.Activity = null;
        TimeSpan took = loop.Time.GetElapsedTime(began);
        if (took.Ticks > SlowMilliseconds * TimeSpan.TicksPerMillisecond)
        {
            CountsOf(module).Slow++;
            B2buaLog.ModuleBlocked(logger, module.Name, (long)took.TotalMilliseconds, member);
        }
    }

    /// <summary>Tells of an exception that came out of a module.</summary>
    public void Report(LoadedModule module, string member, Exception fault, DecisionTrail? trail)
    {
        CountsOf(module).Faults++;
        trail?.Add(module.Name, "fault in {0}: {1}", member, fault.GetType().Name);
        B2buaLog.ModuleFailed(logger, module.Name, member, fault);
    }
}

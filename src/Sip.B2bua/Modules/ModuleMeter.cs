using System.Collections.Immutable;
using System.Diagnostics.Metrics;

namespace Sip.B2bua.Modules;

/// <summary>Shows the counters of all modules, summed over the loops, under the meter name <see cref="Name"/>.</summary>
internal sealed class ModuleMeter : IDisposable
{
    /// <summary>The name of the meter, for those who collect it.</summary>
    public const string Name = "Sip.B2bua.Modules";

    private readonly Meter meter = new(Name);
    private readonly IReadOnlyList<LoadedModule> modules;
    private ImmutableArray<RequestPipeline> pipelines = [];

    public ModuleMeter(IReadOnlyList<LoadedModule> modules)
    {
        this.modules = modules;
        Show("sip.module.admitted", "{request}", "Requests that a module's filter let in.", static counts => counts.Admitted);
        Show("sip.module.skipped", "{request}", "Requests that a module's filter kept out.", static counts => counts.Skipped);
        Show("sip.module.faults", "{fault}", "Exceptions that came out of a module.", static counts => counts.Faults);
        Show("sip.module.slow", "{time}", "Times that a module has blocked its loop.", static counts => counts.Slow);
    }

    /// <summary>Adds the counters of one more loop.</summary>
    public void Add(RequestPipeline pipeline) =>
        ImmutableInterlocked.Update(ref pipelines, static (all, one) => all.Add(one), pipeline);

    /// <summary>One module's counters over all loops.</summary>
    public ModuleCounts Sum(LoadedModule module)
    {
        ModuleCounts sum = new();
        foreach (RequestPipeline pipeline in pipelines)
        {
            ModuleCounts counts = pipeline.CountsOf(module);
            sum.Admitted += counts.Admitted;
            sum.Skipped += counts.Skipped;
            sum.Faults += counts.Faults;
            sum.Slow += counts.Slow;
        }

        return sum;
    }

    /// <inheritdoc/>
    public void Dispose() => meter.Dispose();

    private void Show(string name, string unit, string description, Func<ModuleCounts, long> read) =>
        meter.CreateObservableCounter(name, () => Read(read), unit, description);

    private IEnumerable<Measurement<long>> Read(Func<ModuleCounts, long> read) =>
        modules.Select(module => new Measurement<long>(read(Sum(module)), new KeyValuePair<string, object?>("module", module.Name)));
}

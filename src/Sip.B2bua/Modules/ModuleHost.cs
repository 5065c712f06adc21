using System.Composition.Hosting;
using Microsoft.Extensions.Logging;

namespace Sip.B2bua.Modules;

/// <summary>
/// Makes the modules that take part and what they import, starts them in their order and stops them in reverse. A module
/// that is not enabled is not made, nor is a store that no setting chooses.
/// </summary>
internal sealed class ModuleHost : IDisposable
{
    private readonly ILogger logger;
    private readonly CompositionHost container;
    private readonly List<LoadedModule> modules = [];
    private readonly ModuleMeter meter;
    private int started;

    private ModuleHost(CompositionHost container, ILogger logger)
    {
        this.container = container;
        this.logger = logger;
        meter = new ModuleMeter(modules);
    }

    /// <summary>The modules that take part, in the order in which they see a request.</summary>
    public IReadOnlyList<LoadedModule> Modules => modules;

    /// <summary>Their counters.</summary>
    public ModuleMeter Meter => meter;

    /// <summary>Makes the modules. Nothing of them was run before.</summary>
    /// <exception cref="PluginException">A plug-in cannot be used; the message names it and says why.</exception>
    public static ModuleHost Compose(ModuleCatalog catalog, HostSurroundings surroundings)
    {
        if (catalog.Faults.Count > 0)
        {
            throw new PluginException(catalog.Faults);
        }

        (ModuleEntry Entry, EntryFilter Filter)[] all = [.. catalog.Modules.Select(entry => (entry, surroundings.FilterOf(entry)))];
        HashSet<Type> leftOut = ChooseStores(catalog, surroundings, all);
        leftOut.UnionWith(all.Where(one => !one.Filter.Enabled).Select(one => one.Entry.Type));

        HostExports exports = new HostExports(surroundings.SettingsOf, surroundings.Loggers)
            .Add(surroundings.LocalDomains)
            .Add(surroundings.RequestSender)
            .Add<IConditions>(new Conditions())
            .Add(surroundings.EventLoops ?? new EventLoops([]))
            .Add(surroundings.Time);
        CompositionHost container = new ContainerConfiguration()
            .WithParts(catalog.Types.Where(type => !leftOut.Contains(type)))
            .WithProvider(exports)
            .CreateContainer();
        ModuleHost host = new(container, surroundings.Loggers.CreateLogger("Sip.B2bua.Modules"));
        try
        {
            foreach ((ModuleEntry entry, EntryFilter filter) in all.Where(one => one.Filter.Enabled))
            {
                host.modules.Add(new LoadedModule(entry, host.Make(entry), filter, host.modules.Count));
            }

            return host;
        }
        catch
        {
            host.Dispose();
            throw;
        }
    }

    /// <summary>The modules for one loop, with their counters shown by <see cref="Meter"/>.</summary>
    public RequestPipeline CreatePipeline(EventLoop loop)
    {
        RequestPipeline pipeline = new(modules, loop, logger);
        meter.Add(pipeline);
        return pipeline;
    }

    /// <summary>What the plug-ins export for an interface of the contract; null when none does.</summary>
    /// <exception cref="PluginException">It cannot be made; the message says why.</exception>
    public T? Find<T>()
        where T : class
    {
        try
        {
            return container.TryGetExport(out T? export) ? export : null;
        }
        catch (Exception fault)
        {
            // Its constructor, as in Make.
            throw new PluginException($"the {typeof(T).Name} cannot be made: {fault.Message}", fault);
        }
    }

    /// <summary>Takes over the filters of a configuration that was read again. Who takes part is decided at the start only.</summary>
    public void ReplaceFilters(Func<ModuleEntry, EntryFilter> filterOf)
    {
        foreach (LoadedModule module in modules)
        {
            module.Filter = filterOf(module.Entry);
        }
    }

    /// <summary>Starts the modules one after the other. If one fails those before it are stopped again.</summary>
    /// <exception cref="PluginException">A module refuses to start; the message names it and says why.</exception>
    public async Task StartAsync(CancellationToken cancellation)
    {
        foreach (LoadedModule module in modules)
        {
            try
            {
                await module.Module.StartAsync(cancellation);
            }
            catch (Exception fault) when (fault is not OperationCanceledException || !cancellation.IsCancellationRequested)
            {
                await StopAsync(CancellationToken.None);
                throw new PluginException($"module {module.Name} ({module.Entry.Path}) cannot start: {fault.Message}", fault);
            }

            started++;
            B2buaLog.ModuleStarted(logger, module.Name, module.Entry.Stage, module.Entry.Order, module.Entry.Path);
        }
    }

    /// <summary>Tells all modules at once that the server is about to stop. Complete when the last of them has said farewell.</summary>
    public Task OnStoppingAsync(CancellationToken cancellation) => Task.WhenAll(modules.Take(started).Select(module => OnStoppingAsync(module, cancellation)));

    private Task OnStoppingAsync(LoadedModule module, CancellationToken cancellation)
    {
        try
        {
            Task farewell = module.Module.OnStoppingAsync(cancellation).AsTask();
            farewell.ContinueWith(
                failed => B2buaLog.ModuleStopFailed(logger, module.Name, failed.Exception!),
                CancellationToken.None,
                TaskContinuationOptions.OnlyOnFaulted | TaskContinuationOptions.ExecuteSynchronously,
                TaskScheduler.Default);
            return farewell;
        }
        catch (Exception fault)
        {
            // The server goes down anyway: whatever it was, the others say farewell all the same.
            B2buaLog.ModuleStopFailed(logger, module.Name, fault);
            return Task.CompletedTask;
        }
    }

    /// <summary>Stops the modules that were started, the last one first. One that fails is named in the log and keeps no other from stopping.</summary>
    public async Task StopAsync(CancellationToken cancellation)
    {
        while (started > 0)
        {
            started--;
            LoadedModule module = modules[started];
            try
            {
                await module.Module.StopAsync(cancellation);
            }
            catch (Exception fault)
            {
                // The server goes down anyway: whatever it was, the others must still be stopped.
                B2buaLog.ModuleStopFailed(logger, module.Name, fault);
            }
        }
    }

    /// <summary>Disposes of the parts.</summary>
    public void Dispose()
    {
        meter.Dispose();
        container.Dispose();
    }

    private static HashSet<Type> ChooseStores(ModuleCatalog catalog, HostSurroundings surroundings, (ModuleEntry Entry, EntryFilter Filter)[] modules)
    {
        StoreChoice choice = new(catalog.Stores, type => surroundings.SettingsOf(type) is ISettings<object> settings ? settings.Value : null);
        foreach ((Type options, string section) in surroundings.OwnOptions)
        {
            choice.Read(options, section);
        }

        foreach ((ModuleEntry entry, EntryFilter filter) in modules.OrderByDescending(one => one.Filter.Enabled))
        {
            if (entry.Options is not null)
            {
                choice.Read(entry.Options, entry.Section, fallback: !filter.Enabled);
            }
        }

        HashSet<Type> leftOut = choice.LeftOut();
        return choice.Faults.Count == 0 ? leftOut : throw new PluginException(string.Join(Environment.NewLine, choice.Faults));
    }

    private SipModule Make(ModuleEntry entry)
    {
        try
        {
            // One module at a time, found by its name, so that whoever cannot be made is known.
            System.Composition.Hosting.Core.CompositionContract contract = new(
                typeof(SipModule), null, new Dictionary<string, object> { [nameof(SipModuleAttribute.Name)] = entry.Name });
            return (SipModule)container.GetExport(contract);
        }
        catch (CompositionFailedException fault)
        {
            throw new PluginException($"module {entry.Name} ({entry.Path}) imports what nobody exports: {fault.Message}", fault);
        }
        catch (Exception fault)
        {
            // Its constructor: any kind of exception may come out of it, and each one stops the start with the module's name.
            throw new PluginException($"module {entry.Name} ({entry.Path}) cannot be made: {fault.Message}", fault);
        }
    }
}

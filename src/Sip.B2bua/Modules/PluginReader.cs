using System.Composition;
using System.Reflection;

namespace Sip.B2bua.Modules;

/// <summary>Loads one plug-in's DLL and reads what it declares. Nothing of the plug-in runs here.</summary>
internal sealed class PluginReader(string path, ICollection<PluginFault> faults)
{
    /// <summary>The classes of the plug-in; empty when it cannot be loaded.</summary>
    public Type[] Types { get; private set; } = [];

    public List<ModuleEntry> Modules { get; } = [];

    public List<StoreEntry> Stores { get; } = [];

    /// <summary>Loads and reads; what is wrong goes to the faults.</summary>
    public void Read()
    {
        int before = faults.Count;
        if (Read(Load()) == 0 && faults.Count == before)
        {
            Fault("it exports nothing; a module is a class with [SipModule(\"Name\", Stage.Route, 50), Shared].");
        }
    }

    /// <summary>Reads classes that are loaded already; what is wrong goes to the faults. Returns how many exports there are.</summary>
    public int Read(Type[] types)
    {
        Types = types;
        int exports = 0;
        foreach (Type type in types)
        {
            exports += ReadType(type);
        }

        return exports;
    }

    private Type[] Load()
    {
        try
        {
            Assembly assembly = new PluginLoadContext(path).LoadFromAssemblyPath(path);
            return BuiltForNewer(assembly) ? [] : assembly.GetTypes();
        }
        catch (ReflectionTypeLoadException broken)
        {
            Fault($"it does not fit: {broken.LoaderExceptions.FirstOrDefault(e => e is not null)?.Message ?? broken.Message}");
        }
        catch (BadImageFormatException)
        {
            Fault("it is no .NET assembly.");
        }
        catch (Exception broken) when (broken is IOException or TypeLoadException or UnauthorizedAccessException or InvalidOperationException)
        {
            Fault($"it cannot be loaded: {broken.Message}");
        }

        return [];
    }

    // The runtime would refuse it too, but with a sentence that helps nobody.
    private bool BuiltForNewer(Assembly assembly)
    {
        AssemblyName ours = typeof(SipModule).Assembly.GetName();
        foreach (AssemblyName reference in assembly.GetReferencedAssemblies())
        {
            if (reference.Name == ours.Name && reference.Version > ours.Version)
            {
                Fault($"it was built for version {reference.Version} of {ours.Name}, this server has {ours.Version}; update the server.");
                return true;
            }
        }

        return false;
    }

    /// <summary>How many exports the class declares.</summary>
    private int ReadType(Type type)
    {
        try
        {
            int exports = type.GetCustomAttributes<ExportAttribute>().Count();
            if (type.GetCustomAttribute<SipModuleAttribute>() is SipModuleAttribute module && Fits(type, typeof(SipModule), "SipModule"))
            {
                Modules.Add(EntryOf(type, module));
            }

            foreach (StoreAttribute store in type.GetCustomAttributes<StoreAttribute>())
            {
                if (Fits(type, store.Contract, "Store"))
                {
                    Stores.Add(EntryOf(type, store));
                }
            }

            return exports;
        }
        catch (Exception broken) when (broken is IOException or TypeLoadException or MissingMethodException or CustomAttributeFormatException)
        {
            Fault($"the attributes of {type.Name} cannot be read: {broken.Message}");
            return 0;
        }
    }

    private bool Fits(Type type, Type contract, string attribute)
    {
        if (type.IsAbstract || !contract.IsAssignableFrom(type))
        {
            Fault($"{type.Name} is marked [{attribute}], but is no {contract.Name} that can be made.");
            return false;
        }

        if (!type.IsDefined(typeof(SharedAttribute), inherit: false))
        {
            // Without it System.Composition makes a new part for everyone who asks.
            Fault($"{type.Name} lacks [Shared] beside [{attribute}].");
            return false;
        }

        return true;
    }

    private ModuleEntry EntryOf(Type type, SipModuleAttribute module) => new()
    {
        Name = module.Name,
        Stage = module.Stage,
        Order = module.Order,
        Options = module.Options,
        EnabledByDefault = module.EnabledByDefault,
        Filter = module.Filter,
        Help = module.Help,
        Type = type,
        Path = path,
    };

    private StoreEntry EntryOf(Type type, StoreAttribute store) => new()
    {
        Contract = store.Contract,
        Name = store.Name,
        Options = store.Options,
        Section = store.Section,
        Type = type,
        Path = path,
    };

    private void Fault(string what) => faults.Add(new PluginFault(path, what));
}

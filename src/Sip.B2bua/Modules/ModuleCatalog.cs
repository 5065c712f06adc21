namespace Sip.B2bua.Modules;

/// <summary>
/// Every module and store that the plug-ins declare, read before anything of them is made: the configuration can be bound,
/// checked and dumped with nothing but this. The core names no module; what is in the folders is what there is.
/// </summary>
internal sealed class ModuleCatalog
{
    /// <summary>One bit for each module in <see cref="SkippedModules"/>.</summary>
    public const int Limit = 64;

    private readonly List<ModuleEntry> modules = [];
    private readonly List<StoreEntry> stores = [];
    private readonly List<Type> types = [];
    private readonly List<PluginFault> faults = [];

    private ModuleCatalog()
    {
    }

    /// <summary>The modules in the order in which they see a request: stage, number, name.</summary>
    public IReadOnlyList<ModuleEntry> Modules => modules;

    /// <summary>The stores, by contract and name.</summary>
    public IReadOnlyList<StoreEntry> Stores => stores;

    /// <summary>All classes of all plug-ins: the parts that may be composed.</summary>
    public IReadOnlyList<Type> Types => types;

    /// <summary>What is wrong with which plug-in. The others are read nevertheless, so that all faults are told at once.</summary>
    public IReadOnlyList<PluginFault> Faults => faults;

    /// <summary>Reads every plug-in of the folders.</summary>
    /// <param name="folders">The server's own folder (see <see cref="PluginFolders.Own"/>) and the administrator's; one that does not exist is empty.</param>
    public static ModuleCatalog Scan(IEnumerable<string> folders)
    {
        ModuleCatalog catalog = new();
        foreach (string folder in folders.Select(Path.GetFullPath).Distinct(StringComparer.Ordinal))
        {
            foreach (string path in PluginFolders.Plugins(folder, catalog.faults))
            {
                PluginReader reader = new(path, catalog.faults);
                reader.Read();
                catalog.Add(reader);
            }
        }

        catalog.Order();
        catalog.Check();
        return catalog;
    }

    /// <summary>A catalog of classes that are loaded already: a test's own modules, without a folder.</summary>
    public static ModuleCatalog Of(params Type[] types)
    {
        ModuleCatalog catalog = new();
        foreach (IGrouping<string, Type> plugin in types.GroupBy(type => type.Assembly.Location))
        {
            PluginReader reader = new(plugin.Key, catalog.faults);
            reader.Read([.. plugin]);
            catalog.Add(reader);
        }

        catalog.Order();
        catalog.Check();
        return catalog;
    }

    private void Add(PluginReader plugin)
    {
        types.AddRange(plugin.Types);
        modules.AddRange(plugin.Modules);
        stores.AddRange(plugin.Stores);
    }

    private void Order()
    {
        modules.Sort(static (a, b) =>
            a.Stage != b.Stage ? a.Stage.CompareTo(b.Stage)
            : a.Order != b.Order ? a.Order.CompareTo(b.Order)
            : string.CompareOrdinal(a.Name, b.Name));
        stores.Sort(static (a, b) => string.CompareOrdinal(a.Contract.Name + ' ' + a.Name, b.Contract.Name + ' ' + b.Name));
    }

    private void Check()
    {
        Dictionary<string, string> seen = new(StringComparer.OrdinalIgnoreCase);
        foreach (ModuleEntry module in modules)
        {
            Once(seen, $"module {module.Name}", module.Path);
        }

        foreach (StoreEntry store in stores)
        {
            Once(seen, $"{store.Contract.Name} {store.Name}", store.Path);
        }

        if (modules.Count > Limit)
        {
            faults.Add(new PluginFault(modules[Limit].Path, $"there are {modules.Count} modules; the limit is {Limit}."));
        }
    }

    private void Once(Dictionary<string, string> seen, string what, string path)
    {
        if (!seen.TryAdd(what, path))
        {
            faults.Add(new PluginFault(path, $"it exports the {what}, and so does {seen[what]}; remove one of the two."));
        }
    }
}

using Sip.B2bua.Configuration;

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

    private readonly Dictionary<Type, string> sectionOfOptions = [];

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

    /// <summary>The modules' sections in their order, then the sections of stores that have their own.</summary>
    public IReadOnlyList<SectionSchema> Sections { get; private set; } = [];

    /// <summary>The section that an options class belongs to; null when no module and no store has it.</summary>
    public string? SectionOf(Type options) => sectionOfOptions.GetValueOrDefault(options);

    /// <summary>Reads the server's own plug-ins and the administrator's.</summary>
    /// <param name="own">The server's own folder, see <see cref="PluginFolders.Own"/>.</param>
    /// <param name="further">The administrator's folder (<c>global/plugins-dir</c>); one that does not exist is empty.</param>
    /// <param name="names">Which plug-ins of <paramref name="further"/> to take (<c>global/plugins</c>); none: all.</param>
    public static ModuleCatalog Scan(string own, string? further = null, IReadOnlyList<string>? names = null)
    {
        ModuleCatalog catalog = new();
        foreach (string path in PluginFolders.Plugins(own, catalog.faults))
        {
            catalog.Load(path);
        }

        if (!string.IsNullOrEmpty(further) && Path.GetFullPath(further) != Path.GetFullPath(own))
        {
            IEnumerable<string> plugins = names is { Count: > 0 }
                ? PluginFolders.Named(further, names, catalog.faults)
                : PluginFolders.Plugins(further, catalog.faults);
            foreach (string path in plugins)
            {
                catalog.Load(path);
            }
        }

        catalog.Complete();
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

        catalog.Complete();
        return catalog;
    }

    private void Load(string path)
    {
        PluginReader reader = new(path, faults);
        reader.Read();
        Add(reader);
    }

    private void Add(PluginReader plugin)
    {
        types.AddRange(plugin.Types);
        modules.AddRange(plugin.Modules);
        stores.AddRange(plugin.Stores);
    }

    private void Complete()
    {
        modules.Sort(static (a, b) =>
            a.Stage != b.Stage ? a.Stage.CompareTo(b.Stage)
            : a.Order != b.Order ? a.Order.CompareTo(b.Order)
            : string.CompareOrdinal(a.Name, b.Name));
        stores.Sort(static (a, b) => string.CompareOrdinal(a.Contract.Name + ' ' + a.Name, b.Contract.Name + ' ' + b.Name));
        Check();
        if (faults.Count == 0)
        {
            Sections = ReadSections();
        }
    }

    private List<SectionSchema> ReadSections()
    {
        List<SectionSchema> sections = [];
        foreach (ModuleEntry module in modules)
        {
            Type[] options = [.. OptionsOf(module.Section, module.Options, module.Path)];
            sections.Add(SectionSchema.Module(module.Name, module.Help, module.EnabledByDefault, options, module.Filter));
        }

        foreach (string section in stores.Select(store => store.Section).OfType<string>().Distinct(StringComparer.OrdinalIgnoreCase))
        {
            if (!modules.Exists(module => string.Equals(module.Section, section, StringComparison.OrdinalIgnoreCase)))
            {
                sections.Add(SectionSchema.Plain(section, "", [.. OptionsOf(section, null, section)]));
            }
        }

        return sections;
    }

    /// <summary>The options classes that read a section: the module's own, and those of stores that share it.</summary>
    private IEnumerable<Type> OptionsOf(string section, Type? own, string path)
    {
        IEnumerable<Type> all = stores
            .Where(store => store.Options is not null && string.Equals(store.Section, section, StringComparison.OrdinalIgnoreCase))
            .Select(store => store.Options!);
        foreach (Type options in (own is null ? all : all.Prepend(own)).Distinct())
        {
            if (sectionOfOptions.TryAdd(options, section))
            {
                yield return options;
            }
            else
            {
                faults.Add(new PluginFault(path, $"{options.Name} is the options class of [{section}] and of [{sectionOfOptions[options]}]; each section needs its own."));
            }
        }
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

using Sip.B2bua.Modules;

namespace Sip.B2bua.Configuration;

/// <summary>
/// A whole configuration, read: an options object for every section and options class, and all that is wrong with it. It never
/// changes; a file that is read again gives another one.
/// </summary>
internal sealed class BoundConfiguration
{
    private readonly Dictionary<(string Section, Type Type), object> options;
    private readonly Dictionary<string, EntryFilter> filters;

    /// <summary>Only <see cref="OptionsBinder"/> makes one.</summary>
    internal BoundConfiguration(
        IReadOnlyList<SectionSchema> schemas,
        Dictionary<(string Section, Type Type), object> options,
        Dictionary<string, EntryFilter> filters,
        IReadOnlyDictionary<string, IniEntry> entries,
        IReadOnlyList<ConfigMistake> mistakes,
        IReadOnlyList<ConfigMistake> warnings)
    {
        Schemas = schemas;
        this.options = options;
        this.filters = filters;
        Entries = entries;
        Mistakes = mistakes;
        Warnings = warnings;
    }

    /// <summary>The sections it was read with.</summary>
    public IReadOnlyList<SectionSchema> Schemas { get; }

    /// <summary>What was set, by <c>section/key</c>, without regard to case.</summary>
    public IReadOnlyDictionary<string, IniEntry> Entries { get; }

    /// <summary>What forbids the start.</summary>
    public IReadOnlyList<ConfigMistake> Mistakes { get; }

    /// <summary>What has no effect, or another name today.</summary>
    public IReadOnlyList<ConfigMistake> Warnings { get; }

    /// <summary>Whether the server may start with it.</summary>
    public bool IsGood => Mistakes.Count == 0;

    /// <summary>The settings of <c>[global]</c>.</summary>
    public ServerOptions Server => Get<ServerOptions>(ServerOptions.Section);

    /// <summary>The options object of a section.</summary>
    /// <exception cref="KeyNotFoundException">The configuration was read without that section or class.</exception>
    public object Get(string section, Type type) => options[(section, type)];

    /// <summary>The options object of a section.</summary>
    /// <exception cref="KeyNotFoundException">The configuration was read without that section or class.</exception>
    public T Get<T>(string section)
        where T : class => (T)Get(section, typeof(T));

    /// <summary>Whether the configuration was read with that section and class.</summary>
    public bool Has(string section, Type type) => options.ContainsKey((section, type));

    /// <summary>Who enters the module of a section.</summary>
    public EntryFilter Filter(string section) => filters[section];

    /// <summary>The value in force of any key, as it would be written; null when no section has it.</summary>
    public string? Written(string section, string key)
    {
        var schema = Schemas.FirstOrDefault(s => string.Equals(s.Name, section, StringComparison.OrdinalIgnoreCase));
        foreach (var (type, properties) in schema?.Parts ?? [])
        {
            if (properties.FirstOrDefault(p => p.Key == key) is { } property)
            {
                return property.Written(options[(schema!.Name, type)]);
            }
        }

        return null;
    }
}

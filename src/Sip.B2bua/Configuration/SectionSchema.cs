namespace Sip.B2bua.Configuration;

/// <summary>A section that this server has, with the options classes that read it: a module's own, and those of its stores.</summary>
internal sealed class SectionSchema
{
    private SectionSchema(string name, string help, IReadOnlyList<Type> optionsTypes, bool isModule)
    {
        Name = name;
        Help = help;
        IsModule = isModule;
        OptionsTypes = isModule ? [typeof(EntryOptions), .. optionsTypes] : optionsTypes;
        Parts = [.. OptionsTypes.Select(type => (type, SettingProperty.Of(type)))];
        Properties = [.. Parts.SelectMany(part => part.Properties)];
    }

    /// <summary>The section's name, such as <c>module::Registrar</c>.</summary>
    public string Name { get; }

    /// <summary>What the section is for.</summary>
    public string Help { get; }

    /// <summary>Whether <c>enabled</c> and <c>filter</c> belong to it.</summary>
    public bool IsModule { get; }

    /// <summary>Whether the module is on when the section does not say.</summary>
    public bool EnabledByDefault { get; private init; }

    /// <summary>The module's filter when the section does not say; empty for most.</summary>
    public string FilterByDefault { get; private init; } = "";

    /// <summary>The options classes.</summary>
    public IReadOnlyList<Type> OptionsTypes { get; }

    /// <summary>Each options class with its parameters.</summary>
    public IReadOnlyList<(Type Type, IReadOnlyList<SettingProperty> Properties)> Parts { get; }

    /// <summary>Every parameter, in the order of the sources.</summary>
    public IReadOnlyList<SettingProperty> Properties { get; }

    /// <summary>The section of a module, <c>[module::Name]</c>.</summary>
    /// <param name="moduleName">The module's name.</param>
    /// <param name="help">What it does.</param>
    /// <param name="enabled">Whether it is on by default.</param>
    /// <param name="optionsTypes">Its options class and those of its stores; none is fine.</param>
    /// <param name="filter">Its filter by default.</param>
    public static SectionSchema Module(string moduleName, string help, bool enabled, IReadOnlyList<Type> optionsTypes, string filter = "") =>
        new("module::" + moduleName, help, optionsTypes, true) { EnabledByDefault = enabled, FilterByDefault = filter };

    /// <summary>Any other section.</summary>
    public static SectionSchema Plain(string name, string help, params IReadOnlyList<Type> optionsTypes) => new(name, help, optionsTypes, false);

    /// <summary>The parameter's default, as it would be written.</summary>
    public string DefaultOf(SettingProperty property) => (IsModule, property.Key) switch
    {
        (true, "enabled") => EnabledByDefault ? "true" : "false",
        (true, "filter") => FilterByDefault,
        _ => property.Default,
    };

    /// <summary>Finds a parameter by its key or an older one of it.</summary>
    public SettingProperty? Find(string key) =>
        Properties.FirstOrDefault(p => Same(p.Key, key)) ?? Properties.FirstOrDefault(p => p.Fallbacks.Any(f => Same(f, key)));

    private static bool Same(string a, string b) => string.Equals(a, b, StringComparison.OrdinalIgnoreCase);
}

using Sip.B2bua.Configuration;

namespace Sip.B2bua.Modules;

/// <summary>What the configuration in force says of modules: the settings of an options class, and who enters a module.</summary>
internal sealed class ModuleSettings(ModuleCatalog catalog, LiveSettings settings)
{
    /// <summary>The <see cref="ISettings{T}"/> of an options class; null when no section has it.</summary>
    public object? Of(Type options)
    {
        string? section = options == typeof(ServerOptions) ? ServerOptions.Section : catalog.SectionOf(options);
        return section is null ? null : settings.For(section, options);
    }

    /// <summary>Who enters a module.</summary>
    public EntryFilter FilterOf(ModuleEntry module) => settings.Configuration.Filter(module.Section);
}

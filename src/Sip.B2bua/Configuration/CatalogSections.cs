using Sip.B2bua.Modules;

namespace Sip.B2bua.Configuration;

/// <summary>The sections that this server has: its own, those of the modules found, and those of stores that have one to themselves.</summary>
internal static class CatalogSections
{
    /// <summary>The section <c>[global]</c>, which needs no plug-in to be read.</summary>
    public static SectionSchema Global() => SectionSchema.Plain(ServerOptions.Section, ServerOptions.SectionHelp, typeof(ServerOptions));

    /// <summary>Every section: [global] first, then the modules in the order in which a request meets them.</summary>
    public static IReadOnlyList<SectionSchema> Of(ModuleCatalog catalog)
    {
        var sections = new List<SectionSchema>
        {
            SectionSchema.Plain(ServerOptions.Section, ServerOptions.SectionHelp, [typeof(ServerOptions), .. OfStores(catalog, ServerOptions.Section)]),
        };
        foreach (var module in catalog.Modules)
        {
            Type[] own = module.Options is null ? [] : [module.Options];
            Type[] types = [.. own.Concat(OfStores(catalog, module.Section)).Distinct()];
            sections.Add(SectionSchema.Module(module.Name, module.Help, module.EnabledByDefault, types, module.Filter));
        }

        var known = sections.Select(s => s.Name).ToHashSet(StringComparer.OrdinalIgnoreCase);
        foreach (var name in catalog.Stores.Select(s => s.Section).OfType<string>().Where(known.Add))
        {
            sections.Add(SectionSchema.Plain(name, "Settings of a store.", [.. OfStores(catalog, name)]));
        }

        return sections;
    }

    private static IEnumerable<Type> OfStores(ModuleCatalog catalog, string section) => catalog.Stores
        .Where(store => store.Options is not null && string.Equals(store.Section, section, StringComparison.OrdinalIgnoreCase))
        .Select(store => store.Options!)
        .Distinct();
}

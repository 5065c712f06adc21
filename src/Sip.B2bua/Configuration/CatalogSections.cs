using Sip.B2bua.Calls;
using Sip.B2bua.Modules;

namespace Sip.B2bua.Configuration;

/// <summary>The sections that this server has: its own, those of the modules found, and those of stores that have one to themselves.</summary>
internal static class CatalogSections
{
    /// <summary>The section <c>[global]</c>, which needs no plug-in to be read.</summary>
    public static SectionSchema Global() => SectionSchema.Plain(ServerOptions.Section, ServerOptions.SectionHelp, typeof(ServerOptions));

    /// <summary>Every section: the server's own first, then the modules in the order in which a request meets them.</summary>
    public static IReadOnlyList<SectionSchema> Of(ModuleCatalog catalog) =>
    [
        Global(),
        SectionSchema.Plain(CallOptions.Section, CallOptions.SectionHelp, typeof(CallOptions)),
        .. catalog.Sections,
    ];
}

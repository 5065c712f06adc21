namespace Sip.B2bua.Configuration;

/// <summary>The modules that were found, before anything of them runs.</summary>
internal interface IModuleCatalog
{
    /// <summary>The sections of modules in the order in which a request meets them, then the sections of stores that have their own.</summary>
    IReadOnlyList<SectionSchema> Sections { get; }
}

namespace Sip.B2bua.Modules;

/// <summary>
/// The modules whose filter a call's first request did not pass, one bit each. The call keeps it and hands it over with
/// everything that happens later, so that a module sees all of a call or nothing of it. The default skips nobody.
/// </summary>
internal readonly record struct SkippedModules(ulong Bits)
{
    /// <summary>Whether the module is left alone.</summary>
    public bool Contains(LoadedModule module) => (Bits >> module.Index & 1) != 0;

    /// <summary>The same and one more.</summary>
    public SkippedModules With(LoadedModule module) => new(Bits | 1UL << module.Index);
}

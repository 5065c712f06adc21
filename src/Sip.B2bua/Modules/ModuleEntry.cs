namespace Sip.B2bua.Modules;

/// <summary>A module as its plug-in declares it. Read from metadata: the module itself is not made yet.</summary>
internal sealed record ModuleEntry
{
    /// <summary>The name, as in <c>[module::Name]</c>.</summary>
    public required string Name { get; init; }

    public required Stage Stage { get; init; }

    /// <summary>The place within the stage; lower goes first.</summary>
    public required int Order { get; init; }

    /// <summary>The class of the section's settings; null: none beyond <c>enabled</c> and <c>filter</c>.</summary>
    public Type? Options { get; init; }

    public bool EnabledByDefault { get; init; } = true;

    /// <summary>The filter when the section does not say.</summary>
    public string Filter { get; init; } = "";

    public string Help { get; init; } = "";

    /// <summary>The class of the module.</summary>
    public required Type Type { get; init; }

    /// <summary>The DLL that it came from.</summary>
    public required string Path { get; init; }

    /// <summary>The section of the configuration that belongs to it.</summary>
    public string Section => "module::" + Name;
}

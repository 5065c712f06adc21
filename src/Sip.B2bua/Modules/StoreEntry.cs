namespace Sip.B2bua.Modules;

/// <summary>A store as its plug-in declares it: one possible implementation of an interface of the contract.</summary>
internal sealed record StoreEntry
{
    /// <summary>The interface of the contract that it implements.</summary>
    public required Type Contract { get; init; }

    /// <summary>The word by which a configuration chooses it.</summary>
    public required string Name { get; init; }

    /// <summary>The class of its settings; null: none.</summary>
    public Type? Options { get; init; }

    /// <summary>The section that holds its settings; it may be a module's.</summary>
    public string? Section { get; init; }

    /// <summary>The class of the store.</summary>
    public required Type Type { get; init; }

    /// <summary>The DLL that it came from.</summary>
    public required string Path { get; init; }
}

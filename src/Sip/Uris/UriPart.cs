namespace Sip.Uris;

/// <summary>One parameter or header of a URI, as written.</summary>
public readonly ref struct UriPart(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value)
{
    /// <summary>The name, with its escapes.</summary>
    public ReadOnlySpan<byte> Name { get; } = name;

    /// <summary>The value, with its escapes; empty when absent.</summary>
    public ReadOnlySpan<byte> Value { get; } = value;
}

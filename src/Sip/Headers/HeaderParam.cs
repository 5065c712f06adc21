namespace Sip.Headers;

/// <summary>One parameter: a name and the value as written, empty when there is none.</summary>
public ref struct HeaderParam
{
    /// <summary>The name as written; compare it without regard to case.</summary>
    public ReadOnlySpan<byte> Name { readonly get; internal set; }

    /// <summary>The value as written, quotes included.</summary>
    public ReadOnlySpan<byte> Value { readonly get; internal set; }

    /// <summary>Takes name and value apart.</summary>
    public readonly void Deconstruct(out ReadOnlySpan<byte> name, out ReadOnlySpan<byte> value)
    {
        name = Name;
        value = Value;
    }
}

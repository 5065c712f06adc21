namespace Sip.Uris;

/// <summary>Walks <c>name=value</c> parts: URI parameters between semicolons, URI headers between ampersands. Empty parts are skipped.</summary>
public ref struct UriParts
{
    private readonly byte separator;
    private ReadOnlySpan<byte> rest;
    private UriPart current;

    /// <summary>Walks <paramref name="text"/>.</summary>
    public UriParts(ReadOnlySpan<byte> text, byte separator)
    {
        rest = text;
        this.separator = separator;
    }

    /// <summary>The part read last.</summary>
    public readonly UriPart Current => current;

    /// <summary>Walks from the start.</summary>
    public readonly UriParts GetEnumerator() => this;

    /// <summary>Reads the next part; false at the end.</summary>
    public bool MoveNext()
    {
        while (!rest.IsEmpty)
        {
            int end = rest.IndexOf(separator);
            ReadOnlySpan<byte> part = end < 0 ? rest : rest[..end];
            rest = end < 0 ? default : rest[(end + 1)..];
            if (!part.IsEmpty)
            {
                int equals = part.IndexOf((byte)'=');
                current = equals < 0 ? new UriPart(part, default) : new UriPart(part[..equals], part[(equals + 1)..]);
                return true;
            }
        }

        return false;
    }
}

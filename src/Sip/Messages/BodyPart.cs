namespace Sip.Messages;

/// <summary>One part of a multipart body (RFC 2046 5.1): its headers and what they describe, both where they lie in the body.</summary>
public readonly ref struct BodyPart
{
    internal BodyPart(ReadOnlySpan<byte> headers, ReadOnlySpan<byte> content)
    {
        Headers = headers;
        Content = content;
    }

    /// <summary>The part's header lines, with the empty line that ends them.</summary>
    public ReadOnlySpan<byte> Headers { get; }

    /// <summary>The octets between the part's headers and the next delimiter.</summary>
    public ReadOnlySpan<byte> Content { get; }

    /// <summary>The value of Content-Type; empty when absent, which means text/plain (RFC 2046 5.1).</summary>
    public ReadOnlySpan<byte> ContentType => Header(HeaderId.ContentType);

    /// <summary>The value of one of the part's headers; empty when absent.</summary>
    /// <param name="id">The header.</param>
    public ReadOnlySpan<byte> Header(HeaderId id)
    {
        HeaderReader reader = new(Headers, 0);
        while (reader.Next(out HeaderLine line) is HeaderStep.Header or HeaderStep.BadLine)
        {
            if (line.Id == id)
            {
                return Headers.Slice(line.ValueStart, line.ValueLength);
            }
        }

        return default;
    }
}

namespace Sip.Messages;

/// <summary>
/// Walks the parts of a multipart body (RFC 2046 5.1, RFC 5621 3.1). It copies nothing, looks at each octet a fixed number of times,
/// and reads <see cref="MaxParts"/> parts at most.
/// <code>
///   if (MultipartReader.TryCreate(message.ContentType, message.Body, out MultipartReader parts))
///       while (parts.MoveNext())
///           ... parts.Current
/// </code>
/// </summary>
public ref struct MultipartReader
{
    /// <summary>How many parts are read; further ones are as if they were not there.</summary>
    public const int MaxParts = 16;

    // RFC 2046 5.1.1: "no longer than 70 characters".
    private const int MaxBoundary = 70;

    private readonly ReadOnlySpan<byte> body;
    private int next;
    private int count;

    private MultipartReader(ReadOnlySpan<byte> body, ReadOnlySpan<byte> boundary)
    {
        this.body = body;
        Boundary = boundary;
    }

    /// <summary>What stands, after two hyphens, between the parts.</summary>
    public ReadOnlySpan<byte> Boundary { get; }

    /// <summary>The part that the walk is at.</summary>
    public BodyPart Current { get; private set; }

    /// <summary>Whether the walk ended where it should: at the delimiter that closes the body.</summary>
    public bool IsClosed { get; private set; }

    /// <summary>Whether a Content-Type value is that of a multipart body.</summary>
    /// <param name="contentType">The value.</param>
    public static bool IsMultipart(ReadOnlySpan<byte> contentType) => SipChars.StartsWithIgnoreCase(contentType, "multipart/"u8);

    /// <summary>Begins the walk; false when the type is not multipart, or has no boundary that could delimit anything.</summary>
    /// <param name="contentType">The value of Content-Type.</param>
    /// <param name="body">The body.</param>
    /// <param name="reader">Stands before the first part.</param>
    public static bool TryCreate(ReadOnlySpan<byte> contentType, ReadOnlySpan<byte> body, out MultipartReader reader)
    {
        reader = default;
        if (!IsMultipart(contentType) || !TryFindParam(contentType, "boundary"u8, out ReadOnlySpan<byte> boundary)
            || boundary.Length is 0 or > MaxBoundary || boundary.ContainsAny((byte)'\r', (byte)'\n'))
        {
            return false;
        }

        reader = new MultipartReader(body, boundary);

        // What stands before the first delimiter is for nobody (5.1.1, preamble).
        reader.next = reader.FindDelimiter(0, out _, out bool isLast);
        reader.IsClosed = isLast;
        return true;
    }

    /// <summary>Goes to the next part; false when there is none that is whole.</summary>
    public bool MoveNext()
    {
        while (next >= 0 && !IsClosed && count < MaxParts)
        {
            int start = next;
            next = FindDelimiter(start, out int end, out bool isLast);
            IsClosed = isLast;
            count++;
            if (next >= 0 && TryRead(body[start..end], out BodyPart part))
            {
                Current = part;
                return true;
            }
        }

        return false;
    }

    // A part without an end of its headers is none.
    private static bool TryRead(ReadOnlySpan<byte> part, out BodyPart read)
    {
        HeaderReader reader = new(part, 0);
        HeaderStep step;
        do
        {
            step = reader.Next(out _);
        }
        while (step is HeaderStep.Header or HeaderStep.BadLine);

        read = step == HeaderStep.End ? new BodyPart(part[..reader.Position], part[reader.Position..]) : default;
        return step == HeaderStep.End;
    }

    // 5.1.1: a delimiter is a line of "--", the boundary, "--" where it is the last, and perhaps white space; the line end before it is
    // its own. Returns where the line after it begins, or -1.
    private readonly int FindDelimiter(int from, out int end, out bool isLast)
    {
        end = from;
        isLast = false;
        while (from < body.Length)
        {
            int dashes = body[from..].IndexOf("--"u8);
            if (dashes < 0)
            {
                return -1;
            }

            int at = from + dashes;
            from = at + 1;
            bool startsLine = at == 0 || (at >= 2 && body[at - 1] == '\n' && body[at - 2] == '\r');
            if (startsLine && body[(at + 2)..].StartsWith(Boundary) && TryEndLine(at + 2 + Boundary.Length, out int line, out isLast))
            {
                // Where two delimiters follow each other the line end belongs to the first one.
                end = Math.Max(end, at - 2);
                return line;
            }
        }

        return -1;
    }

    private readonly bool TryEndLine(int at, out int line, out bool isLast)
    {
        isLast = body[at..].StartsWith("--"u8);
        line = isLast ? at + 2 : at;
        while (line < body.Length && body[line] is (byte)' ' or (byte)'\t')
        {
            line++;
        }

        if (body[line..].StartsWith("\r\n"u8))
        {
            line += 2;
            return true;
        }

        return isLast && line == body.Length;
    }

    // Content-Type is read here and not by the headers' floor, which stands above this one.
    private static bool TryFindParam(ReadOnlySpan<byte> value, ReadOnlySpan<byte> name, out ReadOnlySpan<byte> found)
    {
        found = default;
        int at = value.IndexOf((byte)';');
        while (at >= 0 && at < value.Length)
        {
            ReadOnlySpan<byte> rest = value[(at + 1)..];
            int end = EndOfParam(rest);
            ReadOnlySpan<byte> param = rest[..end];
            int sign = param.IndexOf((byte)'=');
            if (sign > 0 && SipChars.EqualsIgnoreCase(SipChars.Trim(param[..sign]), name))
            {
                found = SipChars.Trim(param[(sign + 1)..]);
                found = found.Length >= 2 && found[0] == '"' && found[^1] == '"' ? found[1..^1] : found;
                return true;
            }

            at = at + 1 + end;
        }

        return false;
    }

    private static int EndOfParam(ReadOnlySpan<byte> text)
    {
        bool quoted = false;
        for (int i = 0; i < text.Length; i++)
        {
            if (text[i] == '"')
            {
                quoted = !quoted;
            }
            else if (text[i] == ';' && !quoted)
            {
                return i;
            }
        }

        return text.Length;
    }
}

using System.Buffers;

namespace Sip.Messages;

/// <summary>
/// Walks the values of one header over all its lines. Lists are split at commas outside of quotes and angle brackets; empty
/// elements are skipped; white space at both ends is cut.
/// </summary>
public ref struct HeaderValues
{
    private static readonly SearchValues<byte> Delimiters = SearchValues.Create(",\"<"u8);

    private readonly SipMessage message;
    private readonly HeaderId id;
    private readonly bool isList;
    private int nextLine;
    private ReadOnlySpan<byte> rest;
    private ReadOnlySpan<byte> current;

    internal HeaderValues(SipMessage message, HeaderId id)
    {
        this.message = message;
        this.id = id;
        isList = HeaderTable.IsList(id);
        nextLine = message.FirstLine(id);
    }

    /// <summary>The value read last.</summary>
    public readonly ReadOnlySpan<byte> Current => current;

    /// <summary>Walks from the start.</summary>
    public readonly HeaderValues GetEnumerator() => this;

    /// <summary>Reads the next value; false at the end.</summary>
    public bool MoveNext()
    {
        while (true)
        {
            while (!rest.IsEmpty)
            {
                int end = ElementEnd(rest);
                current = SipChars.Trim(rest[..end]);
                rest = end < rest.Length ? rest[(end + 1)..] : default;
                if (!current.IsEmpty)
                {
                    return true;
                }
            }

            while (nextLine < message.HeaderCount && message.IdAt(nextLine) != id)
            {
                nextLine++;
            }

            if (nextLine >= message.HeaderCount)
            {
                return false;
            }

            ReadOnlySpan<byte> value = message.ValueAt(nextLine++);
            if (!isList)
            {
                current = value;
                return true;
            }

            rest = value;
        }
    }

    /// <summary>
    /// Where the list element at the start of <paramref name="text"/> ends: at a comma outside of quotes and angle brackets, or at the end of the
    /// text. For lists in headers that have no id.
    /// </summary>
    public static int ElementEnd(ReadOnlySpan<byte> text)
    {
        int at = 0;
        while (true)
        {
            int next = text[at..].IndexOfAny(Delimiters);
            if (next < 0)
            {
                return text.Length;
            }

            at += next;
            if (text[at] == ',')
            {
                return at;
            }

            int close = text[at] == '"' ? SipChars.SkipQuoted(text, at) : text[at..].IndexOf((byte)'>') + at;
            if (close <= at)
            {
                // Never closed: the rest is one value, which its reader will refuse.
                return text.Length;
            }

            at = close;
        }
    }
}

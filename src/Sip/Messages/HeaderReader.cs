using System.Runtime.CompilerServices;

namespace Sip.Messages;

/// <summary>
/// Walks the header lines of a message, one call a line. Parser and framer both read through it, so that they can never
/// disagree about where a header or the body starts.
/// </summary>
internal ref struct HeaderReader(ReadOnlySpan<byte> bytes, int position)
{
    private readonly ReadOnlySpan<byte> bytes = bytes;

    /// <summary>Offset of what is read next; after <see cref="HeaderStep.End"/>, of the body.</summary>
    public int Position { get; private set; } = position;

    /// <summary>Reads one line, with the lines that continue it (7.3.1: a line that starts with white space).</summary>
    public HeaderStep Next(out HeaderLine line)
    {
        line = default;
        int start = Position;
        HeaderStep step = FindLineEnd(start, out int end);
        if (step != HeaderStep.Header)
        {
            return step;
        }

        Position = end + 2;
        if (end == start)
        {
            return HeaderStep.End;
        }

        ReadOnlySpan<byte> whole = bytes[start..end];
        int colon = whole.IndexOf((byte)':');
        if (colon <= 0)
        {
            return HeaderStep.BadLine;
        }

        // 7.3.1: white space may stand before the colon. A fold may not: it would fail as part of the name.
        int nameLength = colon;
        while (nameLength > 0 && whole[nameLength - 1] is (byte)' ' or (byte)'\t')
        {
            nameLength--;
        }

        ReadOnlySpan<byte> name = whole[..nameLength];
        line.Id = HeaderTable.Find(name);
        if (line.Id == HeaderId.Unknown && (!SipChars.IsToken(name) || nameLength > ushort.MaxValue))
        {
            return HeaderStep.BadLine;
        }

        int valueStart = SipChars.SkipLws(whole, colon + 1);
        int valueEnd = whole.Length;
        while (valueEnd > valueStart && SipChars.IsLws(whole[valueEnd - 1]))
        {
            valueEnd--;
        }

        line.NameStart = start;
        line.NameLength = (ushort)nameLength;
        line.ValueStart = start + valueStart;
        line.ValueLength = valueEnd - valueStart;
        return HeaderStep.Header;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private readonly HeaderStep FindLineEnd(int start, out int end)
    {
        end = start;
        while (true)
        {
            int next = bytes[end..].IndexOfAny((byte)'\r', (byte)'\n');
            if (next < 0)
            {
                return HeaderStep.Unfinished;
            }

            end += next;
            if (bytes[end] == '\n')
            {
                return HeaderStep.BareLineBreak;
            }

            if (end + 1 >= bytes.Length)
            {
                return HeaderStep.Unfinished;
            }

            if (bytes[end + 1] != '\n')
            {
                return HeaderStep.BareLineBreak;
            }

            // An empty line ends the headers whatever follows it: the body may well start with a space.
            if (end == start || end + 2 >= bytes.Length || bytes[end + 2] is not ((byte)' ' or (byte)'\t'))
            {
                return HeaderStep.Header;
            }

            end += 2;
        }
    }
}

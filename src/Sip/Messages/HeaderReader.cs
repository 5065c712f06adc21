using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

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
        int colon = IndexOfColon(whole);
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

    // Lines are short: a look at 32 octets in place costs less than the call and the start-up of the general search.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int IndexOfBreak(ReadOnlySpan<byte> bytes, int from)
    {
        ref byte first = ref MemoryMarshal.GetReference(bytes);
        while (Vector256.IsHardwareAccelerated && bytes.Length - from >= Vector256<byte>.Count)
        {
            Vector256<byte> block = Vector256.LoadUnsafe(ref first, (nuint)from);
            uint hits = (Vector256.Equals(block, Vector256.Create((byte)'\r')) | Vector256.Equals(block, Vector256.Create((byte)'\n')))
                .ExtractMostSignificantBits();
            if (hits != 0)
            {
                return from + BitOperations.TrailingZeroCount(hits);
            }

            from += Vector256<byte>.Count;
        }

        int rest = bytes[from..].IndexOfAny((byte)'\r', (byte)'\n');
        return rest < 0 ? -1 : from + rest;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int IndexOfColon(ReadOnlySpan<byte> line)
    {
        if (Vector128.IsHardwareAccelerated && line.Length >= Vector128<byte>.Count)
        {
            uint hits = Vector128.Equals(Vector128.LoadUnsafe(ref MemoryMarshal.GetReference(line)), Vector128.Create((byte)':'))
                .ExtractMostSignificantBits();
            if (hits != 0)
            {
                return BitOperations.TrailingZeroCount(hits);
            }
        }

        return line.IndexOf((byte)':');
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private readonly HeaderStep FindLineEnd(int start, out int end)
    {
        end = start;
        while (true)
        {
            end = IndexOfBreak(bytes, end);
            if (end < 0)
            {
                return HeaderStep.Unfinished;
            }

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

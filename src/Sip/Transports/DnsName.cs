using System.Buffers;
using System.Text;

namespace Sip.Transports;

/// <summary>Domain names between text and wire (RFC 1035 3.1 and 4.1.4). A name as text is in lower case and without the last dot.</summary>
internal static class DnsName
{
    private const int MaxText = 253;
    private const int MaxLabel = 63;

    // RFC 1123 2.1, and the underscore of RFC 2782.
    private static readonly SearchValues<char> Allowed = SearchValues.Create("abcdefghijklmnopqrstuvwxyz0123456789-_.");

    /// <summary>Brings a name into the form of this class; false if it cannot be asked for.</summary>
    /// <param name="name">A name, with or without a last dot.</param>
    /// <param name="normal">The name.</param>
    /// <param name="isAbsolute">Whether it had a last dot, so that no search domain is to be added.</param>
    public static bool TryNormalize(string name, out string normal, out bool isAbsolute)
    {
        isAbsolute = name.EndsWith('.');
        normal = (isAbsolute ? name[..^1] : name).ToLowerInvariant();
        if (normal.Length is 0 or > MaxText || normal.AsSpan().ContainsAnyExcept(Allowed))
        {
            return false;
        }

        foreach (Range label in normal.AsSpan().Split('.'))
        {
            if (label.End.Value - label.Start.Value is 0 or > MaxLabel)
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Whether a name is a single word, not counting the "_sip._udp" before it.</summary>
    public static bool IsSingleLabel(ReadOnlySpan<char> name)
    {
        while (name.StartsWith('_') && name.IndexOf('.') is > 0 and int dot)
        {
            name = name[(dot + 1)..];
        }

        return !name.Contains('.');
    }

    /// <summary>Writes a normal name and returns its length on the wire.</summary>
    public static int Write(string name, Span<byte> to)
    {
        int length = 0;
        foreach (Range range in name.AsSpan().Split('.'))
        {
            ReadOnlySpan<char> label = name.AsSpan(range);
            to[length++] = (byte)label.Length;
            length += Encoding.ASCII.GetBytes(label, to[length..]);
        }

        to[length++] = 0;
        return length;
    }

    /// <summary>
    /// Reads a name and moves behind it. An octet that no name of ours can have becomes a question mark, so that such a name equals
    /// none that we ask for.
    /// </summary>
    public static bool TryRead(ReadOnlySpan<byte> message, ref int at, out string name)
    {
        name = "";
        Span<char> text = stackalloc char[MaxText + 1];
        int length = 0;
        int from = at;
        int end = -1;

        // A pointer must lead before everything read so far: so the loop ends, however the octets point.
        int limit = from;
        while ((uint)from < (uint)message.Length)
        {
            int octet = message[from++];
            if (octet == 0)
            {
                at = end < 0 ? from : end;
                name = length == 0 ? "" : new string(text[..(length - 1)]);
                return true;
            }

            if ((octet & 0xC0) == 0xC0)
            {
                if (from >= message.Length)
                {
                    return false;
                }

                int pointer = ((octet & 0x3F) << 8) | message[from++];
                end = end < 0 ? from : end;
                if (pointer >= limit)
                {
                    return false;
                }

                from = limit = pointer;
                continue;
            }

            if ((octet & 0xC0) != 0 || octet > message.Length - from || length + octet + 1 > text.Length)
            {
                return false;
            }

            foreach (byte letter in message.Slice(from, octet))
            {
                text[length++] = letter == '.' ? '?' : LowerOf(letter);
            }

            text[length++] = '.';
            from += octet;
        }

        return false;
    }

    private static char LowerOf(byte letter)
    {
        char lower = letter is >= (byte)'A' and <= (byte)'Z' ? (char)(letter | 0x20) : (char)letter;
        return Allowed.Contains(lower) ? lower : '?';
    }
}

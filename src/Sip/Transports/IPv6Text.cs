using System.Buffers.Binary;
using System.Globalization;

namespace Sip.Transports;

/// <summary>The text of an IPv6 address, read per RFC 4291 2.2 and written per RFC 5952, without allocating.</summary>
internal static class IPv6Text
{
    /// <summary>Writes the canonical form (RFC 5952 4) and returns its length.</summary>
    public static int Format(ulong high, ulong low, Span<byte> to)
    {
        Span<ushort> groups = stackalloc ushort[8];
        for (int i = 0; i < 4; i++)
        {
            groups[i] = (ushort)(high >> (48 - (16 * i)));
            groups[i + 4] = (ushort)(low >> (48 - (16 * i)));
        }

        (int runStart, int runLength) = LongestZeroRun(groups);
        int length = 0;
        for (int i = 0; i < 8; i++)
        {
            if (i == runStart)
            {
                to[length++] = (byte)':';
                if (i == 0)
                {
                    to[length++] = (byte)':';
                }

                i += runLength - 1;
                continue;
            }

            groups[i].TryFormat(to[length..], out int digits, "x", CultureInfo.InvariantCulture);
            length += digits;
            if (i < 7)
            {
                to[length++] = (byte)':';
            }
        }

        return length;
    }

    /// <summary>Reads an address without brackets and zone into sixteen octets.</summary>
    public static bool TryParse(ReadOnlySpan<byte> text, Span<byte> octets)
    {
        if (text.Length is < 2 or > 45 || text.Contains((byte)'%'))
        {
            return false;
        }

        Span<ushort> groups = stackalloc ushort[8];
        int count = 0;
        int gap = -1;
        int at = 0;
        if (text.StartsWith("::"u8))
        {
            gap = 0;
            at = 2;
        }
        else if (text[0] == ':')
        {
            return false;
        }

        while (at < text.Length)
        {
            ReadOnlySpan<byte> rest = text[at..];
            int colon = rest.IndexOf((byte)':');
            ReadOnlySpan<byte> group = colon < 0 ? rest : rest[..colon];
            if (colon < 0 && group.Contains((byte)'.'))
            {
                if (count > 6 || !SipAddress.TryParse(group, 0, out SipAddress tail))
                {
                    return false;
                }

                Span<byte> four = stackalloc byte[16];
                tail.WriteAddress(four);
                groups[count++] = BinaryPrimitives.ReadUInt16BigEndian(four);
                groups[count++] = BinaryPrimitives.ReadUInt16BigEndian(four[2..]);
                break;
            }

            if (count == 8 || group.Length > 4
                || !ushort.TryParse(group, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out groups[count]))
            {
                return false;
            }

            count++;
            at += group.Length;
            if (colon < 0)
            {
                break;
            }

            at++;
            if (at < text.Length && text[at] == ':')
            {
                if (gap >= 0)
                {
                    return false;
                }

                gap = count;
                at++;
            }
            else if (at == text.Length)
            {
                return false;
            }
        }

        return Spread(groups, count, gap, octets);
    }

    private static bool Spread(ReadOnlySpan<ushort> groups, int count, int gap, Span<byte> octets)
    {
        if (gap < 0 ? count != 8 : count > 7)
        {
            return false;
        }

        octets[..16].Clear();
        int head = gap < 0 ? 8 : gap;
        for (int i = 0; i < count; i++)
        {
            int place = i < head ? i : 8 - count + i;
            BinaryPrimitives.WriteUInt16BigEndian(octets[(place * 2)..], groups[i]);
        }

        return true;
    }

    private static (int Start, int Length) LongestZeroRun(ReadOnlySpan<ushort> groups)
    {
        // RFC 5952 4.2.2, 4.2.3: the longest run of at least two zero groups is shortened, the first of equals.
        int bestStart = -1;
        int best = 1;
        int run = 0;
        for (int i = 0; i < 8; i++)
        {
            run = groups[i] == 0 ? run + 1 : 0;
            if (run > best)
            {
                best = run;
                bestStart = i - run + 1;
            }
        }

        return (bestStart, best);
    }
}

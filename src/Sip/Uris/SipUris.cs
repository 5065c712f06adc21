using System.Buffers;
using Sip.Messages;

namespace Sip.Uris;

/// <summary>Escaping and unescaping of the parts of a URI (RFC 3261 section 19.1.2).</summary>
public static class SipUris
{
    // unreserved / user-unreserved: what stands in a user without an escape.
    private static readonly SearchValues<byte> UserOctets =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.!~*'()&=+$,;?/"u8);

    // What cannot stand in any URI, and the percent sign, which needs a look at what follows.
    private static readonly SearchValues<byte> Suspects = SearchValues.Create(BuildSuspects());

    /// <summary>
    /// Writes the text with each <c>%HH</c> resolved, exactly once. False when <paramref name="to"/> is too short (as long as
    /// the text is always enough) or an escape is malformed.
    /// </summary>
    public static bool TryUnescape(ReadOnlySpan<byte> text, Span<byte> to, out int written)
    {
        written = 0;
        int at = 0;
        while (at < text.Length)
        {
            int c = Next(text, ref at);
            if (c < 0 || written == to.Length)
            {
                return false;
            }

            to[written++] = (byte)(c & 0xFF);
        }

        return true;
    }

    /// <summary>Writes a user name with every octet escaped that the grammar wants so. False when <paramref name="to"/> is too short.</summary>
    public static bool TryEscapeUser(ReadOnlySpan<byte> text, Span<byte> to, out int written)
    {
        written = 0;
        foreach (byte c in text)
        {
            bool plain = UserOctets.Contains(c);
            if (to.Length - written < (plain ? 1 : 3))
            {
                return false;
            }

            if (plain)
            {
                to[written++] = c;
                continue;
            }

            to[written++] = (byte)'%';
            to[written++] = "0123456789ABCDEF"u8[c >> 4];
            to[written++] = "0123456789ABCDEF"u8[c & 15];
        }

        return true;
    }

    /// <summary>Whether two texts are equal once unescaped, without regard to ASCII case.</summary>
    public static bool EqualUnescaped(ReadOnlySpan<byte> a, ReadOnlySpan<byte> b) => Compare(a, b, ignoreCase: true);

    /// <summary>Whether two texts are equal once unescaped, octet for octet.</summary>
    public static bool EqualUnescapedExact(ReadOnlySpan<byte> a, ReadOnlySpan<byte> b) => Compare(a, b, ignoreCase: false);

    /// <summary>The scheme in front of the first colon; empty when there is none.</summary>
    public static ReadOnlySpan<byte> Scheme(ReadOnlySpan<byte> uri)
    {
        int colon = uri.IndexOf((byte)':');
        return colon > 0 ? uri[..colon] : default;
    }

    /// <summary>Whether the text has no octet that may stand nowhere in a URI, and every percent sign two hexadecimal digits.</summary>
    internal static bool IsWellFormed(ReadOnlySpan<byte> text)
    {
        while (true)
        {
            int suspect = text.IndexOfAny(Suspects);
            if (suspect < 0)
            {
                return true;
            }

            if (text[suspect] != '%' || text.Length - suspect < 3
                || SipChars.HexValue(text[suspect + 1]) < 0 || SipChars.HexValue(text[suspect + 2]) < 0)
            {
                return false;
            }

            text = text[(suspect + 3)..];
        }
    }

    private static bool Compare(ReadOnlySpan<byte> a, ReadOnlySpan<byte> b, bool ignoreCase)
    {
        int i = 0;
        int j = 0;
        while (i < a.Length && j < b.Length)
        {
            int x = Next(a, ref i);
            int y = Next(b, ref j);
            if (x != y && (!ignoreCase || (x ^ y) != 0x20 || (uint)((x | 0x20) - 'a') > 'z' - 'a'))
            {
                return false;
            }
        }

        return i == a.Length && j == b.Length;
    }

    // The next octet, its escape resolved. 19.1.4: an escaped reserved octet is not the same as that octet by itself, so it is marked.
    private static int Next(ReadOnlySpan<byte> text, ref int at)
    {
        byte c = text[at++];
        if (c != '%')
        {
            return c;
        }

        if (text.Length - at < 2)
        {
            return -1;
        }

        int high = SipChars.HexValue(text[at]);
        int low = SipChars.HexValue(text[at + 1]);
        at += 2;
        if (high < 0 || low < 0)
        {
            return -1;
        }

        int octet = (high << 4) | low;
        return ";/?:@&=+$,"u8.Contains((byte)octet) ? octet | 0x100 : octet;
    }

    private static byte[] BuildSuspects()
    {
        List<byte> suspects = [(byte)'%', (byte)'@'];
        for (int i = 0; i < 256; i++)
        {
            if (!SipChars.IsUri((byte)i))
            {
                suspects.Add((byte)i);
            }
        }

        return [.. suspects];
    }
}

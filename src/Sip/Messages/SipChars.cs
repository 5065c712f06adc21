using System.Buffers;
using System.Runtime.CompilerServices;

namespace Sip.Messages;

/// <summary>Character classes of RFC 3261 section 25.1 and comparison of ASCII text, over octets and without allocation.</summary>
public static class SipChars
{
    /// <summary>The octets of a token: letters, digits and <c>-.!%*_+`'~</c>.</summary>
    internal static readonly SearchValues<byte> Token =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-.!%*_+`'~"u8);

    private const byte TokenBit = 1;
    private const byte LwsBit = 2;
    private const byte HostBit = 4;
    private const byte ParamValueBit = 8;
    private const byte UriBit = 16;

    private static readonly byte[] Classes = BuildClasses();

    /// <summary>Whether the octet may be part of a token.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool IsToken(byte c) => (Classes[c] & TokenBit) != 0;

    /// <summary>Whether the octet is white space once a line break can only be a fold: space, tab, CR, LF.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool IsLws(byte c) => c is (byte)' ' or (byte)'\t' or (byte)'\r' or (byte)'\n';

    /// <summary>Whether the octet is a decimal digit.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool IsDigit(byte c) => (uint)(c - '0') <= 9;

    /// <summary>Whether every octet is a token octet and there is at least one.</summary>
    public static bool IsToken(ReadOnlySpan<byte> text) => !text.IsEmpty && !text.ContainsAnyExcept(Token);

    /// <summary>Compares ASCII text without regard to case; other octets must be equal.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool EqualsIgnoreCase(ReadOnlySpan<byte> a, ReadOnlySpan<byte> b) =>
        a.Length == b.Length && (a.SequenceEqual(b) || EqualsFolded(a, b));

    /// <summary>Whether <paramref name="text"/> begins with <paramref name="start"/>, without regard to ASCII case.</summary>
    public static bool StartsWithIgnoreCase(ReadOnlySpan<byte> text, ReadOnlySpan<byte> start) =>
        text.Length >= start.Length && EqualsIgnoreCase(text[..start.Length], start);

    /// <summary>Cuts white space and folds off both ends.</summary>
    public static ReadOnlySpan<byte> Trim(ReadOnlySpan<byte> text)
    {
        int start = 0;
        int end = text.Length;
        while (start < end && IsLws(text[start]))
        {
            start++;
        }

        while (end > start && IsLws(text[end - 1]))
        {
            end--;
        }

        return text[start..end];
    }

    /// <summary>Cuts white space and folds off the start.</summary>
    public static ReadOnlySpan<byte> TrimStart(ReadOnlySpan<byte> text)
    {
        int start = 0;
        while (start < text.Length && IsLws(text[start]))
        {
            start++;
        }

        return text[start..];
    }

    /// <summary>
    /// Reads a decimal number that fills the whole text, up to 4294967295. False for no digit, any other octet or a larger
    /// number; leading zeros are of no account.
    /// </summary>
    public static bool TryParseUInt(ReadOnlySpan<byte> text, out uint value)
    {
        ulong number = 0;
        foreach (byte c in text)
        {
            uint digit = (uint)(c - '0');
            number = (number * 10) + digit;
            if (digit > 9 || number > uint.MaxValue)
            {
                value = 0;
                return false;
            }
        }

        value = (uint)number;
        return !text.IsEmpty;
    }

    /// <summary>Reads a decimal number that fills the whole text, up to <paramref name="max"/>.</summary>
    public static bool TryParseInt(ReadOnlySpan<byte> text, int max, out int value)
    {
        bool read = TryParseUInt(text, out uint number) && number <= (uint)max;
        value = read ? (int)number : 0;
        return read;
    }

    /// <summary>The value of a hexadecimal digit, or -1.</summary>
    public static int HexValue(byte c) => c switch
    {
        >= (byte)'0' and <= (byte)'9' => c - '0',
        >= (byte)'a' and <= (byte)'f' => c - 'a' + 10,
        >= (byte)'A' and <= (byte)'F' => c - 'A' + 10,
        _ => -1,
    };

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static bool IsHost(byte c) => (Classes[c] & HostBit) != 0;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static bool IsParamValue(byte c) => (Classes[c] & ParamValueBit) != 0;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static bool IsUri(byte c) => (Classes[c] & UriBit) != 0;

    /// <summary>Where the white space that starts at <paramref name="at"/> ends.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static int SkipLws(ReadOnlySpan<byte> text, int at)
    {
        while ((uint)at < (uint)text.Length && IsLws(text[at]))
        {
            at++;
        }

        return at;
    }

    /// <summary>
    /// The index after the quoted string that starts at <paramref name="at"/>, or -1 when it is never closed. A backslash takes
    /// the octet after it along, whatever it is (25.1 quoted-pair).
    /// </summary>
    internal static int SkipQuoted(ReadOnlySpan<byte> text, int at)
    {
        at++;
        while (at < text.Length)
        {
            int next = text[at..].IndexOfAny((byte)'"', (byte)'\\');
            if (next < 0)
            {
                return -1;
            }

            at += next;
            if (text[at] == '"')
            {
                return at + 1;
            }

            at += 2;
        }

        return -1;
    }

    private static bool EqualsFolded(ReadOnlySpan<byte> a, ReadOnlySpan<byte> b)
    {
        for (int i = 0; i < a.Length; i++)
        {
            int x = a[i];
            int y = b[i];
            if (x != y && ((x ^ y) != 0x20 || (uint)((x | 0x20) - 'a') > 'z' - 'a'))
            {
                return false;
            }
        }

        return true;
    }

    private static byte[] BuildClasses()
    {
        byte[] classes = new byte[256];
        for (int i = 0; i < 256; i++)
        {
            byte c = (byte)i;
            bool alphanumeric = char.IsAsciiLetterOrDigit((char)i);
            bool visible = i is > 0x20 and not 0x7F;
            classes[i] = (byte)(
                (Token.Contains(c) ? TokenBit : 0)
                | (IsLws(c) ? LwsBit : 0)
                | (alphanumeric || c is (byte)'-' or (byte)'.' or (byte)'_' ? HostBit : 0)
                // Wider than the grammar: what stands unquoted in the field (addresses, base64, UTF-8) ends at a delimiter only.
                | (visible && !";,\"<>"u8.Contains(c) ? ParamValueBit : 0)
                | (visible && !"\"<>\\"u8.Contains(c) ? UriBit : 0));
        }

        return classes;
    }
}

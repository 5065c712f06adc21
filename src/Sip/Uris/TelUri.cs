using Sip.Messages;

namespace Sip.Uris;

/// <summary>A telephone number as URI (RFC 3966), as slices of the octets it was read from.</summary>
public readonly ref struct TelUri
{
    /// <summary>The number as written, visual separators and the plus sign of a global number included.</summary>
    public ReadOnlySpan<byte> Number { get; private init; }

    /// <summary>Whether the number is global, which means that it starts with a plus sign.</summary>
    public bool IsGlobal { get; private init; }

    /// <summary>The phone-context of a local number, as written; empty for a global one without it.</summary>
    public ReadOnlySpan<byte> PhoneContext { get; private init; }

    /// <summary>The parameters, without the first semicolon.</summary>
    public ReadOnlySpan<byte> Params { get; private init; }

    /// <summary>Reads a URI that fills the whole text; false for another scheme, a malformed number, or a local one without context.</summary>
    public static bool TryParse(ReadOnlySpan<byte> text, out TelUri uri)
    {
        uri = default;
        if (!SipChars.StartsWithIgnoreCase(text, "tel:"u8))
        {
            return false;
        }

        text = text[4..];
        int end = text.IndexOf((byte)';');
        ReadOnlySpan<byte> number = end < 0 ? text : text[..end];
        ReadOnlySpan<byte> parameters = end < 0 ? default : text[(end + 1)..];
        bool isGlobal = number is [(byte)'+', ..];
        if (!IsNumber(isGlobal ? number[1..] : number, isGlobal) || !SipUris.IsWellFormed(parameters))
        {
            return false;
        }

        ReadOnlySpan<byte> context = default;
        foreach (UriPart part in new UriParts(parameters, (byte)';'))
        {
            if (SipChars.EqualsIgnoreCase(part.Name, "phone-context"u8))
            {
                context = part.Value;
            }
        }

        // RFC 3966 5.1.5: a local number must say where it is valid.
        if (!isGlobal && context.IsEmpty)
        {
            return false;
        }

        uri = new TelUri { Number = number, IsGlobal = isGlobal, PhoneContext = context, Params = parameters };
        return true;
    }

    /// <summary>
    /// Writes the number without visual separators, which mean nothing (5.1.1). False when <paramref name="to"/> is too short;
    /// as long as the number is always enough.
    /// </summary>
    public static bool TryWriteDigits(ReadOnlySpan<byte> number, Span<byte> to, out int written)
    {
        written = 0;
        foreach (byte c in number)
        {
            if (IsSeparator(c))
            {
                continue;
            }

            if (written == to.Length)
            {
                return false;
            }

            to[written++] = c;
        }

        return true;
    }

    internal static bool IsSeparator(byte c) => c is (byte)'-' or (byte)'.' or (byte)'(' or (byte)')';

    private static bool IsNumber(ReadOnlySpan<byte> number, bool isGlobal)
    {
        bool any = false;
        foreach (byte c in number)
        {
            bool digit = SipChars.IsDigit(c) || (!isGlobal && (SipChars.HexValue(c) >= 0 || c is (byte)'*' or (byte)'#'));
            if (!digit && !IsSeparator(c))
            {
                return false;
            }

            any |= digit;
        }

        return any;
    }
}

using Sip.Messages;

namespace Sip.Headers;

/// <summary>
/// A name-addr or addr-spec with header parameters: one value of From, To, Contact, Route, Record-Route, Refer-To,
/// P-Asserted-Identity and the like (RFC 3261 sections 20 and 25.1), as slices of the octets it was read from.
/// </summary>
public readonly ref struct NameAddr
{
    private NameAddr(ReadOnlySpan<byte> displayName, ReadOnlySpan<byte> uri, HeaderParams parameters)
    {
        DisplayName = displayName;
        Uri = uri;
        Params = parameters;
    }

    /// <summary>The display name as written, quotes and backslashes included; empty when absent.</summary>
    public ReadOnlySpan<byte> DisplayName { get; }

    /// <summary>The URI, without angle brackets; has a scheme and no white space. Empty for <c>*</c>.</summary>
    public ReadOnlySpan<byte> Uri { get; }

    /// <summary>The parameters of the header. Without angle brackets everything behind a semicolon belongs here (section 20).</summary>
    public HeaderParams Params { get; }

    /// <summary>Whether the value is the <c>*</c> that a REGISTER may have as its only Contact (10.2.2).</summary>
    public bool IsStar { get; private init; }

    /// <summary>The tag parameter; empty when absent.</summary>
    public ReadOnlySpan<byte> Tag => Params.TryGet("tag"u8, out ReadOnlySpan<byte> tag) ? tag : default;

    /// <summary>Reads one value; false when it is not one.</summary>
    public static bool TryParse(ReadOnlySpan<byte> value, out NameAddr address)
    {
        address = default;
        value = SipChars.Trim(value);
        if (value.IsEmpty)
        {
            return false;
        }

        int nameEnd = 0;
        if (value[0] == '"')
        {
            nameEnd = SipChars.SkipQuoted(value, 0);
            if (nameEnd < 0)
            {
                return false;
            }
        }

        int bracket = value[nameEnd..].IndexOfAny((byte)'<', (byte)';');
        return bracket >= 0 && value[nameEnd + bracket] == '<'
            ? TryParseBracketed(value, nameEnd, nameEnd + bracket, out address)
            : nameEnd == 0 && TryParseBare(value, bracket < 0 ? value.Length : bracket, out address);
    }

    private static bool TryParseBracketed(ReadOnlySpan<byte> value, int nameEnd, int open, out NameAddr address)
    {
        address = default;
        ReadOnlySpan<byte> name = SipChars.Trim(value[..open]);
        if (nameEnd > 0 ? name.Length != nameEnd : !IsUnquotedName(name))
        {
            return false;
        }

        int close = value[open..].IndexOf((byte)'>');
        if (close < 0)
        {
            return false;
        }

        ReadOnlySpan<byte> uri = value[(open + 1)..(open + close)];
        if (!IsUri(uri) || !HeaderParams.TryParse(value[(open + close + 1)..], out HeaderParams parameters))
        {
            return false;
        }

        address = new NameAddr(name, uri, parameters);
        return true;
    }

    private static bool TryParseBare(ReadOnlySpan<byte> value, int end, out NameAddr address)
    {
        address = default;
        ReadOnlySpan<byte> uri = SipChars.Trim(value[..end]);

        // 20.10: a URI with a comma, question mark or semicolon must stand in angle brackets.
        bool star = uri is [(byte)'*'];
        if ((!star && !IsUri(uri)) || uri.IndexOfAny((byte)'?', (byte)',') >= 0
            || !HeaderParams.TryParse(value[end..], out HeaderParams parameters) || (star && !parameters.IsEmpty))
        {
            return false;
        }

        address = new NameAddr(default, star ? default : uri, parameters) { IsStar = star };
        return true;
    }

    // *(token LWS), read widely: no delimiter of a list, of a parameter or of a quoted string.
    private static bool IsUnquotedName(ReadOnlySpan<byte> name) => name.IndexOfAny((byte)',', (byte)'"', (byte)'>') < 0;

    private static bool IsUri(ReadOnlySpan<byte> uri)
    {
        int colon = 0;
        while (colon < uri.Length && uri[colon] != ':')
        {
            byte c = uri[colon];
            if (!char.IsAsciiLetterOrDigit((char)c) && c is not ((byte)'+' or (byte)'-' or (byte)'.'))
            {
                return false;
            }

            colon++;
        }

        return colon > 0 && colon + 1 < uri.Length && !uri.ContainsAnyInRange((byte)0, (byte)' ') && uri.IndexOfAny((byte)'<', (byte)'"') < 0;
    }
}

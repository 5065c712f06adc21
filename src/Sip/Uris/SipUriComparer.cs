using Sip.Messages;

namespace Sip.Uris;

/// <summary>Equality of SIP and SIPS URIs (RFC 3261 section 19.1.4). It is not transitive, so there is no hash code for it.</summary>
public static class SipUriComparer
{
    /// <summary>
    /// Up to how many parameters or headers two URIs are compared part by part. Beyond it they must be written alike: each
    /// part is looked for among all, and nobody shall make that slow.
    /// </summary>
    internal const int MaxParts = 64;

    /// <summary>Whether the two are equal. False when one cannot be read.</summary>
    public static bool Equal(ReadOnlySpan<byte> a, ReadOnlySpan<byte> b) =>
        SipUri.TryParse(a, out SipUri x) && SipUri.TryParse(b, out SipUri y) && Equal(x, y);

    /// <summary>Whether the two are equal.</summary>
    public static bool Equal(scoped in SipUri a, scoped in SipUri b) =>
        a.IsSecure == b.IsSecure
        && a.Port == b.Port
        && SipChars.EqualsIgnoreCase(a.Host, b.Host)
        && a.HasPassword == b.HasPassword
        && SipUris.EqualUnescapedExact(a.User, b.User)
        && SipUris.EqualUnescapedExact(a.Password, b.Password)
        && SameParams(a.Params, b.Params)
        && SameHeaders(a.Headers, b.Headers);

    private static bool SameParams(ReadOnlySpan<byte> a, ReadOnlySpan<byte> b)
    {
        if (a.SequenceEqual(b))
        {
            return true;
        }

        return !TooMany(a, (byte)';') && !TooMany(b, (byte)';') && ParamsMatch(a, b) && ParamsMatch(b, a);
    }

    // A parameter of both must be the same in both. One of either alone is ignored, but for those that change where the request goes.
    private static bool ParamsMatch(ReadOnlySpan<byte> a, ReadOnlySpan<byte> b)
    {
        foreach (UriPart part in new UriParts(a, (byte)';'))
        {
            bool found = TryFind(b, (byte)';', part.Name, out ReadOnlySpan<byte> value);
            if (found ? !SipUris.EqualUnescaped(part.Value, value) : IsNeverIgnored(part.Name))
            {
                return false;
            }
        }

        return true;
    }

    private static bool IsNeverIgnored(ReadOnlySpan<byte> name) =>
        SipUris.EqualUnescaped(name, "user"u8) || SipUris.EqualUnescaped(name, "ttl"u8) || SipUris.EqualUnescaped(name, "method"u8)
        || SipUris.EqualUnescaped(name, "maddr"u8) || SipUris.EqualUnescaped(name, "transport"u8);

    // Headers are never ignored.
    private static bool SameHeaders(ReadOnlySpan<byte> a, ReadOnlySpan<byte> b)
    {
        if (a.SequenceEqual(b))
        {
            return true;
        }

        return !TooMany(a, (byte)'&') && !TooMany(b, (byte)'&') && HeadersMatch(a, b) && HeadersMatch(b, a);
    }

    private static bool HeadersMatch(ReadOnlySpan<byte> a, ReadOnlySpan<byte> b)
    {
        foreach (UriPart part in new UriParts(a, (byte)'&'))
        {
            if (!TryFind(b, (byte)'&', part.Name, out ReadOnlySpan<byte> value) || !SipUris.EqualUnescapedExact(part.Value, value))
            {
                return false;
            }
        }

        return true;
    }

    private static bool TryFind(ReadOnlySpan<byte> text, byte separator, ReadOnlySpan<byte> name, out ReadOnlySpan<byte> value)
    {
        foreach (UriPart part in new UriParts(text, separator))
        {
            if (SipUris.EqualUnescaped(part.Name, name))
            {
                value = part.Value;
                return true;
            }
        }

        value = default;
        return false;
    }

    private static bool TooMany(ReadOnlySpan<byte> text, byte separator) => text.Count(separator) >= MaxParts;
}

using Sip.Headers;
using Sip.Messages;

namespace Sip.Uris;

/// <summary>A SIP or SIPS URI (RFC 3261 section 19.1), as slices of the octets it was read from; nothing is unescaped.</summary>
public readonly ref struct SipUri
{
    /// <summary>The scheme as written: <c>sip</c> or <c>sips</c> in any case.</summary>
    public ReadOnlySpan<byte> Scheme { get; private init; }

    /// <summary>The user with its escapes and user parameters; empty when absent.</summary>
    public ReadOnlySpan<byte> User { get; private init; }

    /// <summary>The password with its escapes; empty when absent.</summary>
    public ReadOnlySpan<byte> Password { get; private init; }

    /// <summary>Whether there is a password part, if only an empty one.</summary>
    public bool HasPassword { get; private init; }

    /// <summary>The host, an IPv6 address in its brackets.</summary>
    public ReadOnlySpan<byte> Host { get; private init; }

    /// <summary>The port; -1 when absent.</summary>
    public int Port { get; private init; }

    /// <summary>The parameters, without the first semicolon: <c>transport=tcp;lr</c>.</summary>
    public ReadOnlySpan<byte> Params { get; private init; }

    /// <summary>The headers, without the question mark: <c>subject=x&amp;priority=urgent</c>.</summary>
    public ReadOnlySpan<byte> Headers { get; private init; }

    /// <summary>Whether there is a question mark, if only with nothing behind it.</summary>
    public bool HasHeaders { get; private init; }

    /// <summary>Whether the scheme is SIPS.</summary>
    public bool IsSecure => Scheme.Length == 4;

    /// <summary>Reads a URI that fills the whole text; false for any other scheme and for one that is malformed.</summary>
    public static bool TryParse(ReadOnlySpan<byte> text, out SipUri uri)
    {
        uri = default;
        int colon = SchemeLength(text);
        if (colon == 0)
        {
            return false;
        }

        int hostStart = colon + 1;
        ReadOnlySpan<byte> user = default;
        ReadOnlySpan<byte> password = default;
        bool hasPassword = false;

        // 19.1.1: an @ can stand nowhere but behind the user, so the first is that one.
        int at = text.IndexOf((byte)'@');
        if (at >= 0)
        {
            user = text[hostStart..at];
            int separator = user.IndexOf((byte)':');
            if (separator >= 0)
            {
                hasPassword = true;
                password = user[(separator + 1)..];
                user = user[..separator];
            }

            if (user.IsEmpty || !SipUris.IsWellFormed(text[hostStart..at]))
            {
                return false;
            }

            hostStart = at + 1;
        }

        if (!TryReadHostPort(text, hostStart, out int hostEnd, out int port, out int end)
            || !TryReadTail(text, end, out ReadOnlySpan<byte> parameters, out ReadOnlySpan<byte> headers, out bool hasHeaders))
        {
            return false;
        }

        uri = new SipUri
        {
            Scheme = text[..colon],
            User = user,
            Password = password,
            HasPassword = hasPassword,
            Host = text[hostStart..hostEnd],
            Port = port,
            Params = parameters,
            Headers = headers,
            HasHeaders = hasHeaders,
        };
        return true;
    }

    /// <summary>Finds a URI parameter, its name in any case; <paramref name="value"/> as written, empty when there is none.</summary>
    public bool TryGetParam(ReadOnlySpan<byte> name, out ReadOnlySpan<byte> value)
    {
        foreach (UriPart part in new UriParts(Params, (byte)';'))
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

    /// <summary>Whether a URI parameter of that name is there, with a value or without.</summary>
    public bool HasParam(ReadOnlySpan<byte> name) => TryGetParam(name, out _);

    private static int SchemeLength(ReadOnlySpan<byte> text)
    {
        if (text.Length < 5 || (text[0] | 0x20) != 's' || (text[1] | 0x20) != 'i' || (text[2] | 0x20) != 'p')
        {
            return 0;
        }

        return text[3] == ':' ? 3 : (text[3] | 0x20) == 's' && text[4] == ':' ? 4 : 0;
    }

    private static bool TryReadHostPort(ReadOnlySpan<byte> text, int start, out int hostEnd, out int port, out int end)
    {
        port = -1;
        end = hostEnd = Via.HostEnd(text, start);
        if (hostEnd <= start)
        {
            return false;
        }

        if (end < text.Length && text[end] == ':')
        {
            int digits = ++end;
            while (end < text.Length && SipChars.IsDigit(text[end]))
            {
                end++;
            }

            return SipChars.TryParseInt(text[digits..end], 65535, out port);
        }

        return true;
    }

    private static bool TryReadTail(
        ReadOnlySpan<byte> text, int start, out ReadOnlySpan<byte> parameters, out ReadOnlySpan<byte> headers, out bool hasHeaders)
    {
        ReadOnlySpan<byte> tail = text[start..];
        parameters = headers = default;
        hasHeaders = false;
        if (tail.IsEmpty)
        {
            return true;
        }

        int question = tail.IndexOf((byte)'?');
        hasHeaders = question >= 0;
        if (hasHeaders)
        {
            headers = tail[(question + 1)..];
        }

        ReadOnlySpan<byte> before = hasHeaders ? tail[..question] : tail;
        if (!before.IsEmpty)
        {
            if (before[0] != ';')
            {
                return false;
            }

            parameters = before[1..];
        }

        return SipUris.IsWellFormed(tail);
    }
}

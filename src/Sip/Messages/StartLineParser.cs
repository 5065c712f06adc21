using Sip.Uris;

namespace Sip.Messages;

/// <summary>Reads request line or status line (RFC 3261 sections 7.1 and 7.2).</summary>
internal static class StartLineParser
{
    /// <summary>
    /// Reads the line at <paramref name="start"/>; <paramref name="end"/> is where the headers start. Where the line is SIP but
    /// wrong, method and URI are set as far as they can be told.
    /// </summary>
    public static SipParseError Parse(ReadOnlySpan<byte> bytes, int start, SipMessage message, out int end)
    {
        int length = bytes[start..].IndexOfAny((byte)'\r', (byte)'\n');
        end = start + length + 2;
        ReadOnlySpan<byte> line = length < 0 ? bytes[start..] : bytes.Slice(start, length);
        SipParseError error = SipChars.StartsWithIgnoreCase(line, "SIP/"u8)
            ? ParseStatusLine(line, start, message)
            : ParseRequestLine(line, start, message);
        if (error == SipParseError.NotSip)
        {
            return error;
        }

        return length < 0 || end > bytes.Length ? SipParseError.MissingEmptyLine
            : bytes[end - 2] != '\r' || bytes[end - 1] != '\n' ? SipParseError.BareLineBreak : error;
    }

    // Method SP Request-URI SP SIP-Version, one space each and none behind.
    private static SipParseError ParseRequestLine(ReadOnlySpan<byte> line, int start, SipMessage message)
    {
        int space = line.IndexOf((byte)' ');
        if (space <= 0 || !SipChars.IsToken(line[..space]))
        {
            return SipParseError.NotSip;
        }

        int version = line.EndsWith(" SIP/2.0"u8) ? line.Length - 7 : LastVersion(line);
        if (version <= space)
        {
            return SipParseError.NotSip;
        }

        message.IsRequest = true;
        message.MethodSlice = new Slice(start, space);
        message.Method = SipMethods.Find(line[..space]);
        int uriStart = space + 1;
        int uriEnd = version - 1;
        if (uriEnd <= uriStart)
        {
            return SipParseError.BadStartLine;
        }

        ReadOnlySpan<byte> uri = line[uriStart..uriEnd];
        message.RequestUriSlice = new Slice(start + uriStart, uri.Length);
        if (!SipChars.EqualsIgnoreCase(line[version..], "SIP/2.0"u8))
        {
            return IsVersion(line[version..]) ? SipParseError.BadVersion : SipParseError.BadStartLine;
        }

        return uri.IndexOfAny((byte)' ', (byte)'\t') >= 0 ? SipParseError.BadStartLine
            : IsRequestUri(uri) ? SipParseError.None : SipParseError.BadRequestUri;
    }

    private static SipParseError ParseStatusLine(ReadOnlySpan<byte> line, int start, SipMessage message)
    {
        // A method cannot have a slash in it, so this was meant to be a response whatever else is wrong.
        int space = line.IndexOf((byte)' ');
        if (!SipChars.StartsWithIgnoreCase(line, "SIP/2.0 "u8))
        {
            return space > 0 && IsVersion(line[..space]) ? SipParseError.BadVersion : SipParseError.NotSip;
        }

        ReadOnlySpan<byte> rest = line[8..];
        int codeLength = rest.IndexOf((byte)' ');
        ReadOnlySpan<byte> code = codeLength < 0 ? rest : rest[..codeLength];
        if (code.Length != 3 || !SipChars.TryParseInt(code, 699, out int status) || status < 100)
        {
            return SipParseError.BadStatusCode;
        }

        // 7.2 wants a space behind the code even with an empty phrase; without one the line is read all the same.
        message.StatusCode = status;
        message.ReasonSlice = codeLength < 0 ? default : new Slice(start + 12, line.Length - 12);
        return SipParseError.None;
    }

    // The last word that looks like a version, for a line with too many words or with spaces behind.
    private static int LastVersion(ReadOnlySpan<byte> line)
    {
        int found = line.LastIndexOf(" SIP/"u8);
        if (found < 0)
        {
            found = line.LastIndexOf(" sip/"u8);
        }

        return found + 1;
    }

    private static bool IsVersion(ReadOnlySpan<byte> word)
    {
        int dot = word.IndexOf((byte)'.');
        return dot > 4 && SipChars.TryParseUInt(word[4..dot], out _) && SipChars.TryParseUInt(word[(dot + 1)..], out _);
    }

    // A URI of another scheme is answered 416 by the layers above; here it only must have a scheme and no delimiter in it.
    private static bool IsRequestUri(ReadOnlySpan<byte> uri)
    {
        if (SipUri.TryParse(uri, out SipUri sip))
        {
            // 19.1.1: no headers in a Request-URI.
            return !sip.HasHeaders;
        }

        ReadOnlySpan<byte> scheme = SipUris.Scheme(uri);
        return !scheme.IsEmpty && char.IsAsciiLetter((char)scheme[0]) && scheme.Length + 1 < uri.Length
            && !SipChars.EqualsIgnoreCase(scheme, "sip"u8) && !SipChars.EqualsIgnoreCase(scheme, "sips"u8)
            && SipChars.IsToken(scheme) && !uri.ContainsAnyInRange((byte)0, (byte)' ') && uri.IndexOfAny((byte)'<', (byte)'>', (byte)'"') < 0;
    }
}

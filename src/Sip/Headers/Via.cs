using Sip.Messages;

namespace Sip.Headers;

/// <summary>One Via value (RFC 3261 section 20.42; rport: RFC 3581), as slices of the octets it was read from.</summary>
public readonly ref struct Via
{
    private Via(ReadOnlySpan<byte> transport, ReadOnlySpan<byte> sentBy, ReadOnlySpan<byte> host, int port)
    {
        Transport = transport;
        SentBy = sentBy;
        Host = host;
        Port = port;
        RPort = -1;
    }

    /// <summary>The transport as written, such as <c>UDP</c>; any token.</summary>
    public ReadOnlySpan<byte> Transport { get; }

    /// <summary>Host and port as written.</summary>
    public ReadOnlySpan<byte> SentBy { get; }

    /// <summary>The host of the sent-by, an IPv6 address in its brackets.</summary>
    public ReadOnlySpan<byte> Host { get; }

    /// <summary>The port of the sent-by; -1 when absent.</summary>
    public int Port { get; }

    /// <summary>The branch; empty when absent (RFC 2543).</summary>
    public ReadOnlySpan<byte> Branch { get; private init; }

    /// <summary>The received address, without brackets if it was written with them (RFC 5118 section 4.5); empty when absent.</summary>
    public ReadOnlySpan<byte> Received { get; private init; }

    /// <summary>The rport: -1 when absent, 0 when without value, which asks for the answer to go where the request came from.</summary>
    public int RPort { get; private init; }

    /// <summary>All parameters.</summary>
    public HeaderParams Params { get; private init; }

    /// <summary>Reads one Via value; false when it is not one.</summary>
    public static bool TryParse(ReadOnlySpan<byte> value, out Via via) =>
        TryParsePrefix(value, out via, out int end) && end == value.Length;

    /// <summary>
    /// Reads the Via value at the start of a header line, which may list more after a comma; <paramref name="end"/> is where
    /// this one ends.
    /// </summary>
    internal static bool TryParsePrefix(ReadOnlySpan<byte> text, out Via via, out int end)
    {
        via = default;
        end = 0;
        if (!TryReadProtocol(text, out ReadOnlySpan<byte> transport, out int at) || !TryReadSentBy(text, at, out Slice host, out int port, out end))
        {
            return false;
        }

        ReadOnlySpan<byte> branch = default;
        ReadOnlySpan<byte> received = default;
        int rport = -1;
        int paramsStart = at = SipChars.SkipLws(text, end);
        while (at < text.Length && text[at] != ',')
        {
            if (!HeaderParams.Step(text, ref at, out HeaderParam param))
            {
                return false;
            }

            if (SipChars.EqualsIgnoreCase(param.Name, "branch"u8))
            {
                branch = param.Value;
            }
            else if (SipChars.EqualsIgnoreCase(param.Name, "received"u8))
            {
                received = param.Value is [(byte)'[', .., (byte)']'] ? param.Value[1..^1] : param.Value;
            }
            else if (SipChars.EqualsIgnoreCase(param.Name, "rport"u8))
            {
                if (!SipChars.TryParseInt(param.Value, 65535, out rport) && !param.Value.IsEmpty)
                {
                    return false;
                }
            }
        }

        ReadOnlySpan<byte> sentBy = text[host.Start..end];
        end = at;
        via = new Via(transport, sentBy, text.Slice(host.Start, host.Length), port)
        {
            Branch = branch,
            Received = received,
            RPort = rport,
            Params = new HeaderParams(SipChars.Trim(text[paramsStart..at])),
        };
        return true;
    }

    // sent-protocol = protocol-name SLASH protocol-version SLASH transport; white space may stand around each slash. Any version
    // is read: a request of another one is to be answered, and values below the top one are not ours to judge.
    private static bool TryReadProtocol(ReadOnlySpan<byte> text, out ReadOnlySpan<byte> transport, out int at)
    {
        if (text.StartsWith("SIP/2.0/"u8))
        {
            at = 8;
        }
        else if (!TryReadWord(text, 0, out ReadOnlySpan<byte> name, out at) || !SipChars.EqualsIgnoreCase(name, "SIP"u8)
            || !TryReadWord(text, at, out _, out at))
        {
            transport = default;
            return false;
        }

        int start = at = SipChars.SkipLws(text, at);
        while (at < text.Length && SipChars.IsToken(text[at]))
        {
            at++;
        }

        transport = text[start..at];
        int afterSpace = SipChars.SkipLws(text, at);
        bool found = at > start && afterSpace > at;
        at = afterSpace;
        return found;
    }

    private static bool TryReadWord(ReadOnlySpan<byte> text, int at, out ReadOnlySpan<byte> word, out int end)
    {
        int start = end = SipChars.SkipLws(text, at);
        while (end < text.Length && SipChars.IsToken(text[end]))
        {
            end++;
        }

        word = text[start..end];
        end = SipChars.SkipLws(text, end);
        return !word.IsEmpty && end < text.Length && text[end++] == '/';
    }

    private static bool TryReadSentBy(ReadOnlySpan<byte> text, int start, out Slice host, out int port, out int end)
    {
        port = -1;
        end = HostEnd(text, start);
        host = new Slice(start, end - start);
        if (end <= start)
        {
            return false;
        }

        int colon = SipChars.SkipLws(text, end);
        if (colon >= text.Length || text[colon] != ':')
        {
            return true;
        }

        int digits = SipChars.SkipLws(text, colon + 1);
        end = digits;
        while (end < text.Length && SipChars.IsDigit(text[end]))
        {
            end++;
        }

        return SipChars.TryParseInt(text[digits..end], 65535, out port);
    }

    /// <summary>Where the host name, IPv4 address or IPv6 reference at <paramref name="start"/> ends; -1 for an unclosed bracket.</summary>
    internal static int HostEnd(ReadOnlySpan<byte> text, int start)
    {
        int end = start;
        if (start < text.Length && text[start] == '[')
        {
            end++;
            while (end < text.Length && (SipChars.HexValue(text[end]) >= 0 || text[end] is (byte)':' or (byte)'.'))
            {
                end++;
            }

            return end < text.Length && text[end] == ']' && end > start + 1 ? end + 1 : -1;
        }

        while (end < text.Length && SipChars.IsHost(text[end]))
        {
            end++;
        }

        return end;
    }
}

using Sip.Messages;

namespace Sip.Headers;

/// <summary>
/// Walks what stands behind a scheme in Authorization and WWW-Authenticate and their proxies' twins: <c>name=value</c>, separated by
/// commas (RFC 3261 section 25.1, challenge and credentials). Values are given without quotes, their backslashes untouched.
/// </summary>
internal ref struct DigestParams(ReadOnlySpan<byte> text)
{
    private readonly ReadOnlySpan<byte> text = text;
    private int at;

    /// <summary>Name and value read last.</summary>
    public HeaderParam Current { get; private set; }

    /// <summary>Whether reading stopped at something that is no parameter.</summary>
    public bool IsBad { get; private set; }

    /// <summary>What stands behind the scheme "Digest"; false for another scheme or none.</summary>
    public static bool TryCutScheme(ReadOnlySpan<byte> value, out ReadOnlySpan<byte> parameters)
    {
        value = SipChars.Trim(value);
        bool digest = value.Length > 7 && SipChars.StartsWithIgnoreCase(value, "Digest"u8) && SipChars.IsLws(value[6]);
        parameters = digest ? value[7..] : default;
        return digest;
    }

    /// <summary>Reads the next parameter; false at the end and at the first that is malformed.</summary>
    public bool MoveNext()
    {
        while (at < text.Length && (SipChars.IsLws(text[at]) || text[at] == ','))
        {
            at++;
        }

        if (at == text.Length)
        {
            return false;
        }

        IsBad = true;
        int nameStart = at;
        while (at < text.Length && SipChars.IsToken(text[at]))
        {
            at++;
        }

        ReadOnlySpan<byte> name = text[nameStart..at];
        at = SipChars.SkipLws(text, at);
        if (name.IsEmpty || at == text.Length || text[at] != '=')
        {
            return false;
        }

        int start = SipChars.SkipLws(text, at + 1);
        int end = start < text.Length && text[start] == '"' ? SipChars.SkipQuoted(text, start) : BareEnd(start);
        if (end < 0)
        {
            return false;
        }

        Current = new HeaderParam { Name = name, Value = HeaderParams.Unquote(text[start..end]) };
        at = SipChars.SkipLws(text, end);
        IsBad = at < text.Length && text[at] != ',';
        return !IsBad;
    }

    private readonly int BareEnd(int start)
    {
        int end = start;
        while (end < text.Length && text[end] != ',' && text[end] != '"' && !SipChars.IsLws(text[end]))
        {
            end++;
        }

        return end;
    }
}

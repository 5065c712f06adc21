using Sip.Messages;

namespace Sip.Headers;

/// <summary>A Session-Expires value (RFC 4028 section 4).</summary>
public readonly ref struct SessionExpires
{
    private SessionExpires(uint seconds, ReadOnlySpan<byte> refresher)
    {
        Seconds = seconds;
        Refresher = refresher;
    }

    /// <summary>The session interval, in seconds.</summary>
    public uint Seconds { get; }

    /// <summary>Who refreshes, as written; empty when nobody is named.</summary>
    public ReadOnlySpan<byte> Refresher { get; }

    /// <summary>Whether the client of this transaction refreshes.</summary>
    public bool IsUac => SipChars.EqualsIgnoreCase(Refresher, "uac"u8);

    /// <summary>Whether the server of this transaction refreshes.</summary>
    public bool IsUas => SipChars.EqualsIgnoreCase(Refresher, "uas"u8);

    /// <summary>Reads a value; false when it is not one.</summary>
    public static bool TryParse(ReadOnlySpan<byte> value, out SessionExpires expires)
    {
        expires = default;
        int end = value.IndexOf((byte)';');
        ReadOnlySpan<byte> seconds = SipChars.Trim(end < 0 ? value : value[..end]);
        ReadOnlySpan<byte> tail = end < 0 ? default : value[end..];
        if (!SipChars.TryParseUInt(seconds, out uint interval) || !HeaderParams.TryParse(tail, out HeaderParams parameters))
        {
            return false;
        }

        expires = new SessionExpires(interval, parameters.TryGet("refresher"u8, out ReadOnlySpan<byte> refresher) ? refresher : default);
        return true;
    }
}

using Sip.Messages;

namespace Sip.Headers;

/// <summary>A Replaces value: the dialog that the new one takes the place of (RFC 3891 section 6.1).</summary>
public readonly ref struct Replaces
{
    private Replaces(ReadOnlySpan<byte> callId, ReadOnlySpan<byte> toTag, ReadOnlySpan<byte> fromTag, bool earlyOnly)
    {
        CallId = callId;
        ToTag = toTag;
        FromTag = fromTag;
        EarlyOnly = earlyOnly;
    }

    /// <summary>The Call-ID.</summary>
    public ReadOnlySpan<byte> CallId { get; }

    /// <summary>The local tag at whoever receives the Replaces.</summary>
    public ReadOnlySpan<byte> ToTag { get; }

    /// <summary>The remote tag at whoever receives the Replaces.</summary>
    public ReadOnlySpan<byte> FromTag { get; }

    /// <summary>Whether only an early dialog may be replaced.</summary>
    public bool EarlyOnly { get; }

    /// <summary>Reads a value; false when it is not one or lacks one of the two tags.</summary>
    public static bool TryParse(ReadOnlySpan<byte> value, out Replaces replaces)
    {
        replaces = default;
        int end = value.IndexOf((byte)';');
        if (end < 0)
        {
            return false;
        }

        ReadOnlySpan<byte> callId = SipChars.Trim(value[..end]);
        if (callId.IsEmpty || callId.ContainsAnyInRange((byte)0, (byte)' ') || !HeaderParams.TryParse(value[end..], out HeaderParams parameters)
            || !parameters.TryGet("to-tag"u8, out ReadOnlySpan<byte> toTag) || toTag.IsEmpty
            || !parameters.TryGet("from-tag"u8, out ReadOnlySpan<byte> fromTag) || fromTag.IsEmpty)
        {
            return false;
        }

        replaces = new Replaces(callId, toTag, fromTag, parameters.Has("early-only"u8));
        return true;
    }
}

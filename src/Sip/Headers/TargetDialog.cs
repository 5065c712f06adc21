using Sip.Messages;

namespace Sip.Headers;

/// <summary>A Target-Dialog value: a dialog that the sender of a request takes part in (RFC 4538 section 7).</summary>
public readonly ref struct TargetDialog
{
    private TargetDialog(ReadOnlySpan<byte> callId, ReadOnlySpan<byte> localTag, ReadOnlySpan<byte> remoteTag)
    {
        CallId = callId;
        LocalTag = localTag;
        RemoteTag = remoteTag;
    }

    /// <summary>The Call-ID.</summary>
    public ReadOnlySpan<byte> CallId { get; }

    /// <summary>The local tag at whoever receives the request.</summary>
    public ReadOnlySpan<byte> LocalTag { get; }

    /// <summary>The remote tag at whoever receives the request.</summary>
    public ReadOnlySpan<byte> RemoteTag { get; }

    /// <summary>Reads a value; false when it is not one or lacks one of the two tags, and is to be ignored (section 4).</summary>
    public static bool TryParse(ReadOnlySpan<byte> value, out TargetDialog target)
    {
        target = default;
        int end = value.IndexOf((byte)';');
        if (end < 0)
        {
            return false;
        }

        ReadOnlySpan<byte> callId = SipChars.Trim(value[..end]);
        if (callId.IsEmpty || callId.ContainsAnyInRange((byte)0, (byte)' ') || !HeaderParams.TryParse(value[end..], out HeaderParams parameters)
            || !parameters.TryGet("local-tag"u8, out ReadOnlySpan<byte> localTag) || localTag.IsEmpty
            || !parameters.TryGet("remote-tag"u8, out ReadOnlySpan<byte> remoteTag) || remoteTag.IsEmpty)
        {
            return false;
        }

        target = new TargetDialog(callId, localTag, remoteTag);
        return true;
    }
}

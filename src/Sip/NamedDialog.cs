using Sip.Headers;
using Sip.Messages;

namespace Sip;

/// <summary>
/// The dialog that a request outside of it is about: an INVITE that replaces it (RFC 3891) or would join it (RFC 3911), a REFER of one of
/// its parties (RFC 4538). Where it lives the request must go.
/// </summary>
internal readonly ref struct NamedDialog
{
    /// <summary>The Call-ID.</summary>
    public ReadOnlySpan<byte> CallId { get; private init; }

    /// <summary>Our tag.</summary>
    public ReadOnlySpan<byte> LocalTag { get; private init; }

    /// <summary>The tag of the other side.</summary>
    public ReadOnlySpan<byte> RemoteTag { get; private init; }

    /// <summary>Reads the ids; false for a request that names none.</summary>
    public static bool TryRead(SipMessage request, out NamedDialog named)
    {
        named = default;
        if (request.Method == SipMethod.Invite)
        {
            HeaderId header = request.Has(HeaderId.Replaces) ? HeaderId.Replaces : HeaderId.Join;
            if (!request.Has(header) || !Replaces.TryParse(request.First(header), out Replaces replaces))
            {
                return false;
            }

            named = new NamedDialog { CallId = replaces.CallId, LocalTag = replaces.ToTag, RemoteTag = replaces.FromTag };
            return true;
        }

        if (request.Method != SipMethod.Refer || !TargetDialog.TryParse(request.First(HeaderId.TargetDialog), out TargetDialog target))
        {
            return false;
        }

        named = new NamedDialog { CallId = target.CallId, LocalTag = target.LocalTag, RemoteTag = target.RemoteTag };
        return true;
    }
}

using Sip.Messages;
using Sip.Transports;

namespace Sip.B2bua.Calls;

/// <summary>
/// What a user asks of its own address is for a server, not for its own phones: the phone would get its own SUBSCRIBE or PUBLISH
/// back. Where no module has answered it or found another target, nobody serves it here.
/// </summary>
internal static class OwnDevices
{
    /// <summary>Leaves the asker's own devices out of a SUBSCRIBE or PUBLISH, and refuses it when nobody is left.</summary>
    public static bool Refuse(PendingRequest pending)
    {
        SipMessage request = pending.Request;
        if (request.Method is not (SipMethod.Subscribe or SipMethod.Publish) || !AddressOfRecord.TryRead(CallCore.UriOf(request.From), out string own))
        {
            return false;
        }

        bool all = request.Method == SipMethod.Publish || IsOfServer(request.First(HeaderId.Event));
        for (int i = pending.Targets.Count - 1; i >= 0; i--)
        {
            Target target = pending.Targets[i];
            if (target.Binding is not null && target.AddressOfRecord == own && (all || HasFlow(target, pending.Flow)))
            {
                pending.Targets.RemoveAt(i);
            }
        }

        if (pending.Targets.Count > 0)
        {
            return false;
        }

        pending.Trail.Add("Event", "nobody but the phones of {0} itself could be asked", own);
        pending.Respond(489, request.Method == SipMethod.Publish ? "Nobody keeps published state here" : "Nobody serves this event package here", WriteAllowEvents);
        return true;
    }

    private static bool HasFlow(Target target, in Flow asker)
    {
        for (Target? way = target; way is not null; way = way.NextFlow)
        {
            if (way.Flow is { } flow && flow.IsSameWay(asker))
            {
                return true;
            }
        }

        return false;
    }

    // RFC 3680, RFC 3842: these tell what a server knows of its users; no phone knows it.
    private static bool IsOfServer(ReadOnlySpan<byte> package)
    {
        int end = package.IndexOf((byte)';');
        ReadOnlySpan<byte> name = SipChars.Trim(end < 0 ? package : package[..end]);
        return name.SequenceEqual("reg"u8) || name.SequenceEqual("message-summary"u8);
    }

    // RFC 6665 8.3.2: a 489 lists the packages that can be had; those of phones are all that crosses by itself.
    private static void WriteAllowEvents(ref SipWriter writer, object? state) => writer.Header(HeaderId.AllowEvents, ServerCapabilities.EventPackages);
}

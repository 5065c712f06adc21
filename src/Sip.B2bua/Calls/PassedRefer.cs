using Sip.Headers;
using Sip.Messages;
using Sip.Uris;

namespace Sip.B2bua.Calls;

/// <summary>
/// A REFER on its way to the other phone, whose Refer-To would have that replace a call of the transferor. At a URI of ours the ids in it
/// lead back to us, and we replace it. At any other they would be read by whom the transferor talks to, who knows the dialog on its own
/// side only: so the ids become those.
/// </summary>
internal sealed class PassedRefer : DialogSearch
{
    private readonly IncomingRequest refer;
    private readonly bool earlyOnly;
    private byte[] replaces = [];

    private PassedRefer(IncomingRequest refer, in Replaces replaces, int loop)
        : base(refer.Leg.Call.Core, replaces, loop)
    {
        this.refer = refer;
        earlyOnly = replaces.EarlyOnly;
    }

    /// <summary>Looks for the ids; false when none have to be changed.</summary>
    public static bool TryBegin(IncomingRequest refer)
    {
        CallCore core = refer.Leg.Call.Core;
        if (!ReferTo.TryRead(refer.Request, out ReferTo? to) || to.Replaces is not { } value
            || !SipUri.TryParse(to.Uri, out SipUri uri) || core.LocalDomains.IsServedDomain(uri.Host) || core.LocalDomains.IsUs(uri.Host, uri.Port)
            || !TryRead(core, value, out Replaces named, out int loop))
        {
            return false;
        }

        refer.Leg.Call.Hold();
        new PassedRefer(refer, named, loop).Begin();
        return true;
    }

    /// <inheritdoc/>
    protected override bool OnFound(Leg? leg)
    {
        if (leg?.Call.PartnerOf(leg)?.Dialog is { } far)
        {
            replaces = [.. far.CallId, .. ";to-tag="u8, .. far.RemoteTag, .. ";from-tag="u8, .. far.LocalTag, .. earlyOnly ? ";early-only"u8 : default];
        }

        return true;
    }

    /// <inheritdoc/>
    protected override void OnAnswered()
    {
        // What names no call of ours goes on as it is.
        refer.Leg.PassOn(refer, replaces.Length > 0 ? Rewrite(refer.Request.First(HeaderId.ReferTo)) : default);
        refer.Leg.Call.Release();
    }

    private byte[] Rewrite(ReadOnlySpan<byte> value)
    {
        if (NameAddr.TryParse(value, out NameAddr address) && SipUri.TryParse(address.Uri, out SipUri uri))
        {
            foreach (UriPart header in new UriParts(uri.Headers, (byte)'&'))
            {
                if (SipChars.EqualsIgnoreCase(header.Name, "Replaces"u8) && value.Overlaps(header.Value, out int at))
                {
                    return [.. value[..at], .. Escape(replaces), .. value[(at + header.Value.Length)..]];
                }
            }
        }

        return value.ToArray();
    }

    // RFC 3261 25.1: hnv-unreserved and unreserved stand for themselves; of those only what no reader takes for anything else.
    private static List<byte> Escape(ReadOnlySpan<byte> text)
    {
        List<byte> escaped = new(text.Length + 16);
        foreach (byte octet in text)
        {
            if (char.IsAsciiLetterOrDigit((char)octet) || octet is (byte)'-' or (byte)'.' or (byte)'_')
            {
                escaped.Add(octet);
            }
            else
            {
                escaped.AddRange([(byte)'%', "0123456789ABCDEF"u8[octet >> 4], "0123456789ABCDEF"u8[octet & 15]]);
            }
        }

        return escaped;
    }
}

using Sip.Headers;
using Sip.Messages;
using Sip.Uris;

namespace Sip.B2bua.Plugins.Registrar;

/// <summary>Whether a REGISTER makes its bindings by the rules of RFC 5626: each flow of a phone a binding of its own.</summary>
internal static class OutboundRule
{
    /// <summary>
    /// RFC 5626 6: the phone supports outbound, and we are the first hop or the first hop does, too, and says so by <c>ob</c> in the first
    /// Path URI.
    /// </summary>
    /// <param name="request">The REGISTER.</param>
    /// <param name="lacksFirstHop">The phone supports outbound and the first hop does not: with a reg-id that is 439.</param>
    public static bool AppliesTo(SipMessage request, out bool lacksFirstHop)
    {
        bool supports = Supports(request, "outbound"u8);
        bool first = supports && (IsFirstHop(request) || HasObPath(request));
        lacksFirstHop = supports && !first;
        return first;
    }

    /// <summary>Whether the sender supports or requires an extension.</summary>
    public static bool Supports(SipMessage request, ReadOnlySpan<byte> tag) => Lists(request, HeaderId.Supported, tag) || Lists(request, HeaderId.Require, tag);

    /// <summary>RFC 5626 11.1: the reg-id of a Contact that names its instance: from 1 to 2^31 - 1. Any other counts for nothing.</summary>
    public static uint RegIdOf(in NameAddr contact) =>
        contact.Params.TryGet("reg-id"u8, out ReadOnlySpan<byte> text) && contact.Params.Has("+sip.instance"u8)
            && SipChars.TryParseUInt(text, out uint number) && number <= int.MaxValue ? number : 0;

    private static bool Lists(SipMessage request, HeaderId header, ReadOnlySpan<byte> tag)
    {
        foreach (ReadOnlySpan<byte> one in request.Values(header))
        {
            if (SipChars.EqualsIgnoreCase(one, tag))
            {
                return true;
            }
        }

        return false;
    }

    private static bool IsFirstHop(SipMessage request)
    {
        HeaderValues vias = request.Values(HeaderId.Via);
        return vias.MoveNext() && !vias.MoveNext();
    }

    private static bool HasObPath(SipMessage request)
    {
        HeaderValues path = request.Values(HeaderId.Path);
        return path.MoveNext() && NameAddr.TryParse(path.Current, out NameAddr first) && SipUri.TryParse(first.Uri, out SipUri uri) && uri.HasParam("ob"u8);
    }
}

using System.Text;
using Sip.Messages;

namespace Sip.B2bua.Calls;

/// <summary>When our Contact must be a SIPS URI (RFC 3261 8.1.1.8 and 12.1.1, RFC 5630 5.1.1 and 5.2).</summary>
internal static class SipsRule
{
    /// <summary>8.1.1.8: "If the Request-URI or top Route header field value contains a SIPS URI".</summary>
    public static bool AppliesTo(Target target) =>
        IsSips(target.UriBytes.Span)
        || (target.Route.Count > 0 && IsSips(CallCore.UriOf(Encoding.UTF8.GetBytes(target.Route[0]))));

    /// <summary>12.1.1: the Request-URI, or the top Record-Route, or, where there is none of these, the Contact is a SIPS URI.</summary>
    public static bool AppliesToAnswer(SipMessage request)
    {
        HeaderId last = request.Has(HeaderId.RecordRoute) ? HeaderId.RecordRoute : HeaderId.Contact;
        HeaderValues values = request.Values(last);
        return IsSips(request.RequestUri) || (values.MoveNext() && IsSips(CallCore.UriOf(values.Current)));
    }

    private static bool IsSips(ReadOnlySpan<byte> uri) => SipChars.StartsWithIgnoreCase(uri, "sips:"u8);
}

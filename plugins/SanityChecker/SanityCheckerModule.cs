using System.Composition;
using Sip.Headers;
using Sip.Messages;
using Sip.Uris;

namespace Sip.B2bua.Plugins.SanityChecker;

[SipModule("SanityChecker", Stage.Guard, 20, Options = typeof(SanityCheckerOptions), Help = "Refuses requests that are readable but make no sense, with 400 and the reason.")]
[Shared]
[method: ImportingConstructor]
internal sealed class SanityCheckerModule(ISettings<SanityCheckerOptions> settings) : SipModule
{
    public override ValueTask<Verdict> OnRequestAsync(RequestContext context)
    {
        string? fault = FindFault(context.Request);
        if (fault is null)
        {
            return new(Verdict.Continue);
        }

        context.Trail.Add("SanityChecker", "refused: {0}", fault);
        context.Respond(400, fault);
        return new(Verdict.Done);
    }

    private string? FindFault(SipMessage request)
    {
        // Via and Request-URI: without a good one of each there is no message, says the parser.
        if (!NameAddr.TryParse(request.From, out NameAddr from) || !HasHost(from.Uri))
        {
            return "Malformed From";
        }

        // RFC 3261 12.1.1: "A UAS MUST be prepared to receive a request without a tag in the From field", that of RFC 2543.
        if (request.FromTag.IsEmpty && settings.Value.RequireFromTag)
        {
            return "From without tag";
        }

        if (!NameAddr.TryParse(request.To, out NameAddr to) || !HasHost(to.Uri))
        {
            return "Malformed To";
        }

        HeaderValues contacts = request.Values(HeaderId.Contact);
        if (contacts.MoveNext() && !(NameAddr.TryParse(contacts.Current, out NameAddr first) && (first.IsStar || HasHost(first.Uri))))
        {
            return "Malformed Contact";
        }

        return request.Method == SipMethod.Subscribe && !request.Has(HeaderId.Event) ? "SUBSCRIBE without Event" : null;
    }

    // A SIP URI must be well formed, which no stray @ or backslash is; of another scheme, such as tel, the rest is not ours to judge.
    private static bool HasHost(ReadOnlySpan<byte> uri) =>
        SipUri.TryParse(uri, out _) || SipUris.Scheme(uri) is { Length: > 0 } scheme && !IsSip(scheme);

    private static bool IsSip(ReadOnlySpan<byte> scheme) =>
        SipChars.EqualsIgnoreCase(scheme, "sip"u8) || SipChars.EqualsIgnoreCase(scheme, "sips"u8);
}

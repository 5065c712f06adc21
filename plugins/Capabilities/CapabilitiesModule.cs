using System.Composition;
using Sip.Messages;
using Sip.Uris;

namespace Sip.B2bua.Plugins.Capabilities;

/// <summary>Answers an OPTIONS that asks the server itself, not one of its users (RFC 3261 §11.2).</summary>
[SipModule("Capabilities", Stage.Guard, 40,
    Help = "Answers OPTIONS requests that are addressed to the server itself with 200 and what the server can do.")]
[Shared]
internal sealed class CapabilitiesModule : SipModule
{
    private readonly ILocalDomains domains;

    [ImportingConstructor]
    public CapabilitiesModule(ILocalDomains domains) => this.domains = domains;

    public override ValueTask<Verdict> OnRequestAsync(RequestContext context)
    {
        SipMessage request = context.Request;
        if (request.Method != SipMethod.Options || !SipUri.TryParse(request.RequestUri, out SipUri uri) || !uri.User.IsEmpty
            || !(domains.IsUs(uri.Host, uri.Port) || domains.IsServedDomain(uri.Host)))
        {
            return new(Verdict.Continue);
        }

        context.Trail.Add("Capabilities", "answered: OPTIONS to the server itself");
        context.Respond(200, headers: static (ref SipWriter writer, object? _) => WriteCapabilities(ref writer));
        return new(Verdict.Done);
    }

    // 11.2: Allow, Accept, Accept-Encoding, Accept-Language and Supported should be there; no encoding and any language is the default.
    private static void WriteCapabilities(ref SipWriter writer)
    {
        writer.Header(HeaderId.Allow, ServerCapabilities.Methods);
        writer.Header(HeaderId.Accept, "application/sdp"u8);
        writer.Header(HeaderId.Supported, ServerCapabilities.Options);
        writer.Header(HeaderId.AllowEvents, ServerCapabilities.EventPackages); // RFC 6665 4.4.4
    }
}

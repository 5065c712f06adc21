using System.Composition;
using Sip.Messages;

namespace Sip.B2bua.FunctionalTests;

/// <summary>Lets nobody call a user named barred, and names an announcement that says so.</summary>
[SipModule("Screening", Stage.Authorize, 50), Shared]
internal sealed class ScreeningModule : SipModule
{
    public override ValueTask<Verdict> OnRequestAsync(RequestContext context)
    {
        if (!context.Request.RequestUri.StartsWith("sip:barred@"u8))
        {
            return new(Verdict.Continue);
        }

        context.Respond(403, "Screening Failure (Originating)", static (ref SipWriter writer, object? _) =>
            writer.Header("Error-Info"u8, "<sip:screen-fail-orig-ann@example.org>"u8));
        return new(Verdict.Done);
    }
}

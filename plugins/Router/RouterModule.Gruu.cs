using System.Text;
using Sip.Messages;
using Sip.Uris;

namespace Sip.B2bua.Plugins.Router;

/// <content>Requests for one phone of a user, by its public GRUU (RFC 5627).</content>
internal sealed partial class RouterModule
{
    // A GRUU with a value names the instance; one without is a temporary GRUU, which the Registrar that made it has resolved before.
    private static bool IsGruu(in SipUri uri, out string instance)
    {
        bool has = uri.TryGetParam("gr"u8, out ReadOnlySpan<byte> value);
        instance = has ? Encoding.UTF8.GetString(value) : "";
        return has;
    }

    private async ValueTask<Verdict> FindInstanceAsync(RequestContext context, string addressOfRecord, string instance, bool secure)
    {
        TargetFinder.Search search = new(context.Targets, context.Trail, secure, IsLate: false) { IsMessage = context.Request.Method == SipMethod.Message };
        TargetFinder.Found found = instance.Length > 0
            ? await finder.AddInstanceAsync(search, addressOfRecord, instance)
            : TargetFinder.Found.Nothing;
        if (context.IsOver)
        {
            return Verdict.Done;
        }

        if (found == TargetFinder.Found.Targets)
        {
            context.Trail.Add("Router", "the phone of {0} that the GRUU names", addressOfRecord);
            return Verdict.Continue;
        }

        if (found == TargetFinder.Found.OnlyInsecure)
        {
            context.Respond(480, null, WriteSipsNotAllowed, context);
            return Verdict.Done;
        }

        return Refuse(context, 404, "Unknown GRUU", "refused: no phone of {0} has this GRUU", addressOfRecord);
    }
}

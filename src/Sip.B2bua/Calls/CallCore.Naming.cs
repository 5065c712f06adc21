using System.Text;
using Sip.Dialogs;
using Sip.Headers;
using Sip.Messages;
using Sip.Uris;

namespace Sip.B2bua.Calls;

/// <content>Requests outside any dialog that name one of ours: they are about its call.</content>
internal sealed partial class CallCore
{
    // RFC 3911 4: nobody mixes voices here, so nobody joins a call. True: always, a call of its own is not what was asked for.
    private bool RefuseJoin(PendingRequest pending)
    {
        SipMessage request = pending.Request;
        HeaderValues values = request.Values(HeaderId.Join);
        bool isOne = values.MoveNext() && !values.MoveNext();
        if (request.Method != SipMethod.Invite || !isOne || request.Has(HeaderId.Replaces) || !Replaces.TryParse(request.First(HeaderId.Join), out Replaces join))
        {
            pending.Respond(400, "Join is out of place or cannot be read");
        }
        else if (!Loop.Dialogs.TryFind(join.CallId, join.ToTag, join.FromTag, out Dialog? dialog) || dialog.User is not Leg leg)
        {
            pending.Respond(481, "There is no call to be joined");
        }
        else if (leg.IsEnding)
        {
            pending.Respond(603, "The call has just ended");
        }
        else
        {
            pending.Respond(488, "Calls cannot be joined here: there is no mixer");
        }

        return true;
    }

    // RFC 3891 3: whom an INVITE replaces. False: it was refused. What is no dialog of ours is left to its target.
    private bool TryFindReplaced(PendingRequest pending)
    {
        SipMessage request = pending.Request;
        if (request.Method != SipMethod.Invite || !Replaces.TryParse(request.First(HeaderId.Replaces), out Replaces replaces))
        {
            pending.Respond(400, "Replaces is out of place or cannot be read");
            return false;
        }

        if (Loop.Dialogs.TryFind(replaces.CallId, replaces.ToTag, replaces.FromTag, out Dialog? dialog) && dialog.User is Leg leg)
        {
            pending.Replaced = leg;
            pending.ReplacesEarlyOnly = replaces.EarlyOnly;
            pending.Targets.Add(new Target(leg.Called)); // so that no module looks for another
        }
        else if (replaces.ToTag.Length == LoopIds.TagLength && LoopIds.TryGetLoop(replaces.ToTag, out int loop) && loop < All.Length)
        {
            pending.Respond(481, "There is no call to be replaced");
            return false;
        }

        return true;
    }

    // RFC 4538 4: whoever knows the ids of a dialog is, or is trusted by, one of its parties. What matches none is ignored.
    private void FindTargetDialog(PendingRequest pending)
    {
        SipMessage request = pending.Request;
        if (request.Method != SipMethod.Refer)
        {
            return;
        }

        if (TargetDialog.TryParse(request.First(HeaderId.TargetDialog), out TargetDialog named)
            && Loop.Dialogs.TryFind(named.CallId, named.LocalTag, named.RemoteTag, out Dialog? dialog)
            && dialog.User is Leg leg && leg.TransferRule != TransferRule.Pass)
        {
            pending.Referrer = leg;
            pending.Targets.Add(new Target(leg.Called) { Identity = IdentityOf(leg) }); // so that no module looks for another
        }
        else if (Options.Transfer != TransferRule.Pass && SipUri.TryParse(request.RequestUri, out SipUri uri) && LocalDomains.IsUs(uri.Host, uri.Port))
        {
            pending.Targets.Add(new Target(Encoding.UTF8.GetString(request.RequestUri))); // it is for us, and a module would call that a loop
        }
    }

    private static void TakeRefer(Leg referrer, PendingRequest pending)
    {
        if (referrer.IsEnding)
        {
            pending.Respond(481, "The call has just ended");
        }
        else if (!IsKnownAs(referrer, pending))
        {
            pending.Respond(403, "Target-Dialog names the call of somebody else");
        }
        else
        {
            referrer.OnOutsideRefer(pending.Keep());
        }
    }

    // Of whom it is known who it is, nobody else transfers the call: a trunk that was called is known by what its own calls are known by. Of
    // others, who knows the ids is believed.
    private static bool IsKnownAs(Leg leg, PendingRequest pending) =>
        IdentityOf(leg) is { } identity ? identity == pending.Identity : !leg.Call.Known(leg).IsTrusted || pending.IsTrusted;

    private static string? IdentityOf(Leg leg) => leg.Call.Known(leg).Identity ?? leg.Target?.Identity;
}

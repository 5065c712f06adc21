using Sip.B2bua.Subscriptions;
using Sip.Dialogs;
using Sip.Messages;
using Sip.Transactions;
using Sip.Transports;

namespace Sip.B2bua.Calls;

/// <content>What a transfer needs of a leg.</content>
internal sealed partial class Leg
{
    private byte[] heard = [];
    private int heardHash;
    private byte[] heardBefore = [];
    private int hashBefore; // of an offer, and until it is answered; 0: none
    private bool continues;
    private ReferSubscription? referral;
    private bool wasReferred;

    /// <summary>A leg that goes on with a dialog which another call has given away.</summary>
    public Leg(Call call, int number, GivenLeg given)
    {
        Call = call;
        Number = number;
        target = given.Target;
        Party = given.Party;
        Proven = given.Proven;
        Called = given.Party;
        userAgent = given.UserAgent;
        heard = given.Heard;
        heardHash = heard.Length > 0 ? SessionOrigin.HashOthers(heard) : 0;
        SessionId = given.SessionId;
        profile = given.Profile;
        session = new SessionRefresh(this, call.Options, profile);
        session.Resume(given.Sent, given.SentLast, given.TakesUpdate);
        writer = new LegWriter(call.Core, this, session.Timer, profile, profile.Headers ?? (target is null ? call.Core.HeadersToCaller : call.Core.HeadersToCallee));
        dialog = new LegDialog(this, call.Core, given.IsSips);
        dialog.Take(given);
        state = LegState.Confirmed;
    }

    /// <summary>What was proven of a party that has neither begun the call nor was called by it.</summary>
    public ProvenSender Proven { get; init; }

    /// <summary>The last REFER of the other party that went on to this one.</summary>
    public PassedReferral PassedReferral { get; private set; }

    /// <summary>True once the leg has no part in its call any more: its party has been transferred away.</summary>
    public bool HasLeft { get; set; }

    /// <summary>True when nothing more is said or heard.</summary>
    public bool IsOver => state == LegState.Over;

    /// <summary>True when the leg is ending or over.</summary>
    public bool IsEnding => state >= LegState.Ending;

    /// <summary>The session description that came from the party last, but for offers that were refused.</summary>
    public ReadOnlySpan<byte> Heard => heard;

    /// <summary>What is kept of what came from the party or was sent to it, if it is just these octets; else null.</summary>
    public byte[]? Find(ReadOnlySpan<byte> sdp) => sdp.SequenceEqual(heard) ? heard : sdp.SequenceEqual(offer) ? offer : session.Find(sdp);

    /// <summary>A session description to be kept. What crosses unchanged is kept once for both legs: nobody changes these octets.</summary>
    public byte[] Keep(ReadOnlySpan<byte> sdp) => Find(sdp) ?? Call.A.Find(sdp) ?? Call.B?.Find(sdp) ?? sdp.ToArray();

    /// <summary>The session description that the party was sent last.</summary>
    public ReadOnlySpan<byte> Sent => session.Sent;

    /// <summary>Whether nothing is just being changed, so that the dialog may change hands.</summary>
    public bool IsIdle => state == LegState.Confirmed && outgoing is null && incoming is null or { IsOver: true } && postponed is null;

    /// <summary>The party has sent a session description.</summary>
    /// <param name="sdp">The description; empty: it has sent none.</param>
    /// <param name="offers">Whether it is an offer that may be refused.</param>
    public void KeepHeard(ReadOnlySpan<byte> sdp, bool offers = false)
    {
        int hash = sdp.Length > 0 ? SessionOrigin.HashOthers(sdp) : heardHash;
        if (hash != heardHash)
        {
            (hashBefore, heardBefore) = offers ? (heardHash, heard) : (0, []); // the same offer once more takes nothing back
            heardHash = hash;
        }

        if (Call.Core.MakesTransfers && sdp.Length > 0 && !sdp.SequenceEqual(heard))
        {
            heard = Keep(sdp);
        }
    }

    // RFC 3264 8, RFC 3261 14.2: an offer of the party is refused, what it has said before holds.
    private void ForgetRefused(bool byUs)
    {
        if (hashBefore != 0)
        {
            (heardHash, heard) = (hashBefore, heardBefore);
            Call.OnRefused(this); // it may go back to what held, and count on
            if (byUs)
            {
                Call.TellRefused(this);
            }
        }

        (hashBefore, heardBefore) = (0, []);
    }

    /// <summary>Whether this is what the party has said last, but for the number that it has given it.</summary>
    public bool HasSaid(ReadOnlySpan<byte> sdp) => SessionOrigin.HashOthers(sdp) == heardHash;

    /// <summary>From now on the party may hear of sessions of somebody else, or not all that is said; to it they are the same one.</summary>
    public void ContinueSession() => continues = true;

    /// <summary>
    /// A session description as the party is to see it: with no line less than it knows of (RFC 3264 8), and in an answer none more than
    /// it has offered (RFC 3264 6). Who has taken somebody's place may have offered fewer.
    /// </summary>
    public ReadOnlySpan<byte> Continue(ReadOnlySpan<byte> sdp, bool offers) => !continues ? sdp
        : SessionOrigin.Continue(session.SentLast, offers ? TransferredSession.Lengthen(sdp, session.SentLast) : TransferredSession.Cut(sdp, Asked));

    // What an answer that goes to the party is the answer to.
    private ReadOnlySpan<byte> Asked => incoming is { IsAnswered: false, HasOffer: true } ? SessionBody.Find(incoming.Request) : heard;

    /// <summary>The subscription that a REFER of the party makes.</summary>
    /// <param name="refer">The REFER.</param>
    /// <param name="seconds">How long it lasts at most.</param>
    public ReferSubscription Subscribe(IncomingRequest refer, int seconds)
    {
        if (refer is OutsideRefer outside)
        {
            return new ReferDialog(outside, seconds).Subscription;
        }

        uint cseq = refer.Request.CSeqNumber;
        // RFC 3515 2.4.6: from the second REFER in a dialog on, the number tells them apart.
        referral = new ReferSubscription(this, cseq, isFirst: !wasReferred, seconds);
        wasReferred = true;
        return referral;
    }

    // RFC 3515 2.4.4: a SUBSCRIBE prolongs or ends what a REFER has begun, and can begin nothing. False: it is none of ours.
    private bool TryRenewReferral(ServerTransaction transaction)
    {
        if (TransferRule == TransferRule.Pass || !IsAboutReferral(transaction.Request, out ReadOnlySpan<byte> id))
        {
            return false;
        }

        Renew(referral, id, Dialog!, transaction);
        return true;
    }

    private static bool IsAboutReferral(SipMessage subscribe, out ReadOnlySpan<byte> id) =>
        EventPackage.TryRead(subscribe.First(HeaderId.Event), out ReadOnlySpan<byte> package, out id) && package.SequenceEqual("refer"u8);

    private void Renew(ReferSubscription? renewed, ReadOnlySpan<byte> id, Dialog within, ServerTransaction transaction)
    {
        uint number = 0;
        if ((id.Length > 0 && !SipChars.TryParseUInt(id, out number)) || renewed?.Is(number) != true)
        {
            IncomingRequest asker = new(this, transaction);
            transaction.User = asker;
            asker.Refuse(403, "No transfer is under way"u8);
            return;
        }

        SipMessage subscribe = transaction.Request;
        within.UpdateTarget(subscribe);
        int seconds = renewed.Renew(SubscriptionState.ReadSeconds(subscribe.First(HeaderId.Expires)));
        transaction.Respond(writer.Renewed(transaction, within.LocalContact, seconds), 200);
        renewed.TellAgain();
    }

    /// <summary>The party has sent a REFER outside the dialog (RFC 4538).</summary>
    public void OnOutsideRefer(ServerTransaction transaction)
    {
        OutsideRefer refer = new(this, transaction);
        transaction.User = refer;
        if (!Call.TryTransfer(refer))
        {
            refer.Refuse(403); // the rule has changed meanwhile
        }
    }

    /// <summary>The party asks in the dialog that its REFER has made.</summary>
    public void OnReferDialogRequest(ReferSubscription subscription, Dialog within, ServerTransaction transaction)
    {
        if (transaction.Request.Method != SipMethod.Subscribe)
        {
            Call.Core.Refuse(transaction, 405, HeaderId.Allow, ServerCapabilities.SubscriptionMethods); // 8.2.1
        }
        else if (IsAboutReferral(transaction.Request, out ReadOnlySpan<byte> id))
        {
            Renew(subscription, id, within, transaction);
        }
        else
        {
            Call.Core.Refuse(transaction, 489, HeaderId.AllowEvents, "refer"u8); // RFC 6665 8.3.2
        }
    }

    /// <summary>Answers a REFER of the party outside the dialog: what it says is of a dialog of its own, and nothing of the call's.</summary>
    public SipBuffer WriteOutsideResponse(OutsideRefer refer, in CallEvent answer) =>
        writer.Response(refer.Transaction, refer.Contact, answer, null, Call.OwnRealm);

    /// <summary>Tells the party how its transfer fares; false when there is no dialog to do so.</summary>
    public bool TryNotify(ReferSubscription subscription, int code)
    {
        if (state != LegState.Confirmed || Dialog is null)
        {
            return false;
        }

        Notify(Dialog, dialog.Way, subscription, code);
        return true;
    }

    /// <summary>Tells the party how its transfer fares.</summary>
    public void Notify(Dialog within, in Flow way, ReferSubscription subscription, int code)
    {
        ClientTransaction transaction = Transactions.CreateClient(SipMethod.Notify, way, subscription);
        transaction.Send(writer.Notify(within, transaction, subscription, code));
    }

    /// <summary>A REFER of the party goes on to the other phone.</summary>
    /// <param name="refer">The REFER.</param>
    /// <param name="referTo">Its Refer-To, if not as it came.</param>
    public void PassOn(IncomingRequest refer, ReadOnlySpan<byte> referTo)
    {
        if (state >= LegState.Ending)
        {
            refer.Refuse(481);
            return;
        }

        SipMessage request = refer.Request;
        Call.Deliver(this, new CallEvent
        {
            Kind = CallEventKind.Transfer,
            Method = SipMethod.Refer,
            Message = request,
            ContentType = request.ContentType,
            Body = request.Body,
            Asker = refer,
            ReferTo = referTo,
        });
    }

    /// <summary>Gives the dialog away; to this call the party is gone.</summary>
    /// <param name="loop">The number of the taker's loop.</param>
    public GivenLeg GiveAway(int loop)
    {
        (Dialog given, DialogSignpost? signpost) = dialog.Give(loop);
        GivenLeg leg = new()
        {
            Dialog = given,
            Signpost = signpost,
            Way = dialog.Way,
            IsSips = dialog.IsSips,
            Party = Party,
            Proven = Call.Known(this),
            UserAgent = userAgent,
            SessionId = SessionId,
            Target = target,
            Profile = profile,
            TakesUpdate = session.PartyTakesUpdate,
            Sent = session.Sent,
            SentLast = session.SentLast,
            Heard = heard,
        };
        state = LegState.Over;
        session.Stop();
        settling?.Stop();
        LeaveInvite();
        referral?.Stop();
        Call.OnLegOver(this);
        return leg;
    }
}

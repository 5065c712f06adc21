using Sip.Messages;
using Sip.Sdp;

namespace Sip.B2bua.Calls;

/// <content>
/// An INVITE with Replaces picks up a call that rings elsewhere (RFC 3891 3, 7.1): whoever sent it is the target that answers, the others
/// get CANCEL.
/// <code>
///   caller --INVITE-->  us --INVITE-->  a phone that rings
///                       us &lt;--INVITE, Replaces: the dialog of that phone--  another phone
///   caller &lt;--200-----  us --200----->  the other phone
///                       us --CANCEL-->  the phone that rang
/// </code>
/// Where both have made an offer, that of each, cut down to what the other can do, is the other's answer. Where one has not, it is made
/// the other's, and the ACK brings the answer.
/// </content>
internal sealed partial class Call
{
    private ReplacedLeg? taken;

    // RFC 3891 3: an early dialog can be replaced where we have begun it.
    private Fork? RingingFork(Leg replaced) =>
        b is null && fork is not null && fork.Ringing.Contains(replaced) ? fork
        : transfer?.Fork is { } other && other.Ringing.Contains(replaced) ? other
        : null;

    // RFC 3891 3: who transfers somebody to the caller of a call that rings at itself has that call answered. Nothing is heard in it until
    // the two are joined: for that the caller must have acknowledged, or its dialog cannot change hands.
    private bool AnswerForAnother(Leg replaced, ReplacedLeg wanted)
    {
        ReadOnlySpan<byte> offer = SessionBody.Find(A.Invite!.Request);
        byte[] silent = TransferredSession.With(wanted.TakersSession, SdpDirection.Inactive);
        byte[] answer = offer.IsEmpty ? silent : MatchedSession.AsAnswer(silent, offer, leads: true);
        if (fork!.Taker is not null || answer.Length == 0)
        {
            wanted.Outcome = answer.Length == 0 ? ReplacedOutcome.Unfit : ReplacedOutcome.Busy;
            return true;
        }

        Trail.Add("Pickup", "{0} sends {1} to the call that rings there", replaced.Party, wanted.Taker);
        Fork ringing = fork;
        fork = null;
        b = replaced;
        taken = wanted;
        Course.Answer(wanted.Taker);
        bool good = Cross(A, AnswerTo(A.Invite!, answer, replaced), isEarly: false, replaced);
        ringing.Abandon("SIP;cause=200;text=\"Call completed elsewhere\""u8);
        if (!good)
        {
            End(488, "the answer was refused by a module");
        }

        return false;
    }

    /// <summary>A party has acknowledged our answer.</summary>
    public void OnAcknowledged(Leg leg)
    {
        if (taken is { } wanted && ReferenceEquals(leg, A) && !ending)
        {
            taken = null;
            HandOver(leg, wanted);
            wanted.Answer();
        }
    }

    // It was taken for somebody and is over before it could be handed over.
    private void LoseTaken(Leg leg)
    {
        if (taken is { } wanted && ReferenceEquals(leg, A))
        {
            taken = null;
            wanted.Outcome = ReplacedOutcome.Ended;
            wanted.Answer();
        }
    }

    private Leg Admit(PendingRequest request)
    {
        openLegs++;
        return new Leg(this, legs++, request.Request, request.Flow, request.Peer) { Proven = ProvenSender.Of(request) };
    }

    private void PickUp(Leg replaced, Fork ringing, PendingRequest request)
    {
        Leg taker = Admit(request);
        Trail.Add("Pickup", "{0} takes the call that rings at {1}", taker.Party, replaced.Party);
        if (!taker.TryAccept(request.Keep()))
        {
            return;
        }

        if (!ringing.TryTakePlace(taker))
        {
            taker.Reject(491, "Somebody else is taking the call"u8, null);
            return;
        }

        ReadOnlySpan<byte> offer = SessionBody.Find(ringing.Asker.Request);
        ReadOnlySpan<byte> own = SessionBody.Find(request.Request);
        if (offer.IsEmpty && own.IsEmpty && ringing.Asker.Leg.HasSession)
        {
            offer = ringing.Asker.Leg.Heard; // what it has answered to the target that rings (RFC 3262 5)
        }

        if (offer.IsEmpty && own.IsEmpty)
        {
            RefusePickup(ringing, taker, "Nobody makes an offer");
        }
        else if (own.IsEmpty)
        {
            OfferToTaker(ringing, taker, offer);
        }
        else if (offer.IsEmpty)
        {
            Deliver(taker, AnswerTo(ringing.Asker, own, taker));
        }
        else
        {
            ConnectTaker(ringing, taker, offer, own);
        }
    }

    // Both have made an offer: the modules see one, the caller's, and one answer to it.
    private void ConnectTaker(Fork ringing, Leg taker, ReadOnlySpan<byte> offer, ReadOnlySpan<byte> own)
    {
        CallEvent call = new() { Kind = CallEventKind.Try, Method = SipMethod.Invite, Message = ringing.Asker.Request, Asker = ringing.Asker };
        byte[] shown = [];
        byte[] answer = MatchedSession.AsAnswer(own, offer, leads: true);
        if (answer.Length == 0 || !Show(ringing.Asker.Leg, taker, call.WithSession(offer), out shown))
        {
            RefusePickup(ringing, taker, "Nothing in common with the caller");
            return;
        }

        byte[] answerToTaker = MatchedSession.AsAnswer(shown, own, leads: false);
        Deliver(taker, AnswerTo(ringing.Asker, answer, taker));
        taker.KeepHeard(own);
        taker.Receive(AnswerTo(taker.Invite!, answerToTaker, ringing.Asker.Leg)); // to nobody, if the caller's answer was refused and the call has ended
        ringing.Asker.Leg.ContinueSession(); // RFC 3264 8: what each was told is not all that the other has said under that number
        taker.ContinueSession();
    }

    private void OfferToTaker(Fork ringing, Leg taker, ReadOnlySpan<byte> offer)
    {
        if (!Cross(taker, AnswerTo(taker.Invite!, offer, ringing.Asker.Leg), isEarly: false, ringing.Asker.Leg))
        {
            RefusePickup(ringing, taker, "The caller's session was refused");
        }
    }

    private void RefusePickup(Fork ringing, Leg taker, string why)
    {
        Trail.Add("Pickup", "refused: {0}", why);
        taker.Reject(488, System.Text.Encoding.UTF8.GetBytes(why), null);
        ringing.TryRelease(taker);
    }

    // The ACK of whoever takes a call without having made an offer brings the answer to the caller's.
    private bool TryTakeAnswer(Leg from, in CallEvent e)
    {
        if (e.Kind != CallEventKind.Acknowledge || TakenFork(from) is not { } ringing)
        {
            return false;
        }

        if (e.HasSession)
        {
            Deliver(from, AnswerTo(ringing.Asker, e.Session, from));
        }
        else
        {
            from.End(new CallEvent { Kind = CallEventKind.End });
            ringing.TryRelease(from);
        }

        return true;
    }

    private Fork? TakenFork(Leg leg) =>
        fork?.Taker == leg ? fork : transfer?.Fork is { } other && other.Taker == leg ? other : null;

    private static CallEvent AnswerTo(Asker asker, ReadOnlySpan<byte> session, Leg from)
    {
        CallEvent answer = new() { Kind = CallEventKind.Answer, Method = SipMethod.Invite, Code = 200, Asker = asker, From = from };
        return answer.WithSession(session);
    }
}

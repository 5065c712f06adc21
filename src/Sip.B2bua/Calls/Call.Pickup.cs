using Sip.Messages;

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
    // RFC 3891 3: an early dialog can be replaced where we have begun it.
    private Fork? RingingFork(Leg replaced) =>
        b is null && fork is not null && fork.Ringing.Contains(replaced) ? fork
        : transfer?.Fork is { } other && other.Ringing.Contains(replaced) ? other
        : null;

    private Leg Admit(PendingRequest request)
    {
        openLegs++;
        return new Leg(this, legs++, request.Request, request.Flow, request.Peer);
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
        if (offer.IsEmpty && (own.IsEmpty || ringing.Asker.Leg.HasSession))
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

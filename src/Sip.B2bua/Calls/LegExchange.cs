using Sip.Sdp;

namespace Sip.B2bua.Calls;

/// <summary>
/// Whose turn it is between offer and answer in a leg's dialog (RFC 3264 4), whichever requests and responses bring them. It knows no
/// dialog and sends nothing: the leg asks it before it sends or believes a session.
/// </summary>
internal sealed class LegExchange
{
    private OfferAnswer turn = new();

    /// <summary>True once an offer was made and answered.</summary>
    public bool HasSession => turn.IsEstablished;

    /// <summary>True once an offer was made, by either side.</summary>
    public bool HasOffer => turn.State != OfferAnswerState.None;

    /// <summary>Whether an offer of ours may go out now.</summary>
    public bool CanOffer => turn.CanOffer;

    /// <summary>Whether the last offer is answered.</summary>
    public bool IsSettled => turn.State == OfferAnswerState.Stable;

    /// <summary>Whether an offer of the party waits for its answer.</summary>
    public bool IsOffered => turn.State == OfferAnswerState.RemoteOffer;

    /// <summary>The party's INVITE or re-INVITE is taken: it offers, or asks for an offer.</summary>
    public OfferVerdict Receive(IncomingInvite invite)
    {
        OfferVerdict verdict = invite.HasOffer ? turn.ReceiveOffer()
            : turn.CanOffer ? OfferVerdict.Accepted
            : turn.State == OfferAnswerState.LocalOffer ? OfferVerdict.Glare : OfferVerdict.AnswerPending;
        invite.IsExchanging = verdict == OfferVerdict.Accepted;
        return verdict;
    }

    /// <summary>A response to a request of the party is about to be sent: a session in it answers the request's offer, or is the offer that was asked for.</summary>
    /// <param name="request">The request.</param>
    /// <param name="answer">What the response says.</param>
    /// <param name="isReliable">Whether it arrives for certain. What does not is a preview: it neither offers nor answers (RFC 6337 3.1.1).</param>
    /// <returns>False: it refuses what the request has offered.</returns>
    public bool Reply(IncomingRequest request, in CallEvent answer, bool isReliable)
    {
        if (!request.IsExchanging || !isReliable)
        {
            return true;
        }

        if (answer.Code >= 300)
        {
            turn.Reject();
            return false;
        }

        if (answer.HasSession)
        {
            _ = request is IncomingInvite { HasOffer: false } ? turn.SendOffer() : turn.SendAnswer();
        }
        else if (request is not IncomingInvite)
        {
            turn.Reject(); // it did not answer: nothing is changed
            return false;
        }

        return true;
    }

    /// <summary>Our INVITE goes to the party, or goes once more.</summary>
    public void Begin(OutgoingInvite invite)
    {
        if (invite.HasOffer)
        {
            turn.SendOffer();
        }
    }

    /// <summary>12.1.2, RFC 3264 4: each early dialog has an exchange of its own, which begins with the offer in the INVITE.</summary>
    public void BeginAnew(OutgoingInvite invite)
    {
        turn = new OfferAnswer();
        invite.EarlyAnswer = [];
        invite.HasEarlySession = false;
        Begin(invite);
    }

    /// <summary>13.2.1: the party's offer is answered in another dialog.</summary>
    public void Renew()
    {
        turn = new OfferAnswer();
        turn.ReceiveOffer();
    }

    /// <summary>13.2.1: the party is made an offer in another dialog.</summary>
    public void Forget() => turn = new OfferAnswer();

    /// <summary>The party's reliable provisional response or 2xx has a session.</summary>
    public void ReceiveReply(OutgoingInvite invite, bool isEarly)
    {
        if (invite.HasOffer)
        {
            turn.ReceiveAnswer();
        }
        else if (!invite.HasEarlySession)
        {
            turn.ReceiveOffer(); // later ones repeat it (RFC 3261 13.2.1)
        }

        invite.HasEarlySession |= isEarly;
    }

    /// <summary>An INVITE of either side is done: whatever was not answered by now never will be.</summary>
    public void End()
    {
        if (!turn.CanOffer)
        {
            turn.Reject();
        }
    }

    /// <summary>The party offers; false: it is not its turn.</summary>
    public bool TryReceiveOffer() => turn.ReceiveOffer() == OfferVerdict.Accepted;

    /// <summary>The party answers our offer; false: none waits for an answer.</summary>
    public bool TryReceiveAnswer() => turn.ReceiveAnswer();

    /// <summary>We offer.</summary>
    public void SendOffer() => turn.SendOffer();

    /// <summary>We answer the party's offer.</summary>
    public void SendAnswer() => turn.SendAnswer();

    /// <summary>The offer that waits, of whichever side, is refused.</summary>
    public void Reject() => turn.Reject();
}

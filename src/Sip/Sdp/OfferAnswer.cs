namespace Sip.Sdp;

/// <summary>
/// Whose turn it is in one dialog (RFC 3264 section 4): at any time one offer, of one side, may wait for its answer. It knows
/// nothing of bodies; a leg asks it before it sends or believes one. Each early dialog of a fork has its own.
/// </summary>
public sealed class OfferAnswer
{
    /// <summary>Whose turn it is.</summary>
    public OfferAnswerState State { get; private set; }

    /// <summary>Whether an offer was ever answered: what a refused offer falls back to (RFC 3264 section 8).</summary>
    public bool IsEstablished { get; private set; }

    /// <summary>Whether an offer of ours may go out now.</summary>
    public bool CanOffer => State is OfferAnswerState.None or OfferAnswerState.Stable;

    /// <summary>We send an offer; false, and nothing changed, when one of either side is already waiting.</summary>
    public bool SendOffer()
    {
        // 4: no second offer before the first is answered or refused.
        if (!CanOffer)
        {
            return false;
        }

        State = OfferAnswerState.LocalOffer;
        return true;
    }

    /// <summary>We send an answer; false, and nothing changed, when no offer of theirs is waiting.</summary>
    public bool SendAnswer() => Settle(OfferAnswerState.RemoteOffer);

    /// <summary>
    /// Their answer arrived; false, and nothing changed, when we wait for none: what came is a copy of one already taken, to
    /// be ignored (RFC 3261 section 13.2.1).
    /// </summary>
    public bool ReceiveAnswer() => Settle(OfferAnswerState.LocalOffer);

    /// <summary>Their offer arrived; it counts only when it is <see cref="OfferVerdict.Accepted"/>.</summary>
    public OfferVerdict ReceiveOffer()
    {
        switch (State)
        {
            case OfferAnswerState.LocalOffer:
                return OfferVerdict.Glare;
            case OfferAnswerState.RemoteOffer:
                return OfferVerdict.AnswerPending;
            case OfferAnswerState.None:
            case OfferAnswerState.Stable:
            default:
                State = OfferAnswerState.RemoteOffer;
                return OfferVerdict.Accepted;
        }
    }

    /// <summary>The waiting offer, of whichever side, was refused or its transaction failed: what held before holds again.</summary>
    public void Reject() => State = IsEstablished ? OfferAnswerState.Stable : OfferAnswerState.None;

    private bool Settle(OfferAnswerState waiting)
    {
        if (State != waiting)
        {
            return false;
        }

        State = OfferAnswerState.Stable;
        IsEstablished = true;
        return true;
    }
}

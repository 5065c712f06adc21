using Sip.Messages;

namespace Sip.B2bua.Calls;

/// <summary>
/// An offer that the server makes to a party that takes no INVITE without one, in the name of the other party, which has made none.
/// <code>
///   caller --INVITE-->           us --INVITE, our offer-->       target
///   caller &lt;--200, its offer--   us &lt;--200, its answer--------   target
///   caller --ACK, its answer-->  us --INVITE, the same as offer--> target    where that changes anything
/// </code>
/// Where media is relayed the offer leads to the relay, and seldom anything changes. Where it is not, the stream is inactive until the
/// caller has said where it is. To the modules these are two offers of the caller, each with its answer;
/// one that is only repeated in a re-INVITE they have seen before.
/// </summary>
/// <param name="asked">Who asks for an offer: an INVITE that has none, or the transfer that one of a new party has begun.</param>
/// <param name="to">The leg of the party that gets ours.</param>
internal sealed class OwnOffer(Asker asked, Leg to) : Asker(asked.Leg)
{
    private readonly IncomingInvite invite = asked.Invite!;
    private byte[] said = [];
    private byte[] answer = [];
    private bool isInactive;

    private bool IsTransfer => asked is TransferStep;

    /// <summary>Whether it was made to this leg.</summary>
    public bool WentTo(Leg leg) => ReferenceEquals(leg, to);

    /// <inheritdoc/>
    public override SipMessage Request => invite.Request;

    /// <inheritdoc/>
    public override ReadOnlySpan<byte> ContentType => "application/sdp"u8;

    /// <inheritdoc/>
    public override IncomingInvite Invite => invite;

    /// <inheritdoc/>
    public override bool CanBeReliable => invite.CanBeReliable && Leg.Call.HasOneTarget;

    /// <summary>Whether a leg must have an offer where none is.</summary>
    public static bool IsNeeded(Leg to, in CallEvent e) => !to.Profile.TakesLateOffer && e.Asker is IncomingInvite && !e.HasSession;

    /// <summary>The INVITE that calls a target, with an offer of ours.</summary>
    /// <param name="to">The target's leg.</param>
    /// <param name="e">The INVITE without one.</param>
    public static CallEvent Begin(Leg to, in CallEvent e)
    {
        IncomingInvite asked = e.Asker!.Invite!;
        asked.Leg.ContinueSession();
        to.ContinueSession();
        to.Call.Trail.Add("Session", "the offer to {0} is ours: it takes no INVITE without one", to.Party);
        CallCore core = to.Call.Core;
        return e.WithAsker(new OwnOffer(asked, to)).WithSession(core.OfferedCodecs.Offer(core.LocalAddressFor(to.Flow.IsNone ? asked.Leg.Flow : to.Flow)));
    }

    /// <summary>The event as it is sent, once the modules have seen it.</summary>
    public CallEvent Complete(in CallEvent e)
    {
        isInactive = OfferedCodecs.LeadsNowhere(e.Session);
        return isInactive ? e.WithBody((byte[])[.. e.Body, .. "a=inactive\r\n"u8]) : e;
    }

    /// <summary>An INVITE within the call, with the session that its party has.</summary>
    public CallEvent Repeat(in CallEvent e)
    {
        Leg.ContinueSession();
        to.ContinueSession();
        return e.WithAsker(this).WithSession(to.Continue(TransferredSession.ToOffer(to.Sent), offers: true).ToArray());
    }

    /// <summary>The party has said something to the offer: its answer is the offer that was asked for.</summary>
    public void Tell(Leg from, in CallEvent e)
    {
        if (e.Kind == CallEventKind.Fail || !e.HasSession)
        {
            Leg.Call.Deliver(from, e.WithAsker(asked));
            return;
        }

        said = e.Session.ToArray();
        if (IsTransfer)
        {
            // To the modules it is an offer to the new party, which has seen none; and its ACK brings the answer.
            Leg.Call.Deliver(from, e.WithAsker(asked));
            invite.Made = this;
            return;
        }

        invite.Made = this;
        Leg.Call.Deliver(from, e.WithAsker(invite).WithSession(isInactive ? TransferredSession.ToOffer(said) : said));
        if (e.Code < 200 && e.News is not { IsTaken: true })
        {
            invite.Made = null; // until it answers, another target may do so
        }
    }

    /// <summary>The party that has asked for an offer answers it, in the PRACK of news or in its ACK.</summary>
    /// <returns>True: it is dealt with.</returns>
    public bool TryTakeAnswer(Leg from, in CallEvent e)
    {
        if (e.HasSession)
        {
            answer = e.Session.ToArray();
        }

        if (e.News is { } news)
        {
            SessionSettling.Preview(from, to, answer, said); // the target is told when it has answered, if it must be told at all
            news.Leg.AcknowledgeNews(news, default);
            return true;
        }

        bool isRefused = IsTransfer && e.HasSession && !from.Call.Show(from, to, e, out _); // to the modules it is the answer to what the phone has said
        if (isRefused)
        {
            from.Call.End(488, "the answer was refused by a module");
        }
        else if (answer.Length > 0 && (e.HasSession || from.HasSaid(answer)))
        {
            SessionSettling.Begin(from, to, answer, said);
        }
        else if (answer.Length > 0)
        {
            return true; // it has changed its session since, and the target knows
        }
        else if (invite.IsInitial)
        {
            from.Call.End(488, "the offer was not answered");
        }

        return true;
    }

    /// <inheritdoc/>
    public override void Reply(in CallEvent answer) => asked.Reply(answer);
}

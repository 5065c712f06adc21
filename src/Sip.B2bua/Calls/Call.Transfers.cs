using Sip.Messages;

namespace Sip.B2bua.Calls;

/// <content>What transfers change of a call.</content>
internal sealed partial class Call
{
    // A phone that answers every call with a transfer must not keep one call going round for ever.
    private const int MostTransfers = 10;

    private int transfers;

    /// <summary>True once the call is being ended.</summary>
    public bool IsEnding => ending;

    /// <summary>A party wants the other one to go elsewhere.</summary>
    /// <param name="refer">Its REFER.</param>
    /// <returns>False when the other phone is to be asked at once: the rule is to pass it on.</returns>
    public bool TryTransfer(IncomingRequest refer)
    {
        Leg from = refer.Leg;
        if (from.TransferRule == TransferRule.Pass)
        {
            return PassedRefer.TryBegin(refer);
        }

        if (from.TransferRule == TransferRule.Refuse)
        {
            refer.Refuse(603);
        }
        else if (!ReferTo.TryRead(refer.Request, out ReferTo? to))
        {
            refer.Refuse(400, "Refer-To cannot be read"u8); // RFC 3515 2.4.2
        }
        else if (!to.IsInvite)
        {
            refer.Refuse(403, "Only calls are transferred"u8);
        }
        else if (!to.IsPossible)
        {
            refer.Refuse(403, "Refer-To requires an extension that is not known"u8);
        }
        else if (ending || b is null || Other(from) is not { } staying)
        {
            refer.Refuse(403, "There is nobody to transfer"u8);
        }
        else if (transfer is { IsPending: true })
        {
            refer.Refuse(491, "Another transfer is in progress"u8);
        }
        else if (staying.Dialog is null)
        {
            refer.Refuse(491, "The other party waits for its answer"u8);
        }
        else if (transfers >= MostTransfers)
        {
            Trail.Add("Transfer", "refused: the call was transferred {0} times already", MostTransfers);
            refer.Refuse(403, "Too many transfers"u8);
        }
        else
        {
            transfer = new Transfer(this, from, staying, to);
            transfer.Start(refer);
        }

        return true;
    }

    /// <summary>The leg that a leg talks to; null while there is none.</summary>
    public Leg? PartnerOf(Leg leg) => b is null ? null : Other(leg);

    /// <summary>Whether a leg is one of the two that talk to each other.</summary>
    public bool IsParty(Leg leg) => ReferenceEquals(leg, A) || ReferenceEquals(leg, b);

    /// <summary>An INVITE takes the place of a leg (RFC 3891 §3).</summary>
    /// <param name="replaced">The leg.</param>
    /// <param name="request">The INVITE.</param>
    /// <param name="earlyOnly">Whether only a ringing call is to be replaced.</param>
    public void Replace(Leg replaced, PendingRequest request, bool earlyOnly)
    {
        if (ending || replaced.IsEnding)
        {
            request.Respond(603, "The call has just ended");
        }
        else if (RingingFork(replaced) is { } ringing)
        {
            PickUp(replaced, ringing, request);
        }
        else if (b is null || Other(replaced) is not { } staying)
        {
            request.Respond(481, "There is no call to be replaced");
        }
        else if (earlyOnly)
        {
            request.Respond(486, "The call was answered already");
        }
        else if (transfer is { IsPending: true })
        {
            request.Respond(491, "Another transfer is in progress");
        }
        else
        {
            Leg joined = Admit(request);
            Trail.Add("Transfer", "{0} takes the place of {1}", joined.Party, replaced.Party);
            if (joined.TryAccept(request.Keep()))
            {
                transfer = new Transfer(this, replaced, staying);
                transfer.Replace(joined);
            }
        }
    }

    /// <summary>Answers the INVITE of a leg that has joined with what the party that stays has said; false: a module refused it.</summary>
    public bool AnswerJoined(Leg joined, Leg staying, in CallEvent answer) => Cross(joined, new CallEvent
    {
        Kind = CallEventKind.Answer,
        Method = SipMethod.Invite,
        Code = 200,
        ContentType = answer.ContentType,
        Body = answer.Body,
        Asker = joined.Invite,
        From = staying,
    }, isEarly: false, staying);

    /// <summary>Gives the other party of a leg away to another call, which replaces that leg (RFC 3891 §3); the leg itself is ended.</summary>
    /// <returns>False when that takes a moment: the answer to <paramref name="wanted"/> follows.</returns>
    public bool GiveAway(Leg replaced, ReplacedLeg wanted)
    {
        if (ReferenceEquals(this, wanted.Asker))
        {
            wanted.Outcome = ReplacedOutcome.Unknown; // nobody is replaced by the party that it talks to
        }
        else if (ending || replaced.IsEnding)
        {
            wanted.Outcome = ReplacedOutcome.Ended;
        }
        else if (b is null && ReferenceEquals(replaced, A))
        {
            wanted.Outcome = ReplacedOutcome.Ringing;
            wanted.Called = A.Invite!.Request.RequestUri.ToArray();
            End(487, "transferred while it rang");
        }
        else if (b is null && fork is not null && fork.Ringing.Contains(replaced))
        {
            return AnswerForAnother(replaced, wanted);
        }
        else if (b is null || Other(replaced) is not { } other)
        {
            wanted.Outcome = ReplacedOutcome.Unknown;
        }
        else if (wanted.EarlyOnly)
        {
            wanted.Outcome = ReplacedOutcome.Answered;
        }
        else if (transfer is { IsPending: true } || !other.IsIdle)
        {
            wanted.Outcome = ReplacedOutcome.Busy;
        }
        else
        {
            HandOver(other, wanted);
            transfer?.Abandon(default);
            replaced.End(new CallEvent { Kind = CallEventKind.End });
        }

        return true;
    }

    private void HandOver(Leg leg, ReplacedLeg wanted)
    {
        wanted.Outcome = ReplacedOutcome.Given;
        Course.End("server", "transferred");
        Trail.Add("Transfer", "{0} has left for another call", leg.Party);
        ending = true;
        wanted.Given = leg.GiveAway(wanted.AskingLoop);
    }

    /// <summary>
    /// What was proven of a party: its address, or that it is trusted. Where callers are asked who they are, whoever was called by a binding
    /// was asked when it registered; where they are not, nothing is known of who was called.
    /// </summary>
    public ProvenSender Known(Leg leg)
    {
        if (leg.Number == 0)
        {
            return new ProvenSender(Identity, IsCallerTrusted, Privacy);
        }

        if (leg.Proven.IsKnown)
        {
            return leg.Proven;
        }

        bool asksWho = Identity is not null || IsCallerTrusted;
        return new ProvenSender(asksWho && leg.Target is { Binding: not null } target ? target.AddressOfRecord : null, IsTrusted: false, Privacy);
    }

    /// <summary>Prepares calling the targets of a transfer. They are there or they are not: nobody waits for a phone to register.</summary>
    public Fork MakeFork(TransferStep step, TransferRequest request)
    {
        breadth = Breadth.Of(request.Request, request.Targets.Count);
        firstBranch = legs;
        return new Fork(this, step, request.Targets, (request.Fork ?? ForkRules.Default) with { IsLate = false });
    }

    /// <summary>Takes in a leg that another call has given away.</summary>
    public Leg Take(GivenLeg given)
    {
        openLegs++;
        return new Leg(this, legs++, given);
    }

    /// <summary>Shows an answer to the modules that goes no further than to us; false: one of them refused it.</summary>
    /// <param name="from">Who answered.</param>
    /// <param name="to">Whose offer it was.</param>
    /// <param name="answer">The answer.</param>
    /// <param name="sdp">What <paramref name="to"/> would be sent.</param>
    public bool Show(Leg from, Leg to, in CallEvent answer, out byte[] sdp)
    {
        bool good = core.Session.Pass(this, from, to, answer, isEarly: false);
        sdp = good ? core.Session.Sdp.ToArray() : [];
        core.Session.Clear();
        from.KeepHeard(answer.Session);
        return good;
    }

    /// <summary>Answers a party whose 2xx has made an offer that nobody else answers any more.</summary>
    /// <param name="to">The party.</param>
    /// <param name="from">In whose name.</param>
    /// <param name="sdp">The answer.</param>
    public void Acknowledge(Leg to, Leg from, ReadOnlySpan<byte> sdp)
    {
        CallEvent answer = new() { Kind = CallEventKind.Acknowledge, Method = SipMethod.Ack, From = from };
        Cross(to, sdp.IsEmpty ? answer : answer.WithSession(sdp), isEarly: false, from);
    }

    /// <summary>Offers one party what another one has said; nothing asks it for an offer.</summary>
    /// <param name="step">Who wants to know the answer.</param>
    /// <param name="sdp">The session description as it came from the party in whose name is asked.</param>
    public void Offer(TransferStep step, ReadOnlySpan<byte> sdp) => Offer(step, step.To, sdp);

    /// <inheritdoc cref="Offer(TransferStep, ReadOnlySpan{byte})"/>
    /// <param name="asker">Who wants to know the answer.</param>
    /// <param name="to">Who is asked.</param>
    /// <param name="sdp">The session description as it came from the party in whose name is asked.</param>
    public void Offer(Asker asker, Leg to, ReadOnlySpan<byte> sdp)
    {
        CallEvent offer = new() { Kind = CallEventKind.Offer, Method = SipMethod.Invite, Asker = asker };
        Cross(to, sdp.IsEmpty ? offer : offer.WithSession(sdp), isEarly: false, asker.Leg);
    }

    /// <summary>The parties of the call are these two from now on.</summary>
    public void Join(Leg staying, Leg joined, Leg leaving)
    {
        transfers++;
        A = staying;
        b = joined;
        PartWith(leaving);
    }

    /// <summary>A leg has no part in the call any more, though it may still have a BYE to say or hear.</summary>
    public void PartWith(Leg leaving)
    {
        if (!leaving.HasLeft)
        {
            leaving.HasLeft = true;
            core.Modules.OnLegEnded(this, leaving, Skipped);
        }
    }
}

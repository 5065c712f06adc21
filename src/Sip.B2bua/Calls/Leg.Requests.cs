using Sip.Dialogs;
using Sip.Messages;
using Sip.Sdp;
using Sip.Transactions;
using Sip.Transports;

namespace Sip.B2bua.Calls;

/// <content>What the party asks.</content>
internal sealed partial class Leg
{
    private IncomingRequest? pending;

    /// <inheritdoc/>
    public void OnRequest(Dialog within, ServerTransaction transaction)
    {
        SipMessage request = transaction.Request;
        dialog.Follow(transaction.Flow);
        if (Extensions.AreMissingFor(request))
        {
            RefuseExtensions(transaction);
            return;
        }

        if (request.Method is SipMethod.Invite or SipMethod.Update or SipMethod.Prack && SessionBody.IsUnreadable(request))
        {
            RefuseBody(transaction);
            return;
        }

        IncomingRequest asker;
        switch (request.Method)
        {
            case SipMethod.Bye:
                asker = new IncomingRequest(this, transaction);
                transaction.User = asker;
                asker.Refuse(200);
                HungUp(request);
                break;
            case SipMethod.Invite:
                OnReinvite(transaction);
                break;
            case SipMethod.Prack:
                OnPrack(transaction);
                break;
            case SipMethod.Options:
                asker = new IncomingRequest(this, transaction);
                transaction.User = asker;
                asker.Refuse(200);
                break;
            case SipMethod.Update:
                OnUpdate(within, transaction);
                break;
            case SipMethod.Subscribe when TryRenewReferral(transaction):
                break;
            default:
                asker = new IncomingRequest(this, transaction);
                transaction.User = asker;
                if (request.Method != SipMethod.Refer || !Call.TryTransfer(asker))
                {
                    OnAsked(asker, within);
                }

                break;
        }
    }

    /// <inheritdoc/>
    public void OnAck(Dialog within, SipMessage ack, in Flow from)
    {
        if (incoming is not { AwaitsAck: true } invite)
        {
            return;
        }

        dialog.Follow(from);
        LegSessionId.Learn(this, ack);
        OnAcknowledged(invite, ack);
    }

    /// <summary>The party cancelled the INVITE that began the call, or a re-INVITE.</summary>
    public void OnCancelled(IncomingInvite invite, SipMessage cancel)
    {
        if (!invite.IsInitial)
        {
            Call.CancelOffer(this); // what the other party answers then is the answer to this one as well
            return;
        }

        invite.Refuse(487);
        Call.Deliver(this, new CallEvent { Kind = CallEventKind.End, Method = SipMethod.Cancel, Message = cancel, Reason = cancel.First(HeaderId.Reason), Code = 487 });
        Finish();
    }

    /// <summary>Our 2xx to an INVITE was sent.</summary>
    public void OnAccepted(IncomingInvite invite)
    {
        if (invite.IsInitial)
        {
            state = LegState.Confirmed;
            Dialog!.Confirm();
        }
    }

    /// <summary>The caller never acknowledged our news, which it required to be reliable: RFC 3262 §3.</summary>
    public void OnNewsUnacknowledged(IncomingInvite invite)
    {
        invite.Refuse(504, "No PRACK"u8);
        Call.Deliver(this, new CallEvent { Kind = CallEventKind.End, Method = SipMethod.Cancel, Code = 504 });
        Finish();
    }

    /// <summary>No ACK came for our 2xx: the call is ended (RFC 3261 §13.3.1.4).</summary>
    public void OnAckMissing()
    {
        incoming = null;
        Lost("the answer was never acknowledged");
    }

    // Nothing waits for an ACK any more. It came, or (null) something that implies it.
    private void OnAcknowledged(IncomingInvite invite, SipMessage? ack)
    {
        invite.StopRepeating();
        incoming = null;
        if (ack is not null && !SessionBody.Find(ack).IsEmpty)
        {
            exchange.TryReceiveAnswer();
        }

        exchange.End();
        if (byeDue)
        {
            SendBye(new CallEvent { Kind = CallEventKind.End });
            return;
        }

        if (!invite.HasOffer && ack is not null)
        {
            Call.Deliver(this, new CallEvent
            {
                Kind = CallEventKind.Acknowledge,
                Method = SipMethod.Ack,
                Message = ack,
                ContentType = ack.ContentType,
                Body = ack.Body,
                Asker = invite,
            });
        }

        Call.OnAcknowledged(this);
        ServePostponed();
    }

    private void OnReinvite(ServerTransaction transaction)
    {
        if (incoming is { AwaitsAck: true, HasOffer: true } lost)
        {
            // RFC 5407 §3.1: who asks for the next change has our 2xx; its ACK was lost or is late.
            OnAcknowledged(lost, null);
            if (state >= LegState.Ending || Dialog is null)
            {
                RefuseForNow(transaction, "The call has just changed hands"u8); // what waited for the ACK has given the dialog away
                return;
            }
        }

        if (incoming is { IsOver: false })
        {
            RefuseForNow(transaction, "Another INVITE is in progress"u8);
            return;
        }

        IncomingInvite invite = new(this, transaction, isInitial: false);
        transaction.User = invite;
        if (outgoing is not null)
        {
            invite.Refuse(491); // 14.2: glare
            return;
        }

        if (!session.TryAccept(transaction.Request))
        {
            invite.Refuse(422);
            return;
        }

        OfferVerdict verdict = exchange.Receive(invite);
        if (verdict == OfferVerdict.Glare)
        {
            invite.Refuse(491); // 14.2: our UPDATE is on its way
            return;
        }

        if (verdict == OfferVerdict.AnswerPending)
        {
            RefuseForNow(transaction, "Another offer waits for its answer"u8);
            return;
        }

        incoming = invite;
        Dialog!.UpdateTarget(transaction.Request);
        transaction.Respond(100);
        Call.Deliver(this, OfferEvent(invite));
    }

    // 8.2.2.3
    private void RefuseExtensions(ServerTransaction transaction)
    {
        SipWriter refusal = new(Call.Core.Buffers);
        ResponseWriter.Begin(ref refusal, transaction.Request, transaction.Flow, 420, default, transaction.LocalTag);
        Extensions.WriteUnsupported(ref refusal, transaction.Request);
        refusal.NoBody();
        transaction.Respond(refusal.Finish(), 420);
        transaction.LetGo();
        Call.OnRefused(this);
    }

    // 8.2.3
    private void RefuseBody(ServerTransaction transaction)
    {
        SipWriter refusal = new(Call.Core.Buffers);
        ResponseWriter.Begin(ref refusal, transaction.Request, transaction.Flow, 415, default, transaction.LocalTag);
        Extensions.WriteReadableBodies(ref refusal);
        refusal.NoBody();
        transaction.Respond(refusal.Finish(), 415);
        transaction.LetGo();
        Call.OnRefused(this);
    }

    // 14.2, RFC 3311 5.2: a second INVITE, UPDATE or offer before the first is done gets 500 and is to come again within 10 s.
    private void RefuseForNow(ServerTransaction transaction, ReadOnlySpan<byte> why)
    {
        SipWriter refusal = new(Call.Core.Buffers);
        ResponseWriter.Begin(ref refusal, transaction.Request, transaction.Flow, 500, why, transaction.LocalTag);
        refusal.Header(HeaderId.RetryAfter, Loop.Random.Next(0, 11));
        refusal.NoBody();
        transaction.Respond(refusal.Finish(), 500);
        transaction.LetGo();
        Call.OnRefused(this);
    }

    private void OnAsked(IncomingRequest asker, Dialog within)
    {
        SipMessage request = asker.Request;
        AwaitAnswer(asker);
        if (request.Method == SipMethod.Update)
        {
            within.UpdateTarget(request);
        }

        Call.Deliver(this, new CallEvent
        {
            Kind = request.Method switch
            {
                SipMethod.Update => CallEventKind.Offer,
                SipMethod.Refer => CallEventKind.Transfer,
                _ => CallEventKind.Message,
            },
            Method = request.Method,
            Message = request,
            ContentType = request.ContentType,
            Body = request.Body,
            Asker = asker,
        });
    }

    // The party's request is about to cross.
    private void AwaitAnswer(IncomingRequest request)
    {
        request.Next = pending;
        pending = request;
    }

    // 15.1.2: what a party has asked in a dialog that ends gets 487, whether the other one still answers or not.
    private void RefusePending()
    {
        IncomingRequest? request = pending;
        pending = null;
        for (; request is not null; request = request.Next)
        {
            request.Refuse(487);
        }
    }

    private static CallEvent OfferEvent(IncomingInvite invite) => new()
    {
        Kind = CallEventKind.Offer,
        Method = SipMethod.Invite,
        Message = invite.Request,
        ContentType = invite.Request.ContentType,
        Body = invite.Request.Body,
        Asker = invite,
    };

    private void HungUp(SipMessage bye)
    {
        if (state >= LegState.Ending)
        {
            if (byeDue)
            {
                Finish(); // both hung up before the ACK came: nothing is left to say
            }

            return; // otherwise our own BYE is on its way, and its answer ends the leg
        }

        if (state == LegState.Trying && outgoing is { IsInitial: true } invite)
        {
            // 15: a callee answers with a failure and sends no BYE before; whoever does is out, the other targets ring on.
            Asker? asker = invite.Asker;
            invite.Cancel(default);
            Finish();
            Call.Deliver(this, new CallEvent { Kind = CallEventKind.Fail, Method = SipMethod.Invite, Code = 480, Reason = "Hung up before answering"u8, Asker = asker });
            return;
        }

        ReleasePostponed(487);
        if (incoming is { IsAnswered: false })
        {
            incoming.Refuse(487); // 15.1.2: pending requests of a dialog that ends get 487
        }

        Call.Deliver(this, new CallEvent { Kind = CallEventKind.End, Method = SipMethod.Bye, Message = bye, Code = 487 });
        Finish();
    }
}

using System.Text;
using Sip.Dialogs;
using Sip.Messages;
using Sip.Transactions;
using Sip.Transports;

namespace Sip.B2bua.Calls;

/// <content>What the party answers and asks.</content>
internal sealed partial class Leg
{
    /// <summary>A provisional response came.</summary>
    public void OnProgress(OutgoingInvite invite, SipMessage response)
    {
        if (!invite.IsInitial || state != LegState.Trying)
        {
            return;
        }

        dialog.MakeEarly(response);
        path = null; // it rings: no other way is tried
        Call.Core.Branches.OnResponse(Call, target!, response, Call.Skipped);
        Call.Deliver(this, Event(CallEventKind.Progress, response, invite.Asker));
    }

    /// <summary>The first 2xx came.</summary>
    public void OnInviteAnswered(OutgoingInvite invite, SipMessage response)
    {
        if (state >= LegState.Ending || (invite.IsInitial && invite.IsCancelled))
        {
            HangUp(invite, response); // 9.1, 13.2.2.4: the 2xx crossed our CANCEL or BYE
            return;
        }

        ConfirmDialog(response);
        if (invite.IsInitial)
        {
            userAgent = Encoding.UTF8.GetString(response.First(response.Has(HeaderId.Server) ? HeaderId.Server : HeaderId.UserAgent));
            Call.Core.Branches.OnResponse(Call, target!, response, Call.Skipped);
        }

        if (invite.HasOffer)
        {
            SendAck(invite, default, default); // the answer is here: nothing has to be waited for
        }

        Call.Deliver(this, Event(CallEventKind.Answer, response, invite.Asker));
        if (invite.IsAcknowledged)
        {
            outgoing = ReferenceEquals(outgoing, invite) ? null : outgoing;
            ServePostponed();
        }
    }

    /// <summary>A final failure came, or no answer at all.</summary>
    public void OnInviteFailed(OutgoingInvite invite, int code, SipMessage? response)
    {
        outgoing = ReferenceEquals(outgoing, invite) ? null : outgoing;
        if (state >= LegState.Ending)
        {
            return;
        }

        ReadOnlySpan<byte> reason = response is null ? (code == 408 ? "No answer from the phone"u8 : "The phone cannot be reached"u8) : response.ReasonPhrase;
        if (invite.IsInitial)
        {
            if (TryOtherWay(invite, code, response))
            {
                return;
            }

            if (response is not null)
            {
                Call.Core.Branches.OnResponse(Call, target!, response, Call.Skipped);
            }

            Finish();
            Call.Deliver(this, new CallEvent
            {
                Kind = CallEventKind.Fail,
                Method = SipMethod.Invite,
                Code = response is null ? 480 : CallCore.CodeForCaller(code),
                Reason = reason,
                Message = response,
                Asker = invite.Asker,
            });
            return;
        }

        Call.Deliver(this, new CallEvent { Kind = CallEventKind.Fail, Method = SipMethod.Invite, Code = CallCore.CodeForCaller(code), Reason = reason, Message = response, Asker = invite.Asker });
        if (code is 408 or 481)
        {
            Lost("no answer within the call"); // 14.1: the dialog is gone
            return;
        }

        ServePostponed();
    }

    /// <summary>A request other than INVITE was answered, or never will be (408, 503).</summary>
    public void OnRequestAnswered(OutgoingRequest request, int code, SipMessage? response)
    {
        if (request.Method == SipMethod.Bye)
        {
            Finish(); // whatever the answer, the dialog is over: 15.1.1
            return;
        }

        if (state >= LegState.Ending)
        {
            request.Asker?.Refuse(481);
            return;
        }

        if (response is not null && code < 300 && request.Method == SipMethod.Update)
        {
            Dialog!.UpdateTarget(response);
        }

        CallEvent answer = response is null
            ? new CallEvent { Kind = CallEventKind.Fail, Method = request.Method, Code = CallCore.CodeForCaller(code), Asker = request.Asker }
            : Event(code < 300 ? CallEventKind.Answer : CallEventKind.Fail, response, request.Asker);
        if (request.Asker is not null)
        {
            Call.Deliver(this, answer);
        }

        if (code == 481 || (code == 408 && response is null))
        {
            Lost("the dialog is gone"); // 12.2.1.2
        }
    }

    /// <summary>A second branch behind the target answered too: acknowledge it and hang up (RFC 3261 §13.2.2.4).</summary>
    public void RefuseSecondAnswer(OutgoingInvite invite, SipMessage response)
    {
        Call.Trail.Add("Fork", "a second answer from behind {0} was hung up", Party);
        HangUp(invite, response);
    }

    /// <inheritdoc/>
    public void OnRequest(Dialog within, ServerTransaction transaction)
    {
        SipMessage request = transaction.Request;
        dialog.Follow(transaction.Flow);
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
            case SipMethod.Options:
                asker = new IncomingRequest(this, transaction);
                transaction.User = asker;
                asker.Refuse(200);
                break;
            case SipMethod.Update when request.Body.Length == 0:
                within.UpdateTarget(request);
                asker = new IncomingRequest(this, transaction);
                transaction.User = asker;
                asker.Refuse(200);
                break;
            default:
                asker = new IncomingRequest(this, transaction);
                transaction.User = asker;
                OnAsked(asker, within);
                break;
        }
    }

    /// <inheritdoc/>
    public void OnAck(Dialog within, SipMessage ack, in Flow from)
    {
        if (incoming is not { } invite || !invite.Acknowledge())
        {
            return;
        }

        dialog.Follow(from);
        incoming = null;
        if (byeDue)
        {
            SendBye(new CallEvent { Kind = CallEventKind.End });
            return;
        }

        if (!invite.HasOffer)
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

        ServePostponed();
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

    /// <summary>The offer that this leg was asked to make is not wanted any more.</summary>
    public void CancelOffer()
    {
        ReleasePostponed(487);
        if (outgoing is { IsInitial: false } offer)
        {
            offer.Cancel(default);
        }
    }

    /// <summary>No ACK came for our 2xx: the call is ended (RFC 3261 §13.3.1.4).</summary>
    public void OnAckMissing()
    {
        incoming = null;
        Lost("the answer was never acknowledged");
    }

    private void OnReinvite(ServerTransaction transaction)
    {
        if (incoming is { IsOver: false })
        {
            RefuseSecondInvite(transaction);
            return;
        }

        IncomingInvite invite = new(this, transaction, isInitial: false);
        transaction.User = invite;
        if (outgoing is not null)
        {
            invite.Refuse(491); // 14.2: glare
            return;
        }

        incoming = invite;
        Dialog!.UpdateTarget(transaction.Request);
        transaction.Respond(100);
        Call.Deliver(this, OfferEvent(invite));
    }

    // 14.2: a second INVITE before the first is done gets 500 and is to come again within 10 s.
    private void RefuseSecondInvite(ServerTransaction transaction)
    {
        SipWriter refusal = new(Call.Core.Buffers);
        ResponseWriter.Begin(ref refusal, transaction.Request, transaction.Flow, 500, "Another INVITE is in progress"u8, transaction.LocalTag);
        refusal.Header(HeaderId.RetryAfter, Random.Shared.Next(0, 11));
        refusal.NoBody();
        transaction.Respond(refusal.Finish(), 500);
    }

    private void OnAsked(IncomingRequest asker, Dialog within)
    {
        SipMessage request = asker.Request;
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

        ReleasePostponed(487);
        if (incoming is { IsAnswered: false })
        {
            incoming.Refuse(487); // 15.1.2: pending requests of a dialog that ends get 487
        }

        Call.Deliver(this, new CallEvent { Kind = CallEventKind.End, Method = SipMethod.Bye, Message = bye, Code = 487 });
        Finish();
    }

    // The party does not answer or does not know the dialog any more: the other side is told, and a last BYE is sent.
    private void Lost(string why)
    {
        if (state < LegState.Ending)
        {
            Call.Trail.Add("Leg", "{0}: {1}", Party, why);
            Call.Deliver(this, new CallEvent { Kind = CallEventKind.End, Code = 480, Reason = Encoding.UTF8.GetBytes(why) });
        }

        if (state == LegState.Confirmed || byeDue)
        {
            byeDue = false;
            SendBye(new CallEvent { Kind = CallEventKind.End });
        }
    }

    private void ServePostponed()
    {
        if (postponed is { } invite && incoming is null or { IsOver: true } && outgoing is null)
        {
            postponed = null;
            if (!invite.IsAnswered)
            {
                Call.Deliver(invite.Leg, OfferEvent(invite));
            }
        }
    }

    private void ReleasePostponed(int code)
    {
        IncomingInvite? invite = postponed;
        postponed = null;
        if (invite is { IsAnswered: false })
        {
            invite.Refuse(code);
        }
    }

    private void ConfirmDialog(SipMessage response)
    {
        if (state == LegState.Confirmed)
        {
            Dialog!.UpdateTarget(response);
            return;
        }

        dialog.Confirm(response);
        state = LegState.Confirmed;
    }

    // A 2xx that nobody wants any more: acknowledge it and hang up (13.2.2.4).
    private void HangUp(OutgoingInvite invite, SipMessage response)
    {
        Dialog unwanted = dialog.MakeUnwanted(response);
        invite.Acknowledge(response.ToTag, writer.Ack(unwanted, response.CSeqNumber, default, default));
        ClientTransaction transaction = Transactions.CreateClient(SipMethod.Bye, dialog.Way, new OutgoingRequest(this, SipMethod.Bye, null) { IsForgotten = true });
        transaction.Send(writer.InDialog(unwanted, transaction, new CallEvent { Kind = CallEventKind.End }));
    }

    private static CallEvent Event(CallEventKind kind, SipMessage response, IncomingRequest? asker) => new()
    {
        Kind = kind,
        Method = response.CSeqMethod,
        Code = CallCore.CodeForCaller(response.StatusCode),
        Reason = response.ReasonPhrase,
        Message = response,
        ContentType = response.ContentType,
        Body = response.Body,
        Asker = asker,
    };

    private void Finish()
    {
        if (state == LegState.Over)
        {
            return;
        }

        state = LegState.Over;
        incoming?.StopRepeating();
        FinishOutgoing();
        dialog.Drop();
        Call.OnLegOver(this);
    }
}

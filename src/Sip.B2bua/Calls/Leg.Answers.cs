using System.Text;
using Sip.Messages;

namespace Sip.B2bua.Calls;

/// <content>What the party answers, and what follows when it does not.</content>
internal sealed partial class Leg
{
    /// <summary>A provisional response came.</summary>
    /// <param name="invite">The INVITE.</param>
    /// <param name="response">The response.</param>
    /// <param name="number">Its RSeq, if it must be acknowledged (RFC 3262 §4); else 0.</param>
    public void OnProgress(OutgoingInvite invite, SipMessage response, uint number)
    {
        if (!invite.IsInitial || state != LegState.Trying)
        {
            return;
        }

        if (dialog.MakeEarly(response))
        {
            exchange.BeginAnew(invite);
            session.ForgetUpdate();
        }

        session.Learn(response);
        LegSessionId.Learn(this, response);
        path = null; // it rings: no other way is tried
        HeldNews? held = number > 0 ? AcknowledgeOrHold(invite, response, number) : null;
        Call.Core.Branches.OnResponse(Call, target!, response, Call.Skipped);
        Call.Deliver(this, Event(CallEventKind.Progress, response, invite.Asker, held));
        if (held is { IsTaken: false })
        {
            AcknowledgeNews(held, default); // the caller is not told, or not so that it would acknowledge
        }
    }

    // RFC 3262 4; 5: where the caller acknowledges the session in the news, its PRACK may have something to say to them.
    private HeldNews? AcknowledgeOrHold(OutgoingInvite invite, SipMessage response, uint number)
    {
        ReadOnlySpan<byte> session = SessionBody.Find(response);
        if (!session.IsEmpty)
        {
            exchange.ReceiveReply(invite, isEarly: true);
            invite.EarlyAnswer = invite.HasOffer ? session.ToArray() : [];
            if (invite.Asker is { CanBeReliable: true })
            {
                return new HeldNews(this, Dialog!, number, invite.CSeq);
            }
        }

        Send(new OutgoingPrack(this, Dialog!, number, invite.CSeq, null) { IsForgotten = true }, default);
        return null;
    }

    /// <summary>The first 2xx came.</summary>
    public void OnInviteAnswered(OutgoingInvite invite, SipMessage response)
    {
        if (state >= LegState.Ending || (invite.IsInitial && invite.IsCancelled))
        {
            HangUp(invite, response); // 9.1, 13.2.2.4: the 2xx crossed our CANCEL or BYE
            RefuseOvertaken(invite);
            return;
        }

        if (ConfirmDialog(response) && invite.IsInitial)
        {
            exchange.BeginAnew(invite);
            session.ForgetUpdate();
        }

        if (!SessionBody.Find(response).IsEmpty)
        {
            exchange.ReceiveReply(invite, isEarly: false);
        }

        Authentication?.Accepted();
        path = null;
        offer = [];
        session.OnAnswered(response);
        LegSessionId.Learn(this, response);
        if (invite.IsInitial)
        {
            Code = response.StatusCode;
            userAgent = KnownTexts.Get(response.First(response.Has(HeaderId.Server) ? HeaderId.Server : HeaderId.UserAgent));
            Call.Core.Branches.OnResponse(Call, target!, response, Call.Skipped);
        }

        if (invite.HasOffer || invite.HasEarlySession)
        {
            exchange.End();
            SendAck(invite, default, default); // the answer is here, or was sent in a PRACK: nothing has to be waited for
        }

        CallEvent answer = Event(CallEventKind.Answer, response, invite.Asker);
        if (invite.Asker is not null)
        {
            // Who has acknowledged the early answer, and may have changed the session since, does not want to see it again.
            bool repeats = answer.Body.IsEmpty && invite.EarlyAnswer.Length > 0 && !Call.HasEarlySession(this);
            Call.Deliver(this, repeats ? answer.WithSession(invite.EarlyAnswer) : answer);
        }

        if (invite.IsAcknowledged)
        {
            outgoing = ReferenceEquals(outgoing, invite) ? null : outgoing;
            if (invite.Asker is null)
            {
                TellChanged(answer.Session);
            }

            ServePostponed();
        }
    }

    // RFC 4028 7.4: a refresh may be answered with another session, which the other party has to hear of.
    private void TellChanged(ReadOnlySpan<byte> answered)
    {
        if (!answered.IsEmpty && heardHash != 0 && !HasSaid(answered) && Call.PartnerOf(this) is { } other)
        {
            SessionSettling.Begin(this, other, answered.ToArray(), other.Heard);
        }
    }

    /// <summary>A final failure came, or no answer at all.</summary>
    public void OnInviteFailed(OutgoingInvite invite, int code, SipMessage? response)
    {
        outgoing = ReferenceEquals(outgoing, invite) ? null : outgoing;
        exchange.End();
        if (state >= LegState.Ending)
        {
            RefuseOvertaken(invite);
            return;
        }

        if (code == 422 && response is not null && session.Timer.AcceptTooSmall(response))
        {
            SendAgain(invite);
            return;
        }

        if (response is not null && !invite.IsCancelled && TryAuthenticate(code, response))
        {
            SendAgain(invite);
            return;
        }

        session.Refused();
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

            Code = code;
            Asker? asker = invite.Asker;
            Finish();
            Call.Deliver(this, new CallEvent
            {
                Kind = CallEventKind.Fail,
                Method = SipMethod.Invite,
                Code = response is null ? 480 : CallCore.CodeForCaller(code),
                Reason = reason,
                Message = response,
                Asker = asker,
                From = this,
            });
            return;
        }

        if (invite.Asker is null)
        {
            session.TryAgain(code, response);
        }
        else
        {
            Call.Deliver(this, new CallEvent { Kind = CallEventKind.Fail, Method = SipMethod.Invite, Code = CallCore.CodeForCaller(code), Reason = reason, Message = response, Asker = invite.Asker, From = this });
        }

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
        bool isWanted = state < LegState.Ending || request.Method == SipMethod.Bye; // who has asked may have been told of the end already
        if (response is not null && code is 401 or 407 && isWanted && Dialog is not null && TryAuthenticate(code, response!))
        {
            SendAgain(request);
            return;
        }

        if (request.Method == SipMethod.Bye)
        {
            Finish(); // whatever the answer, the dialog is over: 15.1.1
            return;
        }

        if (request.Method == SipMethod.Update && code is 405 or 501)
        {
            session.ForgetUpdate(); // 21.4.6, 21.5.2: whatever its Allow has said
        }

        if (request.IsExchanging && response is not null && code < 300 && !SessionBody.Find(response).IsEmpty && exchange.TryReceiveAnswer())
        {
            session.Agreed();
        }
        else if (request.IsExchanging)
        {
            exchange.Reject();
            session.Refused();
        }

        if (state >= LegState.Ending)
        {
            request.Asker?.Refuse(GoneFor(request.Asker));
            return;
        }

        if (response is not null && code < 300 && request.Method == SipMethod.Update)
        {
            Dialog!.UpdateTarget(response);
            session.OnAnswered(response);
        }
        else if (request.Asker is null && request.Method == SipMethod.Update)
        {
            session.TryAgain(response is not null && code == 422 && session.Timer.AcceptTooSmall(response) ? 0 : code, response);
        }

        if (response is not null)
        {
            LegSessionId.Learn(this, response);
        }

        CallEvent answer = response is null
            ? new CallEvent { Kind = CallEventKind.Fail, Method = request.Method, Code = CallCore.CodeForCaller(code), Asker = request.Asker, From = this }
            : Event(code < 300 ? CallEventKind.Answer : CallEventKind.Fail, response, request.Asker);
        if (request.Asker is not null)
        {
            Call.Deliver(this, answer);
        }

        bool isRefresh = request.Asker is null && request.Method == SipMethod.Update;
        if (state == LegState.Confirmed && (code == 481 || (code == 408 && (response is null || isRefresh))))
        {
            Lost("the dialog is gone"); // 12.2.1.2, RFC 4028 10; an early one ends with its INVITE
        }
    }

    /// <summary>A second branch behind the target answered too: acknowledge it and hang up (RFC 3261 §13.2.2.4).</summary>
    public void RefuseSecondAnswer(OutgoingInvite invite, SipMessage response)
    {
        Call.Trail.Add("Fork", "a second answer from behind {0} was hung up", Party);
        HangUp(invite, response);
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

    /// <summary>The party was to refresh the session and did not, or has refused to have it refreshed: RFC 4028 §10.</summary>
    public void OnSessionExpired()
    {
        if (state == LegState.Confirmed)
        {
            Lost("the session was not refreshed");
        }
    }

    // 22.2, 22.3: our own credentials, for this target only.
    private bool TryAuthenticate(int code, SipMessage response)
    {
        if (code is not (401 or 407) || target?.Credentials is not { } credentials)
        {
            return false;
        }

        Authentication ??= new PeerAuthentication(credentials);
        if (Authentication.TryTake(response))
        {
            return true;
        }

        Call.Trail.Add("Authentication", "the challenge of {0} is not answered: its realm is not {1}, or the password was refused", Party, credentials.Realm);
        return false;
    }

    // RFC 4028 §7.3: the party wants a longer interval, or knows now who we are: the same once more.
    private void SendAgain(OutgoingInvite invite)
    {
        SipMessage? asked = invite.IsInitial || invite.Asker is IncomingRequest or OwnOffer ? invite.Asker!.Request : null; // else no party has asked
        CallEvent again = new() { Kind = CallEventKind.Try, Method = SipMethod.Invite, Message = asked, Asker = invite.Asker };
        again = invite.HasOffer ? again.WithSession(session.Sent) : again;
        if (invite.IsInitial)
        {
            SendInvite(again);
        }
        else
        {
            SendReinvite(again);
        }
    }

    // 12.2.1.2: 481 ends the dialog of who has asked, which goes on where another party has taken this one's place, or has answered first.
    private static int GoneFor(Asker asker) => asker.Leg.state < LegState.Ending ? 480 : 481;

    private void SendAgain(OutgoingRequest request)
    {
        if (request is OutgoingPrack prack)
        {
            SendAgain(prack);
            return;
        }

        CallEvent again = new() { Kind = CallEventKind.Message, Method = request.Method, Asker = request.Asker };
        if (request.Asker is { } asker)
        {
            again = new CallEvent
            {
                Kind = CallEventKind.Message,
                Method = request.Method,
                Message = asker.Request,
                ContentType = asker.Request.ContentType,
                Body = request.Method == SipMethod.Update && session.Sent.Length > 0 && asker.Request.Body.Length > 0 ? session.Sent : asker.Request.Body,
                Asker = asker,
            };
        }

        SendWithin(again, request.Method, new OutgoingRequest(this, request.Method, request.Asker) { IsExchanging = request.IsExchanging });
    }

    // The end of the call came first: whoever asked for this change must not wait for ever.
    private static void RefuseOvertaken(OutgoingInvite invite)
    {
        if (!invite.IsInitial)
        {
            invite.Asker?.Refuse(487);
        }
    }

    // The party does not answer or does not know the dialog any more: the other side is told, and a last BYE is sent.
    private void Lost(string why)
    {
        CallEvent end = new() { Kind = CallEventKind.End, Code = 480, Reason = Encoding.UTF8.GetBytes(why) };
        if (state < LegState.Ending)
        {
            Call.Trail.Add("Leg", "{0}: {1}", Party, why);
            Call.Deliver(this, end);
        }

        if (state == LegState.Confirmed || byeDue)
        {
            byeDue = false;
            SendBye(end);
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

    // True: in another dialog than the early one.
    private bool ConfirmDialog(SipMessage response)
    {
        if (state == LegState.Confirmed)
        {
            Dialog!.UpdateTarget(response);
            return false;
        }

        state = LegState.Confirmed;
        return dialog.Confirm(response);
    }

    // A 2xx that nobody wants any more: acknowledge it and hang up (13.2.2.4), unless the party was told before.
    private void HangUp(OutgoingInvite invite, SipMessage response) => MakeLateAnswers().HangUp(invite, response);

    private LateAnswers MakeLateAnswers() => new(Call.Core, writer.WithoutLeg(), Contact.ToArray(), dialog.Way, dialog.IsSips, Authentication);

    /// <summary>Nothing more can come of an INVITE.</summary>
    public void Forget(OutgoingInvite invite) => called = ReferenceEquals(called, invite) ? null : called;

    // The transaction of an INVITE lives on for half a minute (RFC 6026 7.2); it must not keep the call.
    private void LeaveInvite()
    {
        bool isPlain = Authentication is null && !dialog.IsSips;
        if (called is { Transaction: not null } invite && !(isPlain && invite.TryHandOver(Call.Core.EndedInvites)))
        {
            invite.LeaveLeg(MakeLateAnswers());
        }

        called = null;
    }

    private CallEvent Event(CallEventKind kind, SipMessage response, Asker? asker, HeldNews? news = null) => new()
    {
        Kind = kind,
        Method = response.CSeqMethod,
        Code = CallCore.CodeForCaller(response.StatusCode),
        Reason = response.ReasonPhrase,
        Message = response,
        ContentType = response.ContentType,
        Body = response.Body,
        Asker = asker,
        From = this,
        News = news,
    };

    private void Finish()
    {
        if (state == LegState.Over)
        {
            return;
        }

        state = LegState.Over;
        OnSignOfLife();
        incoming?.StopRepeating();
        SettlePending();
        LeaveInvite();
        Call.OnLegOver(this);
        dialog.Drop(); // last: who is told of the end may ask for its Call-ID
    }
}

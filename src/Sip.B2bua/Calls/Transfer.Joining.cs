namespace Sip.B2bua.Calls;

/// <content>From the new party's answer until it and the one that stays know of each other, or the session before is restored.</content>
internal sealed partial class Transfer
{
    // A target has answered the call, or the party taken from another call the offer.
    private void OnNewParty(Leg leg, in CallEvent e)
    {
        if (!IsPending || call.IsEnding || (joined is not null && !ReferenceEquals(joined, leg)))
        {
            leg.End(new CallEvent { Kind = CallEventKind.End });
            return;
        }

        fork?.OnAnswered(leg);
        joined = leg;
        tries = 0;
        if (!e.HasSession || !call.Show(leg, staying, e, out _))
        {
            Fail(488, "the new party's session is of no use");
            return;
        }

        answer = e.Session.ToArray();
        OfferToStaying();
    }

    private void OfferToJoined()
    {
        ReadOnlySpan<byte> offer = TransferredSession.Lengthen(TransferredSession.ToOffer(staying.Heard), joined!.Sent);
        call.Offer(new TransferStep(this, TransferQuestion.Call, staying, joined), offer);
    }

    private void OfferToStaying()
    {
        if (joined is null)
        {
            state = TransferState.Calling;
            Fail(failed, "the new party has hung up");
            return;
        }

        state = TransferState.Joining;
        staying.ContinueSession();

        // Who replaces a party without an offer of its own is offered what the party that stays offers, and its ACK brings the answer.
        ReadOnlySpan<byte> offer = answer.Length > 0 ? TransferredSession.Lengthen(answer, staying.Sent) : [];
        call.Offer(new TransferStep(this, TransferQuestion.Join, joined, staying), offer);
    }

    private void OnRefusedOffer(TransferQuestion question, in CallEvent e)
    {
        Leg asked = question is TransferQuestion.Call or TransferQuestion.Settle ? joined! : staying;
        int wait = WaitAfter(e, asked);
        if (wait > 0 && tries++ < MostTries)
        {
            core.Loop.EventLoop.Timers.Set(again, wait);
        }
        else if (question == TransferQuestion.Settle)
        {
            RollBack(e.Code);
        }
        else
        {
            state = TransferState.Calling;
            Fail(failed == 0 ? e.Code : failed, question == TransferQuestion.Call ? "refused by the new party" : "refused by the party that stays");
            if (question == TransferQuestion.Restore)
            {
                EndSilentCall();
            }
        }
    }

    // 14.1: after 491, and after 500 when it says so (14.2), the same is asked again. 0: it is of no use.
    private static int WaitAfter(in CallEvent e, Leg asked) =>
        e.Code == 491 ? asked.GlareWait
        : e.Code == 500 && RetryAfter.MillisecondsOf(e.Message, most: int.MaxValue) is >= 0 and <= LongestWait and int wait ? wait + asked.GlareWait
        : 0;

    // The party that stays was asked for an offer and has made one; who was offered its own session again has had its answer.
    private bool OwesAnswer => answer.Length == 0 && staying.Profile.TakesLateOffer;

    private void OnJoined(in CallEvent e)
    {
        if (joined is null && OwesAnswer)
        {
            GiveBack(e);
            return;
        }

        if (joined is null)
        {
            RollBack(failed); // the new party hung up while the other one was told of it
            return;
        }

        joined.ContinueSession();

        // 13.2.1: an INVITE that takes somebody's place wants an offer or an answer in its 2xx; where none has come, nobody would hear anything.
        byte[] shown = [];
        bool isGood = replacing is null ? call.Show(staying, joined, e, out shown) : e.HasSession && call.AnswerJoined(joined, staying, e);
        if (!isGood)
        {
            failed = 488;
            if (OwesAnswer)
            {
                GiveBack(e);
            }
            else
            {
                RollBack(488);
            }

            return;
        }

        if (replacing is null && !TransferredSession.LeadToTheSame(shown, joined.Sent))
        {
            Settle();
        }
        else
        {
            Connect();
        }
    }

    // As long as the new party does not know where the other one is, one of them hears nothing.
    private void Settle()
    {
        tries = state == TransferState.Settling ? tries : 0;
        state = TransferState.Settling;
        call.Offer(new TransferStep(this, TransferQuestion.Settle, staying, joined), TransferredSession.Lengthen(staying.Heard, joined!.Sent));
    }

    private void OnSettled(in CallEvent e)
    {
        if (call.Show(joined!, staying, e, out _))
        {
            Connect();
        }
        else
        {
            RollBack(488);
        }
    }

    private void Connect()
    {
        state = TransferState.Done;
        call.Trail.Add("Transfer", "{0} is connected with {1}", staying.Party, joined!.Party);
        call.Join(staying, joined, transferor);
        news?.Tell(200);
        if (transferor.IsOver)
        {
            End();
        }
        else if (replacing is not null)
        {
            transferor.End(new CallEvent { Kind = CallEventKind.End });
        }
        else
        {
            core.Loop.EventLoop.Timers.Set(grace, GraceMilliseconds);
        }
    }

    // The party that stays was told of the new one already: back to the session before, once its INVITE is done with.
    private void RollBack(int code)
    {
        Leg? leaving = joined;
        joined = null;
        failed = code;
        state = TransferState.Restoring;
        tries = 0;
        core.Loop.EventLoop.Timers.Set(again, 1);
        leaving?.End(new CallEvent { Kind = CallEventKind.End, Code = code });
    }

    private void Restore()
    {
        if (transferor.HasLeft)
        {
            Fail(failed, "and the transferor has gone");
        }
        else if (transferor.Heard.IsEmpty)
        {
            Fail(failed, "and nothing is known of the session before"); // where the server makes no transfers, it keeps no sessions
            EndSilentCall();
        }
        else
        {
            call.Offer(new TransferStep(this, TransferQuestion.Restore, transferor, staying), TransferredSession.Lengthen(transferor.Heard, staying.Sent));
        }
    }

    // The party that stays speaks to a phone that has left, and hears nobody.
    private void EndSilentCall() => call.End(failed, "the session before the transfer could not be restored");

    // The party that stays has made the offer that it was asked for; what it had before is the answer.
    private void GiveBack(in CallEvent e)
    {
        state = TransferState.Calling;
        call.Acknowledge(staying, transferor, e.HasSession ? MatchedSession.AsAnswer(transferor.Heard, e.Session, leads: true) : []);
        Fail(failed, "the session before holds again");
    }
}

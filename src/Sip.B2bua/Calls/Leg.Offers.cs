using Sip.Dialogs;
using Sip.Messages;
using Sip.Transactions;

namespace Sip.B2bua.Calls;

/// <content>The requests that bring offers and answers apart from INVITE: UPDATE and PRACK.</content>
internal sealed partial class Leg
{
    private readonly LegExchange exchange = new();
    private IncomingRequest? update;
    private SessionSettling? settling;

    /// <summary>True once an offer was made and answered in the dialog.</summary>
    public bool HasSession => exchange.HasSession;

    /// <summary>True once an offer was made in the dialog, by either side.</summary>
    public bool HasOffer => exchange.HasOffer;

    /// <summary>
    /// How many milliseconds an offer of ours waits that has met one of the party. 14.1: whoever made the Call-ID waits longer, so that they do
    /// not meet again; both in steps of 10 ms.
    /// </summary>
    public int GlareWait => 10 * (Dialog is { IsUas: false } ? Loop.Random.Next(210, 401) : Loop.Random.Next(1, 201));

    private bool AllowsUpdate => session.PartyTakesUpdate;

    /// <summary>
    /// Whether the news of the party may be reliable: with an offer in the INVITE; without one only where the caller can answer, in its
    /// PRACK, the offer that they must carry (RFC 3262 5), and where no other target makes another offer.
    /// </summary>
    public bool MayBeReliable(in CallEvent invite) => invite.HasSession || (invite.Asker is IncomingInvite { CanBeReliable: true } && Call.HasOneTarget);

    /// <summary>A response to a request of the party is about to be sent: a session in it answers the request's offer, or is the offer that was asked for.</summary>
    /// <param name="request">The request.</param>
    /// <param name="answer">What the response says.</param>
    /// <param name="isReliable">Whether it arrives for certain. What does not is a preview: it neither offers nor answers (RFC 6337 3.1.1).</param>
    public void OnReplying(IncomingRequest request, in CallEvent answer, bool isReliable)
    {
        while (pending is { IsAnswered: true })
        {
            pending = pending.Next;
        }

        if (!exchange.Reply(request, answer, isReliable))
        {
            ForgetRefused(byUs: answer is { Message: null, From: null });
        }
        else if (request.IsExchanging && isReliable)
        {
            (hashBefore, heardBefore) = (0, []); // it holds
        }

        if (answer is { Code: >= 300, Message: null })
        {
            Call.OnRefused(this);
        }
    }

    /// <summary>What the other party has said is told to this one later; what waited to be told until now is of no use any more.</summary>
    public void Await(SessionSettling later)
    {
        if (!ReferenceEquals(settling, later))
        {
            settling?.Stop();
            settling = later;
        }
    }

    // RFC 3311 5.2
    private void OnUpdate(Dialog within, ServerTransaction transaction)
    {
        SipMessage request = transaction.Request;
        if (update is { IsAnswered: false })
        {
            RefuseForNow(transaction, "Another UPDATE is in progress"u8);
            return;
        }

        bool offers = !SessionBody.Find(request).IsEmpty;
        if (offers && exchange.IsOffered)
        {
            RefuseForNow(transaction, "Another offer waits for its answer"u8);
            return;
        }

        IncomingUpdate asker = new(this, transaction);
        transaction.User = asker;
        if (!session.TryAccept(request))
        {
            asker.Refuse(422);
        }
        else if (offers && !exchange.TryReceiveOffer())
        {
            asker.Refuse(491);
        }
        else if (request.Body.Length == 0)
        {
            within.UpdateTarget(request);
            asker.Refuse(200);
        }
        else
        {
            asker.IsExchanging = offers;
            update = asker;
            OnAsked(asker, within);
        }
    }

    // RFC 3262 3: the PRACK of what was sent last gets 2xx, any other 481.
    private void OnPrack(ServerTransaction transaction)
    {
        SipMessage request = transaction.Request;
        if (incoming is not { } invite || !invite.TryAcknowledgeNews(request, out HeldNews? news))
        {
            IncomingRequest late = new(this, transaction);
            transaction.User = late;
            late.Refuse(481);
            return;
        }

        IncomingPrack prack = new(this, transaction, invite);
        transaction.User = prack;
        if (SessionBody.Find(request).IsEmpty)
        {
            news?.Leg.AcknowledgeNews(news, default);
            prack.Refuse(200);
        }
        else if (exchange.TryReceiveAnswer())
        {
            // 5: the answer to the offer in the news.
            Call.Deliver(this, PrackEvent(CallEventKind.Acknowledge, prack, news));
            prack.Refuse(200);
        }
        else if (exchange.IsSettled)
        {
            // 5: the news had the answer; this is another offer, and the 2xx of the PRACK its answer.
            exchange.TryReceiveOffer();
            prack.IsExchanging = true;
            AwaitAnswer(prack);
            Call.Deliver(this, PrackEvent(CallEventKind.Offer, prack, news));
            news?.Leg.AcknowledgeNews(news, default); // a module may have refused the offer; the news have come all the same
        }
        else
        {
            news?.Leg.AcknowledgeNews(news, default);
            prack.Refuse(488, "The first offer is not answered yet"u8);
        }
    }

    private static CallEvent PrackEvent(CallEventKind kind, IncomingPrack prack, HeldNews? news) => new()
    {
        Kind = kind,
        Method = SipMethod.Prack,
        Message = prack.Request,
        ContentType = prack.Request.ContentType,
        Body = prack.Request.Body,
        Asker = prack,
        News = news,
    };

    /// <summary>Sends the PRACK that waited for the caller's.</summary>
    /// <param name="news">What it acknowledges.</param>
    /// <param name="e">The caller's PRACK with its session, if it has one; what the party answers to an offer goes there.</param>
    public void AcknowledgeNews(HeldNews news, in CallEvent e)
    {
        if (news.IsAcknowledged)
        {
            return;
        }

        news.IsAcknowledged = true;
        if (state < LegState.Ending)
        {
            bool offers = e.Kind == CallEventKind.Offer && e.HasSession;
            if (offers)
            {
                exchange.SendOffer();
            }
            else if (e.HasSession)
            {
                exchange.SendAnswer();
            }

            session.Remember(e, offers);
            Send(new OutgoingPrack(this, news.Dialog, news.Number, news.CSeq, offers ? e.Asker : null) { IsForgotten = !offers, IsExchanging = offers, HasSession = e.HasSession }, e);
        }
    }

    private void Send(OutgoingPrack prack, in CallEvent e)
    {
        ClientTransaction transaction = Transactions.CreateClient(SipMethod.Prack, dialog.Way, prack);
        transaction.Send(writer.Prack(transaction, prack, e, Authentication));
    }

    // It was challenged: the same once more. What it carries was sent last, for nothing else may be offered before it is answered.
    private void SendAgain(OutgoingPrack prack)
    {
        CallEvent again = new() { Kind = CallEventKind.Acknowledge, Method = SipMethod.Prack, Message = prack.Asker?.Request, Asker = prack.Asker };
        OutgoingPrack next = new(this, prack.Within, prack.Number, prack.CSeq, prack.Asker)
        {
            IsForgotten = prack.IsForgotten,
            IsExchanging = prack.IsExchanging,
            HasSession = prack.HasSession,
        };
        Send(next, prack.HasSession ? again.WithSession(session.Sent) : again);
    }

    // The other party's offer comes to this one in the PRACK that is due, else in an UPDATE, or in a re-INVITE where it takes none.
    private void Offer(in CallEvent e)
    {
        if (e.News is { IsAcknowledged: false } news)
        {
            if (exchange.IsSettled)
            {
                AcknowledgeNews(news, e);
                return;
            }

            AcknowledgeNews(news, default);
        }

        bool isEarly = state == LegState.Trying;
        if (!e.HasSession && !AllowsUpdate)
        {
            e.Asker!.Refuse(488, "The other phone takes no UPDATE"u8);
        }
        else if (!e.HasSession)
        {
            Ask(e, SipMethod.Update, offers: false);
        }
        else if (isEarly && !AllowsUpdate)
        {
            e.Asker!.Refuse(488, "The other phone takes no change before the call is answered"u8);
        }
        else if (!isEarly && !AllowsUpdate)
        {
            Reinvite(e); // RFC 3311 4: UPDATE is for who has listed it in Allow
        }
        else if (isEarly ? !exchange.IsSettled : !exchange.CanOffer)
        {
            e.Asker!.Refuse(491); // RFC 3311 5.1: not before the last offer is answered, on this side as well
        }
        else
        {
            Ask(e, SipMethod.Update, offers: true);
        }
    }
}

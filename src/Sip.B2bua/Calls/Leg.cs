using System.Text;
using Sip.Dialogs;
using Sip.Messages;
using Sip.Transactions;
using Sip.Transports;

namespace Sip.B2bua.Calls;

/// <summary>
/// Our user agent at one end of a call: it turns what its party sends into call events for the other leg, and the other leg's
/// events into SIP for its party (design: steps 8 and 10). The same type serves the calling and the called party; they differ
/// only in who sent the INVITE that began the call.
/// </summary>
internal sealed partial class Leg : ILeg, IDialogUser
{
    private readonly PeerProfile profile;
    private Target? target;
    private readonly LegWriter writer;
    private readonly LegDialog dialog;
    private readonly SessionRefresh session;
    private IncomingInvite? incoming;
    private OutgoingInvite? outgoing;
    private OutgoingInvite? called;
    private IncomingInvite? postponed;
    private LegState state;
    private bool byeDue;
    private string userAgent = "";

    /// <summary>Leg A: the calling party's; or that of a party whose INVITE replaces another leg.</summary>
    public Leg(Call call, int number, SipMessage invite, in Flow flow, string? peer)
    {
        Call = call;
        Number = number;
        Party = KnownTexts.Get(CallCore.UriOf(invite.From));
        Called = KnownTexts.Get(CallCore.UriOf(invite.To));
        userAgent = KnownTexts.Get(invite.First(HeaderId.UserAgent));
        profile = call.Core.Profiles?.OfCaller(invite, userAgent, peer) ?? PeerProfile.Default;
        session = new SessionRefresh(this, call.Options, profile);
        writer = new LegWriter(call.Core, this, session.Timer, profile, profile.Headers ?? call.Core.HeadersToCaller);
        dialog = new LegDialog(this, call.Core, SipsRule.AppliesToAnswer(invite));
        dialog.GoBy(flow);
    }

    /// <summary>A candidate of leg B.</summary>
    public Leg(Call call, int number, Target target)
    {
        Call = call;
        Number = number;
        this.target = target;
        profile = call.Core.Profiles?.OfTarget(target) ?? PeerProfile.Default;
        Party = target.AddressOfRecord ?? target.Uri;
        Called = Party;
        session = new SessionRefresh(this, call.Options, profile);
        writer = new LegWriter(call.Core, this, session.Timer, profile, profile.Headers ?? call.Core.HeadersToCallee) { HidesOther = call.Privacy.HasFlag(PrivacyAsked.User) };
        dialog = new LegDialog(this, call.Core, SipsRule.AppliesTo(target));
        if (target.Flow is { IsAlive: true } known)
        {
            // Known before the offer crosses: the modules ask which of our addresses this party sees.
            dialog.GoBy(known);
        }
    }

    /// <summary>The call.</summary>
    public Call Call { get; }

    /// <summary>How the party wants to be spoken to.</summary>
    public PeerProfile Profile => profile;

    /// <inheritdoc/>
    public DtmfForm Dtmf => profile.Dtmf;

    /// <summary>What becomes of the party's wish to send the other one somewhere else.</summary>
    public TransferRule TransferRule => profile.Transfer ?? Call.Options.Transfer;

    /// <inheritdoc/>
    public int Number { get; }

    /// <inheritdoc/>
    public string Party { get; }

    /// <summary>Who was called, as written.</summary>
    public string Called { get; }

    /// <inheritdoc/>
    public ref readonly Flow Flow => ref dialog.Way;

    /// <inheritdoc/>
    public string UserAgent => userAgent;

    /// <inheritdoc/>
    public int Code { get; internal set; }

    /// <inheritdoc/>
    public string CallId => Encoding.UTF8.GetString(Dialog is { } own ? own.CallId : incoming is { } asking ? asking.Request.CallId : default);

    /// <summary>The target that this leg calls, by the flow that is tried now; null for leg A.</summary>
    public Target? Target => target;

    /// <summary>Our authentication towards the target, once it has challenged us.</summary>
    public PeerAuthentication? Authentication { get; private set; }

    /// <summary>Headers that modules added to the INVITE to this target.</summary>
    public IReadOnlyList<(string Name, string Value)> AddedHeaders { get; set; } = [];

    /// <summary>Whether the party has said that it rings, or is otherwise at it (180 to 199).</summary>
    public bool IsRinging { get; set; }

    /// <summary>The session's identifier, if anybody in the call uses it.</summary>
    public LegSessionId? SessionId { get; set; }

    /// <summary>Whether the party has said anything yet.</summary>
    public bool IsHeard => Target is null || Dialog is not null;

    /// <summary>Our dialog with the party, once there is one.</summary>
    public Dialog? Dialog => dialog.Dialog;

    /// <summary>The INVITE of the party that waits for an answer or an ACK.</summary>
    public IncomingInvite? Invite => incoming;

    /// <summary>The loop that the call lives on.</summary>
    public EventLoop Loop => Call.Loop;

    /// <summary>T1, T2 and T4.</summary>
    public SipTimerValues Timers => Call.Core.Loop.Timers;

    private ReadOnlySpan<byte> Contact => dialog.Contact;

    private TransactionTable Transactions => Call.Core.Loop.Transactions;

    /// <summary>
    /// Takes the INVITE that begins the call: 100 Trying, and the transaction is this leg's from now on. False: it was refused, and
    /// the leg is over.
    /// </summary>
    public bool TryAccept(ServerTransaction transaction)
    {
        incoming = new IncomingInvite(this, transaction, isInitial: true);
        transaction.User = incoming;
        LegSessionId.Learn(this, transaction.Request);
        exchange.Receive(incoming);
        if (!session.TryAccept(transaction.Request))
        {
            incoming.Refuse(422);
            Finish();
            return false;
        }

        transaction.Respond(100);
        return true;
    }

    /// <summary>The other leg tells something.</summary>
    public void Receive(in CallEvent e)
    {
        if (state >= LegState.Ending)
        {
            if (e.Kind != CallEventKind.Acknowledge)
            {
                e.Asker?.Refuse(e.News is null ? GoneFor(e.Asker) : 488); // RFC 3262 3: the PRACK of what was sent is not told that there was nothing
            }

            return;
        }

        switch (e.Kind)
        {
            case CallEventKind.Try:
                Ring(e.Asker is OwnOffer own ? own.Complete(e) : e);
                break;
            case CallEventKind.Progress:
            case CallEventKind.Answer:
            case CallEventKind.Fail:
                Reply(e);
                break;
            case CallEventKind.Offer when e.Method == SipMethod.Invite:
                Reinvite(e);
                break;
            case CallEventKind.Acknowledge when e.Method == SipMethod.Prack:
                if (e.News is { } news)
                {
                    AcknowledgeNews(news, e);
                }

                break;
            case CallEventKind.Acknowledge:
                Acknowledge(e);
                break;
            case CallEventKind.Offer:
                Offer(e);
                break;
            case CallEventKind.Message:
            case CallEventKind.Transfer:
                Ask(e, e.Method, offers: false);
                break;
            case CallEventKind.End:
                End(e);
                break;
            default:
                throw new InvalidOperationException($"A leg does not know the event {e.Kind}.");
        }
    }

    /// <summary>Ends the leg in the way its state demands: a final response, CANCEL or BYE.</summary>
    public void End(in CallEvent e)
    {
        if (state >= LegState.Ending)
        {
            return;
        }

        ReleasePostponed(487);
        if (incoming is { IsAnswered: false } pending)
        {
            // 487 also to a re-INVITE that the call's end overtook.
            pending.Refuse(pending.IsInitial && e.Code >= 400 ? e.Code : 487, pending.IsInitial ? e.Reason : default);
        }

        if (state == LegState.Trying)
        {
            if (outgoing is { IsInitial: true })
            {
                outgoing.Cancel(e.Message is { } cause ? cause.First(HeaderId.Reason) : default);
            }

            Finish();
            return;
        }

        if (incoming is { AwaitsAck: true, IsInitial: true })
        {
            byeDue = true; // 15: the callee's UA must not send BYE before the ACK
            state = LegState.Ending;
            return;
        }

        SendBye(e);
    }

    /// <inheritdoc/>
    public bool TryAsk(string method, ReadOnlySpan<byte> contentType, ReadOnlySpan<byte> body)
    {
        SipMethod known = SipMethods.Find(Encoding.UTF8.GetBytes(method));
        if (state != LegState.Confirmed || known is not (SipMethod.Info or SipMethod.Message))
        {
            return false;
        }

        Ask(new CallEvent { Kind = CallEventKind.Message, Method = known, ContentType = contentType, Body = body }, known, offers: false);
        return true;
    }

    /// <summary>Gives a ringing candidate up.</summary>
    /// <param name="reason">The value of the CANCEL's Reason header, or empty.</param>
    public void Abandon(ReadOnlySpan<byte> reason)
    {
        if (state == LegState.Trying)
        {
            outgoing?.Cancel(reason);
            Finish();
        }
    }

    /// <summary>Answers the INVITE that began the call with a failure.</summary>
    /// <param name="code">The status code.</param>
    /// <param name="reason">The reason phrase.</param>
    /// <param name="source">The target's response whose users' headers cross, or null.</param>
    /// <param name="isOfMany">Whether other targets have failed as well.</param>
    public void Reject(int code, ReadOnlySpan<byte> reason, SipMessage? source, bool isOfMany = false)
    {
        incoming?.Reply(new CallEvent { Kind = CallEventKind.Fail, Code = code, Reason = reason, Message = source, IsOfMany = isOfMany });
        Finish();
    }

    /// <summary>Forgets a candidate that was never called.</summary>
    public void Drop() => Finish();

    /// <summary>Writes a response to a request of the party.</summary>
    /// <param name="transaction">The request's transaction.</param>
    /// <param name="answer">What it says.</param>
    /// <param name="reliable">Numbers it, if it is a provisional response that must be acknowledged.</param>
    public SipBuffer WriteResponse(ServerTransaction transaction, in CallEvent answer, ReliableProvisional? reliable = null)
    {
        session.Remember(answer);
        if (answer.Code is >= 200 and < 400)
        {
            LegSessionId.Learn(this, transaction.Request);
        }

        if (answer.Code is >= 200 and < 300 && transaction.Request.Method is (SipMethod.Invite or SipMethod.Update))
        {
            session.Restart();
        }

        return writer.Response(transaction, Contact, answer, reliable, Call.OwnRealm);
    }

    /// <summary>Sends a message on a flow; the caller keeps its count.</summary>
    public void Send(in Flow to, SipBuffer message) => Call.Core.Loop.Transports.Send(to, message);

    /// <summary>Sends a message on this leg's flow; the caller keeps its count.</summary>
    public void SendInDialog(SipBuffer message) => Call.Core.Loop.Transports.Send(dialog.Way, message);

    private void Reply(in CallEvent e)
    {
        Asker asker = e.Asker!;
        if (asker is IncomingInvite { IsInitial: true } invite && e.Code > 100 && e.Code < 300)
        {
            if (e.HasSession && invite.IsOtherAnswer(e))
            {
                dialog.Renew(invite.Transaction); // the early answer was that of another phone
                invite.DropNews();
                exchange.Renew();
            }
            else if (e is { Code: >= 200, HasSession: true, From: { } other } && !invite.HasOffer && HasOffer && !Call.IsEarly(other))
            {
                dialog.Renew(invite.Transaction); // so was the early offer
                invite.DropNews();
                exchange.Forget();
            }

            // 12.1.1: the first response with our tag makes the dialog.
            dialog.Make(invite.Transaction);
        }

        asker.Reply(e);
        if (asker is IncomingInvite { IsOver: true })
        {
            ServePostponed();
        }
    }

    private void Reinvite(in CallEvent e)
    {
        bool refreshes = outgoing is { IsInitial: false, Asker: null };
        if ((refreshes || (outgoing is null && incoming is { AwaitsAck: true })) && postponed is null && e.Asker is IncomingInvite waiting)
        {
            postponed = waiting; // 14.1: until the INVITE before is acknowledged, or our own, which changes nothing, is done
            return;
        }

        if (outgoing is not null || incoming is { IsOver: false } || (incoming is null && !exchange.CanOffer))
        {
            e.Asker!.Refuse(491); // 14.1: one INVITE, and one offer, at a time; whoever asks tries again
            return;
        }

        SendReinvite(e);
    }

    private void SendReinvite(in CallEvent e)
    {
        if (!e.HasSession && !profile.TakesLateOffer)
        {
            OfferOwn(e);
            return;
        }

        session.Remember(e, offers: true);
        OutgoingInvite invite = new(this, isInitial: false, e.HasSession, e.Asker);
        outgoing = invite;
        exchange.Begin(invite);
        (e.Asker as IncomingUpdate)?.GoesAs(invite);
        SendWithin(e, SipMethod.Invite, invite);
    }

    // A party that takes no INVITE without an offer is offered once more what it has, and its answer is offered to whoever has asked.
    private void OfferOwn(in CallEvent e)
    {
        if (e.Asker!.Invite is not null && session.Sent.Length > 0)
        {
            SendReinvite(new OwnOffer(e.Asker, this).Repeat(e));
        }
        else
        {
            e.Asker.Refuse(488, NoLateOffer);
        }
    }

    private void Ask(in CallEvent e, SipMethod method, bool offers)
    {
        if (Dialog is null)
        {
            e.Asker!.Refuse(480, "No dialog yet"u8); // the other side knows its dialog before this one has any
            return;
        }

        if (offers)
        {
            exchange.SendOffer();
            session.Remember(e, offers: true);
        }

        SendWithin(e, method, new OutgoingRequest(this, method, e.Asker) { IsExchanging = offers });
    }

    private void Acknowledge(in CallEvent e)
    {
        if (outgoing is { IsAnswered: true, IsAcknowledged: false } invite)
        {
            session.Remember(e);
            exchange.SendAnswer();
            exchange.End();
            SendAck(invite, e.ContentType, e.Body);
            outgoing = null;
            ServePostponed();
        }
        else if (incoming is { IsInitial: true, HasOffer: true, IsAnswered: false } waiting)
        {
            // The offer of the INVITE went out in a 2xx, and this is its answer.
            if (e.HasSession)
            {
                Reply(new CallEvent { Kind = CallEventKind.Answer, Method = SipMethod.Invite, Code = 200, ContentType = e.ContentType, Body = e.Body, Asker = waiting, From = e.Asker?.Leg });
            }
            else
            {
                Call.End(488, "the offer was not answered");
            }
        }
    }

    /// <summary>Our turn to refresh the session (RFC 4028 §7.4): by UPDATE, or by an INVITE that offers what is agreed already.</summary>
    public void RefreshSession()
    {
        if (state != LegState.Confirmed)
        {
            return;
        }

        CallEvent refresh = new() { Kind = CallEventKind.Offer, Method = session.PartyTakesUpdate ? SipMethod.Update : SipMethod.Invite };
        if (session.PartyTakesUpdate)
        {
            Ask(refresh, SipMethod.Update, offers: false);
        }
        else if (outgoing is not null || incoming is { IsOver: false } || session.Sent.Length == 0 || !exchange.CanOffer)
        {
            session.TryAgain(0, null);
        }
        else
        {
            SendReinvite(refresh.WithSession(session.Sent));
        }
    }

    private void SendAck(OutgoingInvite invite, ReadOnlySpan<byte> contentType, ReadOnlySpan<byte> body)
    {
        RestoreWay();
        CallEvent ack = new() { Kind = CallEventKind.Acknowledge, ContentType = contentType, Body = body, From = invite.Asker?.Leg };
        invite.Acknowledge(writer.Ack(Dialog!, invite.CSeq, ack, Authentication));
    }

    private void SendBye(in CallEvent e)
    {
        state = LegState.Ending;
        incoming?.StopRepeating();
        SettlePending();
        SendWithin(e.WithBody(default), SipMethod.Bye, new OutgoingRequest(this, SipMethod.Bye, null));
    }

    // What the end of the call overtakes: an offer of the party is refused, one of ours is taken back, and an answer that
    // waits for its ACK gets one.
    private void SettlePending()
    {
        settling?.Stop();
        session.Stop();
        referral?.Stop();
        ReleasePostponed(487);
        RefusePending();
        if (incoming is { IsAnswered: false, IsInitial: false })
        {
            incoming.Refuse(487); // 15.1.2
        }

        if (outgoing is { IsAnswered: false })
        {
            outgoing.Cancel(default);
        }
        else if (outgoing is { IsAcknowledged: false } && Dialog is not null)
        {
            SendAck(outgoing, default, default);
        }

        outgoing = null;
    }
}

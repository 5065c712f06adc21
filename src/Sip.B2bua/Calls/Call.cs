using System.Text;
using Sip.B2bua.Modules;
using Sip.Messages;

namespace Sip.B2bua.Calls;

/// <summary>
/// Two legs; it passes events between them and nothing else.
/// <code>
///   leg A  --Try-->       Call --Try-->        Fork --> candidates of leg B, one for each target
///   leg A  &lt;--Progress--  Call &lt;--Progress--   any of them
///   leg A  &lt;--Answer----  Call &lt;--Answer----   the first; the others are cancelled
///   leg A  --Offer/Message/Transfer/End--> Call --> leg B, and the same in the other direction
/// </code>
/// Every offer and answer that crosses is shown to the modules on the way (<see cref="SessionCrossing"/>).
/// </summary>
internal sealed partial class Call : ICall, ITimerOwner
{
    private readonly CallCore core;
    private LoopTimer? maxDuration;
    private List<(SipModule Module, object? State)>? states;
    private Fork? fork;
    private Transfer? transfer;
    private Leg? b;
    private Leg? early;
    private Leg? speaker;
    private int legs;
    private int openLegs;
    private bool ending;
    private Breadth breadth;
    private int firstBranch;

    public Call(CallCore core, PendingRequest request, string id)
    {
        this.core = core;
        Trail = request.Trail;
        Privacy = PrivacyHeader.Read(request.Request);
        Skipped = core.Modules.Skip(request.Request);
        Id = id;
        Course = new CallCourse(core.Time);
    }

    /// <inheritdoc/>
    public string Id { get; }

    /// <summary>Leg A; set right after the call is made. Once a transfer has changed the parties: the one that stayed.</summary>
    public Leg A { get; private set; } = null!;

    /// <summary>Leg B, once it has answered.</summary>
    public Leg? B => b ?? fork?.First;

    /// <inheritdoc/>
    ILeg ICall.A => A;

    /// <inheritdoc/>
    ILeg? ICall.B => B;

    /// <inheritdoc/>
    public bool IsAnswered => b is not null;

    /// <inheritdoc/>
    public DecisionTrail Trail { get; }

    /// <inheritdoc/>
    public EventLoop Loop => core.Loop.EventLoop;

    /// <summary>What the legs share: the stack's loop, the modules, the settings.</summary>
    public CallCore Core => core;

    /// <summary>The settings of calls.</summary>
    public CallOptions Options => core.Options;

    /// <summary>The modules whose filter was false for this call's INVITE.</summary>
    public SkippedModules Skipped { get; }

    /// <summary>What has become of the call so far.</summary>
    public CallCourse Course { get; }

    /// <summary>What the caller asks to be kept private.</summary>
    public PrivacyAsked Privacy { get; }

    /// <summary>Begins the call that an INVITE asks for (design: step 7).</summary>
    /// <param name="request">The INVITE, with the targets that the modules left.</param>
    public void Start(PendingRequest request)
    {
        A = new Leg(this, 0, request.Request, request.Flow, request.Peer);
        legs = 1;
        openLegs = 1;
        Course.Begin(A.Party, A.Called);
        if (!A.TryAccept(request.Keep()))
        {
            return;
        }

        if (Options.MaxCallDuration > TimeSpan.Zero)
        {
            maxDuration = new LoopTimer(this, 0);
            Loop.Timers.Set(maxDuration, (int)Math.Min(Options.MaxCallDuration.TotalMilliseconds, int.MaxValue));
        }

        Identity = request.Identity;
        IsCallerTrusted = request.IsTrusted;
        OwnRealm = request.OwnRealm;
        rules = request.Fork ?? ForkRules.Default;
        breadth = Breadth.Of(request.Request, request.Targets.Count + (rules.IsLate ? 1 : 0)); // a late phone may fork as well
        firstBranch = legs;
        fork = new Fork(this, A.Invite!, request.Targets, rules);
        core.Modules.OnCallBegun(this, request, Skipped);
        if (rules.IsForwarded)
        {
            TellForwarded();
        }

        fork.Start(A.Invite!.Expires);
    }

    /// <summary>Makes a leg to a target and calls it; null when it was dropped on the way.</summary>
    /// <param name="target">The target.</param>
    /// <param name="asker">Who wants to reach it, with the INVITE that says how.</param>
    /// <param name="refused">What that means for the caller, when it was dropped.</param>
    public Leg? TryStart(Target target, Asker asker, out (int Code, string Reason) refused)
    {
        refused = (480, "Target not reachable");
        Leg leg = new(this, legs++, target);
        openLegs++;
        CallEvent offer = new()
        {
            Kind = CallEventKind.Try,
            Method = SipMethod.Invite,
            Message = asker.Request,
            ContentType = asker.ContentType,
            Body = asker.Request.Body,
            Asker = asker,
        };
        if (core.Branches.Allow(this, Trail, target, SipMethod.Invite, Skipped, out IReadOnlyList<(string, string)> headers))
        {
            leg.AddedHeaders = headers;
            if (Cross(leg, OwnOffer.IsNeeded(leg, offer) ? OwnOffer.Begin(leg, offer) : offer, isEarly: false, asker.Leg))
            {
                return leg;
            }

            refused = (core.Session.RefusedCode, core.Session.RefusedReason);
        }

        leg.Drop();
        return null;
    }

    /// <summary>The Max-Breadth that the INVITE of a candidate of leg B carries (RFC 5393 5.3.3).</summary>
    public int BreadthFor(Leg leg) => breadth.Share(leg.Number - firstBranch);

    /// <summary>A leg tells something: it goes to the other leg.</summary>
    public void Deliver(Leg from, in CallEvent e)
    {
        if (e.Asker is OwnOffer own)
        {
            own.Tell(from, e); // who asked is the one in whose name the offer was made
            return;
        }

        bool answers = e.Kind == CallEventKind.Answer && e.Asker is IncomingInvite { IsInitial: true };
        bool refusesNoOffer = e.Kind == CallEventKind.Fail && e.Asker is IncomingRequest { Invite: null, IsExchanging: false }; // an INFO, say, while an offer waits
        if (!answers && !refusesNoOffer)
        {
            core.Modules.OnCallEvent(this, from, e.Kind, Skipped);
        }

        if (e.Kind is CallEventKind.Progress or CallEventKind.Answer or CallEventKind.Fail && e.Asker!.TryTake(from, e))
        {
            return;
        }

        switch (e.Kind)
        {
            case CallEventKind.Progress:
                OnProgress(from, e);
                break;
            case CallEventKind.Answer when answers:
                OnAnswered(from, e);
                break;
            case CallEventKind.Fail when e.Asker is IncomingInvite { IsInitial: true }:
                OnTargetFailed(from, e);
                break;
            case CallEventKind.Answer:
            case CallEventKind.Fail:
                CrossOrFail(e.Asker!.Leg, e, from, isEarly: b is null);
                break;
            case CallEventKind.End:
                OnEnded(from, e);
                break;
            case CallEventKind.Try:
            case CallEventKind.Offer:
            case CallEventKind.Acknowledge:
            case CallEventKind.Message:
            case CallEventKind.Transfer:
            default:
                OnAsked(from, e);
                break;
        }
    }

    /// <summary>A leg is over and has nothing more to say or hear.</summary>
    public void OnLegOver(Leg leg)
    {
        if (!leg.HasLeft)
        {
            core.Modules.OnLegEnded(this, leg, Skipped);
        }

        LoseTaken(leg);
        transfer?.OnLegOver(leg);
        Release();
    }

    /// <summary>The call lasts at least until <see cref="Release"/>, though it may have no leg left: somebody brings it one.</summary>
    public void Hold() => openLegs++;

    /// <summary>Ends what <see cref="Hold"/> began. When nothing is left the call is over.</summary>
    public void Release()
    {
        if (--openLegs > 0)
        {
            return;
        }

        if (maxDuration is not null)
        {
            Loop.Timers.Cancel(maxDuration);
        }

        Course.Close();
        core.Calls.Remove(this);
        core.Modules.OnCallEnded(this, Skipped);
        core.Report(this);
    }

    /// <summary>
    /// Something that a party has asked was refused, perhaps before the other one heard of it: of the numbers of its sessions that one must
    /// not miss any (RFC 3264 8).
    /// </summary>
    public void OnRefused(Leg from) => (Other(from) ?? early)?.ContinueSession();

    /// <summary>An offer that the modules have seen is refused before the other party hears of it: to them, that one has refused it.</summary>
    public void TellRefused(Leg from)
    {
        if ((Other(from) ?? early) is { } other)
        {
            core.Modules.OnCallEvent(this, other, CallEventKind.Fail, Skipped);
        }
    }

    /// <summary>A party takes its own offer back: the other leg stops making it.</summary>
    public void CancelOffer(Leg from) => Other(from)?.CancelOffer();

    /// <inheritdoc/>
    public void End(int code, string reason)
    {
        if (ending)
        {
            return;
        }

        ending = true;
        Trail.Add("End", "{0}", reason);
        Course.End("server", reason);
        byte[] phrase = Encoding.UTF8.GetBytes(reason);
        fork?.Abandon(default);
        transfer?.Abandon(default);
        A.End(new CallEvent { Kind = CallEventKind.End, Code = code, Reason = phrase });
        b?.End(new CallEvent { Kind = CallEventKind.End, Code = code, Reason = phrase });
    }

    /// <inheritdoc/>
    public CallRecord ToRecord() => Course.ToRecord(Id, Trail);

    /// <inheritdoc/>
    public object? GetState(SipModule module)
    {
        for (int i = 0; i < (states?.Count ?? 0); i++)
        {
            if (ReferenceEquals(states![i].Module, module))
            {
                return states[i].State;
            }
        }

        return null;
    }

    /// <inheritdoc/>
    public void SetState(SipModule module, object? state)
    {
        states ??= new(1);
        for (int i = 0; i < states.Count; i++)
        {
            if (ReferenceEquals(states[i].Module, module))
            {
                states[i] = (module, state);
                return;
            }
        }

        states.Add((module, state));
    }

    /// <inheritdoc/>
    public void OnTimer(LoopTimer timer) => End(480, "maximum call duration reached");

    // The leg that hears what `from` says: B for A, A for B and, before the answer, for every candidate of B. Nobody hears who has left.
    private Leg? Other(Leg from) => ReferenceEquals(from, A) ? b : b is null || ReferenceEquals(from, b) ? A : null;

    private void OnProgress(Leg from, in CallEvent e)
    {
        if (b is null && !ending)
        {
            Course.Ring(e.Code);
            from.IsRinging |= e.Code >= 180;
            if (e.HasSession && !ReferenceEquals(speaker ??= from, from))
            {
                A.ContinueSession(); // RFC 3264 8: in one dialog the caller hears of one session, whichever target has it
            }

            // RFC 3261 13.2.1: the caller has an answer for certain; what others say in the same dialog is none.
            bool isOther = e.HasSession && A.HasSession && !IsEarly(from);
            CrossOrFail(A, isOther ? e.WithBody(default) : e, from, isEarly: true);
            if (e.News is { IsTaken: true } && !isOther)
            {
                early ??= from;
            }
        }
    }

    /// <summary>Whether there is one target only, so that nothing which another one says must be told apart from what it says.</summary>
    public bool HasOneTarget => fork is { IsSingle: true };

    /// <summary>Whether the caller has a session with this target before it answers: it has acknowledged the offer or answer in its news.</summary>
    public bool HasEarlySession(Leg leg) => IsEarly(leg) && A.HasSession;

    /// <summary>Whether it is this target whose session the caller has heard of, in news that it is to acknowledge.</summary>
    public bool IsEarly(Leg leg) => ReferenceEquals(leg, early);

    private void OnAnswered(Leg from, in CallEvent e)
    {
        if (b is not null || ending)
        {
            from.End(new CallEvent { Kind = CallEventKind.End, Code = 487 }); // two answered at once, or the caller is gone
            return;
        }

        b = from;
        core.Modules.OnCallEvent(this, from, e.Kind, Skipped); // they see a call that is answered, unlike one that changes before
        fork!.OnAnswered(from);
        fork = null; // an answered call does without
        if (e.Asker!.Invite is { Made: { } made } invite && !made.WentTo(from))
        {
            invite.Made = null; // the caller's ACK answers this target's offer
        }

        Course.Answer(from.Party);
        Trail.Add("Answer", "{0} from {1}", e.Code, from.Party);
        if (!Cross(A, e, isEarly: false, from))
        {
            End(488, "the answer was refused by a module");
        }

        early = null; // who is not one of the two any more talks to nobody
    }

    private void OnTargetFailed(Leg from, in CallEvent e)
    {
        string reason = Encoding.UTF8.GetString(e.Reason);
        int given = e.Message?.StatusCode ?? e.Code;
        Trail.Add("Fail", "{0} from {1}", given + (reason.Length > 0 ? " " + reason : ""), from.Party);
        early = ReferenceEquals(early, from) ? null : early;
        if (e.Asker!.Invite is { Made: { } made } invite && made.WentTo(from))
        {
            invite.Made = null;
        }

        bool challenge = given is 401 or 407 && e.Message is { } response && MayPassChallenge(from) && ForeignCredentials.AreAskedBy(response, core.LocalDomains, OwnRealm);
        fork?.OnFailed(from, challenge ? given : e.Code, reason, e.Message);
    }

    private void OnAsked(Leg from, in CallEvent e)
    {
        if (TryTakeAnswer(from, e) || (e.Kind == CallEventKind.Acknowledge && (e.Asker?.Invite ?? from.Invite)?.Made?.TryTakeAnswer(from, e) == true))
        {
            return;
        }

        if (e.Kind == CallEventKind.Offer && transfer is { IsConnecting: true })
        {
            e.Asker?.Refuse(491); // 14.1: who is whose partner is just being changed
            return;
        }

        if ((e.News?.Leg ?? Other(from) ?? (e.Kind == CallEventKind.Offer ? early : null)) is { } other)
        {
            if (b is null && e is { Kind: CallEventKind.Offer, News: null } && !ReferenceEquals(other == A ? from : other, early))
            {
                e.Asker?.Refuse(491); // the caller has no session with this target, or has one with another
                return;
            }

            if (e is not { Kind: CallEventKind.Message, Asker: IncomingRequest message } || core.Message.Pass(this, from, other, message))
            {
                CrossOrFail(other, e, from, isEarly: b is null);
            }
        }
        else
        {
            // Nobody is there yet to hear it: early requests of leg A, RFC 3261 §21.4.19.
            e.Asker?.Refuse(e.Kind == CallEventKind.Offer ? 491 : 480, "No answer yet"u8);
        }
    }

    private void OnEnded(Leg from, in CallEvent e)
    {
        if (TakenFork(from)?.TryRelease(from) == true)
        {
            return; // the phones ring on
        }

        if (ending || transfer?.TryTakeEnd(from) == true || (b is not null && !IsParty(from)))
        {
            return;
        }

        ending = true;
        bool caller = ReferenceEquals(from, A);
        Course.End(caller ? "caller" : "callee", b is null ? "cancelled" : "hung up");
        Trail.Add("End", b is null ? "{0} gave up" : "{0} hung up", caller ? "caller" : "callee");
        fork?.Abandon(e.Reason);
        transfer?.Abandon(e.Reason);
        Other(from)?.End(e);
    }

    private void CrossOrFail(Leg to, in CallEvent e, Leg? from = null, bool isEarly = false)
    {
        from ??= Other(to)!;
        if (Cross(to, e, isEarly, from))
        {
            return;
        }

        if (e.Kind == CallEventKind.Answer)
        {
            e.Asker!.Refuse(488, "The answer was refused"u8);
        }
        else if (e.Kind == CallEventKind.Acknowledge)
        {
            End(488, "the answer was refused by a module"); // it came too late to refuse anything else
        }
    }

    // Shows an offer or answer to the modules and hands the event to its leg; false: a module refused it.
    private bool Cross(Leg to, in CallEvent e, bool isEarly, Leg? from = null)
    {
        if (!e.HasSession)
        {
            to.Receive(e);
            return true;
        }

        SessionCrossing crossing = core.Session;
        if (!crossing.Pass(this, from ?? Other(to) ?? A, to, e, isEarly))
        {
            Trail.Add("Session", "refused: {0} {1}", crossing.RefusedCode, crossing.RefusedReason);
            if (e.Kind is CallEventKind.Offer && e.Asker is not null)
            {
                e.Asker.Refuse(crossing.RefusedCode, Encoding.UTF8.GetBytes(crossing.RefusedReason));
            }

            crossing.Clear();
            return false;
        }

        (from ?? Other(to))?.KeepHeard(e.Session, offers: e is { Kind: CallEventKind.Offer, Asker: IncomingRequest });
        to.Receive(e.WithBody(crossing.BodyOf(e)));
        crossing.Clear();
        return true;
    }
}

using System.Text;
using Sip.Messages;

namespace Sip.B2bua.Calls;

/// <summary>
/// A transfer that the server makes (RFC 3515, RFC 5589), from the REFER to the transferor's BYE.
/// <code>
///   transferor  --REFER-->          202, NOTIFY 100
///   modules                         find targets, as for any call; a failure is told to the transferor
///   new party   &lt;--INVITE--         the session of the party that stays; meanwhile its call goes on (NOTIFY 180)
///   new party   --200-->            what it says is offered to
///   the one that stays  &lt;--INVITE-- and its answer, if the new party must know of it, to the new party
///   transferor  &lt;--NOTIFY 200--     and a BYE, if it does not hang up by itself
/// </code>
/// With Replaces (attended) the new party is not called: it is taken out of the call that it has with the transferor, on whichever
/// loop that lives. As long as the parties are not joined any failure leaves the call as it was.
/// </summary>
internal sealed partial class Transfer : ITimerOwner
{
    private const int Grace = 0;
    private const int OfferAgain = 1;
    private const int MostTries = 6;
    private const int LongestWait = 10_000;

    // A phone hangs up when it is told that the transfer has succeeded; one that does not is hung up.
    private const int GraceMilliseconds = 4000;

    private readonly Call call;
    private readonly CallCore core;
    private readonly Leg transferor;
    private readonly Leg staying;
    private readonly ReferTo? to;
    private readonly LoopTimer grace;
    private readonly LoopTimer again;
    private ReferSubscription? news;
    private TransferRequest? request;
    private SipMessage? invite;
    private Fork? fork;
    private IncomingInvite? replacing;
    private Leg? joined;
    private byte[] answer = [];
    private TransferState state;
    private int tries;
    private int failed;

    public Transfer(Call call, Leg transferor, Leg staying, ReferTo? to = null)
    {
        this.call = call;
        core = call.Core;
        this.transferor = transferor;
        this.staying = staying;
        this.to = to;
        grace = new LoopTimer(this, Grace);
        again = new LoopTimer(this, OfferAgain);
    }

    /// <summary>Whether it is still to be seen what becomes of it.</summary>
    public bool IsPending => state < TransferState.Done;

    /// <summary>Whether the parties are just being told of each other, so that none of them can change its session with another one.</summary>
    public bool IsConnecting => state is TransferState.Joining or TransferState.Settling or TransferState.Restoring;

    /// <summary>The INVITE to the new party; none when that is taken from another call.</summary>
    public SipMessage Invite => invite!;

    /// <summary>The INVITE that has begun it by taking somebody's place; null: a REFER has.</summary>
    public IncomingInvite? Replacing => replacing;

    /// <summary>The call that it belongs to.</summary>
    public Call Call => call;

    /// <summary>How it has found its targets; null when it did not look for any.</summary>
    public TransferRequest? Request => request;

    /// <summary>What is known of who wants it.</summary>
    public ProvenSender Sender => call.Known(transferor);

    /// <summary>The targets that are called; null while there are none.</summary>
    public Fork? Fork => IsPending ? fork : null;

    /// <summary>Accepts the REFER and begins.</summary>
    public void Start(IncomingRequest refer)
    {
        // RFC 4488 4: who wants no NOTIFY is told by Refer-Sub: false in a 200 that it will get none.
        bool silent = ReferTo.WantsSilence(refer.Request);
        ReferTo wanted = to!;
        if (refer is not OutsideRefer)
        {
            transferor.Dialog!.UpdateTarget(refer.Request);
        }

        call.Trail.Add("Transfer", "{0} sends the other party to {1}", transferor.Party, Encoding.UTF8.GetString(wanted.Uri));
        news = silent ? null : transferor.Subscribe(refer, (int)call.Options.RingTimeout.TotalSeconds + 30);
        refer.Refuse(silent ? 200 : 202);
        news?.Tell(100);
        if (staying.Heard.IsEmpty)
        {
            Fail(488, "the party that stays has no session");
        }
        else if (!TryAsk())
        {
            Route(wanted.Uri);
        }
    }

    /// <summary>Begins where no REFER has asked for it: an INVITE takes the transferor's place (RFC 3891 §3).</summary>
    /// <param name="newcomer">The leg of that INVITE.</param>
    public void Replace(Leg newcomer)
    {
        joined = newcomer;
        replacing = newcomer.Invite;
        answer = replacing!.HasOffer ? SessionBody.Find(replacing.Request).ToArray() : [];
        OfferToStaying();
    }

    /// <summary>A party has answered a question of this transfer.</summary>
    public void OnAnswer(TransferStep step, Leg from, in CallEvent e)
    {
        switch (step.Question)
        {
            case TransferQuestion.Call when e.Kind == CallEventKind.Progress:
                news?.Tell(e.Code);
                break;
            case TransferQuestion.Call when e.Kind == CallEventKind.Answer:
                OnNewParty(from, e);
                break;
            case TransferQuestion.Call when fork is not null:
                fork.OnFailed(from, e.Code, Encoding.UTF8.GetString(e.Reason), e.Message);
                break;
            case TransferQuestion.Call or TransferQuestion.Join when e.Kind == CallEventKind.Fail && IsPending:
                OnRefusedOffer(step.Question, e);
                break;
            case TransferQuestion.Join when e.Kind == CallEventKind.Answer && IsPending:
                OnJoined(e);
                break;
            case TransferQuestion.Restore when e.Kind == CallEventKind.Answer:
                call.Show(staying, transferor, e, out _);
                Fail(failed, "the session before holds again");
                break;
            case TransferQuestion.Restore when e.Kind == CallEventKind.Fail && IsPending:
                OnRefusedOffer(step.Question, e);
                break;
            case TransferQuestion.Settle when e.Kind == CallEventKind.Answer && state == TransferState.Settling:
                OnSettled(e);
                break;
            case TransferQuestion.Settle when e.Kind == CallEventKind.Fail && state == TransferState.Settling:
                OnRefusedOffer(step.Question, e);
                break;
            default:
                break;
        }
    }

    /// <summary>Whether a target is the party that stays, which is not called by itself.</summary>
    public bool IsSelf(Target target) => IsSelf(target.AddressOfRecord ?? AddressIn(target.Uri));

    /// <summary>Nobody at the target has answered, and the modules name others.</summary>
    public void Divert(TransferStep step, List<Target> targets)
    {
        if (IsPending)
        {
            request!.Targets.Clear();
            request.Targets.AddRange(targets);
            fork = call.MakeFork(step, request);
            fork.Start(-1);
        }
    }

    /// <summary>Nobody at the target has answered.</summary>
    public void OnForkFailed(BestResponse best)
    {
        best.Clear();
        Fail(best.Code, best.Reason);
    }

    /// <summary>The leg that a Replaces names, or why there is none.</summary>
    public void OnReplaced(ReplacedLeg replaced)
    {
        Leg? taken = replaced.Given is { } given ? call.Take(given) : null;
        if (!IsPending || call.IsEnding)
        {
            taken?.End(new CallEvent { Kind = CallEventKind.End });
        }
        else if (taken is not null)
        {
            joined = taken;
            joined.ContinueSession();
            OfferToJoined();
        }
        else if (replaced.Outcome == ReplacedOutcome.Ringing)
        {
            // RFC 5589 7.3: who transfers before the answer makes a transfer without consultation; here the ringing begins anew.
            call.Trail.Add("Transfer", "the other call was still ringing: it is called anew");
            Route(replaced.Called);
        }
        else if (replaced.Outcome == ReplacedOutcome.Busy && tries++ < MostTries)
        {
            core.Loop.EventLoop.Timers.Set(again, 500);
        }
        else
        {
            Fail((int)replaced.Outcome, "the call to be replaced");
        }

        call.Release();
    }

    /// <summary>A leg hangs up; true when that is all that comes of it.</summary>
    public bool TryTakeEnd(Leg leg)
    {
        if (ReferenceEquals(leg, transferor) && !call.IsParty(leg))
        {
            return true;
        }

        if (!IsPending)
        {
            return false;
        }

        if (ReferenceEquals(leg, transferor))
        {
            // It does not wait for the outcome. The party that stays does.
            call.Trail.Add("Transfer", "the transferor has hung up before the outcome");
            news?.OnLegGone();
            call.PartWith(leg);
            return true;
        }

        if (ReferenceEquals(leg, joined))
        {
            joined = null;
            if (state == TransferState.Settling)
            {
                RollBack(487);
                return true;
            }

            staying.CancelOffer();
            Fail(487, "the new party has hung up");
            return true;
        }

        return false;
    }

    /// <summary>A leg is over.</summary>
    public void OnLegOver(Leg leg)
    {
        if (ReferenceEquals(leg, transferor) && state == TransferState.Done)
        {
            End();
        }
    }

    /// <summary>The call ends, and with it whatever the transfer has begun.</summary>
    /// <param name="reason">The value of the CANCEL's Reason header, or empty.</param>
    public void Abandon(ReadOnlySpan<byte> reason)
    {
        if (IsPending)
        {
            GiveUp(reason);
            End();
            news?.OnCallGone();
        }
        else if (state == TransferState.Done)
        {
            End();
            transferor.End(new CallEvent { Kind = CallEventKind.End });
        }
    }

    /// <inheritdoc/>
    public void OnTimer(LoopTimer timer)
    {
        if (timer.Kind == Grace)
        {
            transferor.End(new CallEvent { Kind = CallEventKind.End });
        }
        else if (!IsPending)
        {
            return;
        }
        else if (state == TransferState.Restoring)
        {
            Restore();
        }
        else if (state == TransferState.Settling)
        {
            Settle();
        }
        else if (replacing is not null)
        {
            OfferToStaying();
        }
        else if (joined is null && answer.Length == 0)
        {
            TryAsk();
        }
        else if (answer.Length == 0)
        {
            OfferToJoined();
        }
        else
        {
            OfferToStaying();
        }
    }

    private bool TryAsk()
    {
        ReplacedLeg? wanted = to?.Replaces is { } replaces ? ReplacedLeg.Find(this, replaces, staying) : null;
        wanted?.Ask();
        return wanted is not null;
    }

    private async void Route(byte[] uri)
    {
        try
        {
            invite = TransferRequest.MakeInvite(core, uri, to!.Headers, staying, transferor, TransferredSession.ToOffer(staying.Heard));
            if (invite is null)
            {
                Fail(400, "Refer-To makes no request");
                return;
            }

            request = new TransferRequest(core, transferor, invite);
            Verdict verdict = await core.Modules.RunAsync(request);
            if (IsPending)
            {
                Ring(verdict);
            }
        }
        catch (Exception fault)
        {
            // No exception leaves an async void: the transfer fails.
            core.Fault("transfer", fault);
            Fail(500, "Server error");
        }
    }

    private void Ring(Verdict verdict)
    {
        foreach (string decision in request!.Trail.Read())
        {
            call.Trail.Add("Transfer", "{0}", decision);
        }

        if (verdict == Verdict.Done || request.IsOver)
        {
            Fail(request.Code == 0 ? 603 : request.Code, request.Reason);
        }
        else if (request.Targets.Count == 0)
        {
            Fail(404, "no module knows a target");
        }
        else if (IsSelf(AddressIn(Encoding.UTF8.GetString(invite!.RequestUri))) || request.Targets.TrueForAll(IsSelf))
        {
            Fail(482, "the party that stays would call itself");
        }
        else
        {
            request.Targets.RemoveAll(IsSelf);
            fork = call.MakeFork(new TransferStep(this, TransferQuestion.Call, staying, null), request);
            fork.Start(-1);
        }
    }

    private bool IsSelf(string address) => address == AddressIn(staying.Party);

    // A party that we have called by its address-of-record is named by it already.
    private static string AddressIn(string party) => AddressOfRecord.TryRead(Encoding.UTF8.GetBytes(party), out string address) ? address : party;

    private void Fail(int code, string reason)
    {
        if (!IsPending)
        {
            return;
        }

        failed = code;
        if (state == TransferState.Joining && joined is null)
        {
            return; // the party that stays is being told of the one that has gone: its answer decides what is left to do
        }

        call.Trail.Add("Transfer", "failed: {0} {1}", code, reason);
        GiveUp(default);
        End();
        news?.Tell(code);
        if (transferor.HasLeft)
        {
            call.End(code, "the transfer failed and the transferor has gone");
        }
    }

    private void GiveUp(ReadOnlySpan<byte> reason)
    {
        request?.GiveUp();
        fork?.Abandon(reason);
        joined?.End(new CallEvent { Kind = CallEventKind.End, Code = failed });
    }

    private void End()
    {
        state = TransferState.Over;
        core.Loop.EventLoop.Timers.Cancel(grace);
        core.Loop.EventLoop.Timers.Cancel(again);
        invite?.Release();
        invite = null;
    }
}

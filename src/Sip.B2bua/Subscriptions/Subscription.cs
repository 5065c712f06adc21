using System.Text;
using Sip.B2bua.Calls;
using Sip.B2bua.Modules;
using Sip.Dialogs;
using Sip.Messages;
using Sip.Transactions;
using Sip.Transports;

namespace Sip.B2bua.Subscriptions;

/// <summary>
/// A subscription (RFC 6665), bridged: we are the notifier of the one who subscribes and the subscriber of the one who notifies, each
/// in a dialog of its own. SUBSCRIBE and its refreshes cross one way, NOTIFY the other; bodies cross untouched.
/// <code>
///   subscriber          us            notifier
///   SUBSCRIBE ------------> SUBSCRIBE ------->   to every target; the first 2xx or NOTIFY wins
///           &lt;------- 200 &lt;------------- 200
///           &lt;---- NOTIFY &lt;---------- NOTIFY     makes the dialog there (4.4.1); those of the others get 481, which ends them
/// </code>
/// A REFER outside any dialog is a SUBSCRIBE as well (RFC 3515 2.4.4), to the package "refer" at whoever accepts it.
/// It lives until a NOTIFY says terminated, either side is gone (481, no answer), or nobody refreshes it.
/// </summary>
internal sealed partial class Subscription : IDialogUser, IServerTransactionUser, ITimerOwner
{
    // RFC 3515 2.4.4: whoever accepts a REFER says how long; this is for one who does not.
    private const long ReferralSeconds = 300;

    private const int Expiry = 0;
    private const int NoNotify = 1;

    private readonly CallCore core;
    private readonly PendingRequest pending;
    private readonly ServerTransaction initial;
    private readonly SubscriptionSide subscriber;
    private readonly SubscriptionSide notifier;
    private readonly List<NotifierBranch> branches = new(1);
    private readonly SkippedModules skipped;
    private readonly LoopTimer expiry;
    private readonly LoopTimer noNotify;
    private readonly byte[] package;
    private readonly bool isReferral;
    private readonly string title;
    private readonly long began;
    private NotifierBranch? winner;
    private BestResponse best;
    private int open;
    private bool isOver;

    private Subscription(CallCore core, PendingRequest pending)
    {
        this.core = core;
        this.pending = pending;
        SipMessage request = pending.Request;
        Sender = ProvenSender.Of(pending);
        User = pending.Identity ?? pending.Flow.Remote.ToIPAddress().ToString();
        isReferral = request.Method == SipMethod.Refer;
        package = isReferral ? "refer"u8.ToArray() : request.First(HeaderId.Event).ToArray();
        title = $"{pending.Sender} -> {Encoding.UTF8.GetString(request.RequestUri)} {Encoding.UTF8.GetString(package)}";
        FirstCSeq = isReferral ? request.CSeqNumber : 1;
        skipped = core.Modules.Skip(request);
        subscriber = new SubscriptionSide(core, core.HeadersToCaller);
        notifier = new SubscriptionSide(core, core.HeadersToCallee);
        expiry = new LoopTimer(this, Expiry);
        noNotify = new LoopTimer(this, NoNotify);
        began = core.Loop.EventLoop.Now;
        initial = pending.Keep();
        initial.User = this;
    }

    /// <summary>Whose subscriptions are counted together: the proven identity, else the address that it came from.</summary>
    public string User { get; }

    /// <summary>SUBSCRIBE or REFER.</summary>
    public SipMethod Method => isReferral ? SipMethod.Refer : SipMethod.Subscribe;

    /// <summary>The number of the request that asks the notifier. RFC 3515 2.4.6: that of a REFER may be in its NOTIFYs, so it is the referrer's, as long as nobody asks for credentials.</summary>
    public uint FirstCSeq { get; }

    /// <summary>Who subscribes.</summary>
    public ProvenSender Sender { get; }

    /// <summary>True while nobody has accepted or everybody refused.</summary>
    public bool IsAsking => winner is null && !isOver;

    /// <summary>The SUBSCRIBE or REFER that asks for it; to be read only while <see cref="IsAsking"/>.</summary>
    public SipMessage Request => initial.Request;

    /// <summary>The flow that it came by.</summary>
    public ref readonly Flow Asker => ref pending.Flow;

    /// <summary>Asks each of the request's targets.</summary>
    public static void Start(CallCore core, PendingRequest pending)
    {
        Subscription subscription = new(core, pending);
        if (!core.Subscriptions.TryAdd(subscription))
        {
            pending.Trail.Add("Limit", "max-subscriptions or max-subscriptions-per-user reached");
            subscription.isOver = true;
            pending.Respond(503, "Too many subscriptions", static (ref SipWriter writer, object? _) => writer.Header(HeaderId.RetryAfter, 60));
            return;
        }

        subscription.Ask([.. pending.Targets]);
    }

    /// <summary>A target has answered the SUBSCRIBE, or never will.</summary>
    public void OnAnswered(NotifierBranch branch, int code, SipMessage? response)
    {
        if (response is not null)
        {
            core.Branches.OnResponse(null, branch.AskedTarget, response, skipped);
        }

        if (code is >= 200 and < 300)
        {
            OnAccepted(branch, code, response!);
            return;
        }

        branch.StopAwaiting();
        if (branch == winner && !isOver && response is not null)
        {
            End("deactivated"u8, "the notifier has refused after its first NOTIFY");
        }
        else if (IsAsking)
        {
            Refuse(code, response);
        }
    }

    /// <summary>The first NOTIFY of a target, or of somebody that it has forked the SUBSCRIBE to; perhaps before any answer (4.1.2.4).</summary>
    public void OnFirstNotify(NotifierBranch branch, ServerTransaction transaction)
    {
        SipMessage notify = transaction.Request;
        if (isOver || (winner is not null && winner != branch) || !IsOfPackage(notify, branch.CSeq))
        {
            transaction.Respond(481); // 4.4.1: it matches no SUBSCRIBE of ours
            return;
        }

        if (IsAsking)
        {
            Win(branch);
            SubscriptionState state = SubscriptionState.Of(notify);
            Accept(isReferral ? 202 : 200, null, state.IsTerminated ? 0 : state.Expires);
        }

        branch.StopAwaiting();
        core.Loop.EventLoop.Timers.Cancel(noNotify);
        notifier.GoBy(transaction.Flow, SipsRule.AppliesTo(branch.AskedTarget));
        notifier.Open(Dialog.FromNotify(notify, transaction.Flow, notifier.Contact, branch.CSeq, branch));
        Notify(transaction);
    }

    /// <summary>The server goes down: both sides are told, and the subscriber when to come back.</summary>
    public void ShutDown()
    {
        if (isOver)
        {
            return;
        }

        if (winner is null)
        {
            initial.Respond(503);
        }
        else if (notifier.Dialog is not null)
        {
            notifier.Send(SipMethod.Subscribe, Unanswered.Instance, package, HeaderId.Expires, "0"u8);
        }

        End("probation;retry-after=30"u8, "the server is shutting down");
    }

    /// <inheritdoc/>
    public void OnTimer(LoopTimer timer)
    {
        if (timer.Kind == Expiry)
        {
            End("timeout"u8, "nobody has refreshed it");
        }
        else
        {
            // 4.1.2.2, 4.1.2.4, Timer N: no NOTIFY although the SUBSCRIBE was accepted: there is no subscription.
            End(notifier.Dialog is null ? "probation;retry-after=60"u8 : "deactivated"u8, "the notifier has sent no NOTIFY");
        }
    }

    /// <inheritdoc/>
    public void OnAck(Dialog dialog, SipMessage ack, in Transports.Flow flow)
    {
    }

    /// <inheritdoc/>
    public void OnCancel(ServerTransaction t, SipMessage cancel)
    {
        // 9.2: only an INVITE can be cancelled.
    }

    /// <inheritdoc/>
    public void OnFailed(ServerTransaction t, TransactionFailure why)
    {
        // Whoever cannot be answered will not answer the NOTIFY either.
    }

    /// <inheritdoc/>
    public void OnTerminated(ServerTransaction t)
    {
    }

    // 4.4.1: whoever is second gets 481 to its NOTIFY: one subscription here is one there.
    private void Ask(Target[] targets)
    {
        open = targets.Length;
        Breadth breadth = Breadth.Of(pending.Request, open);
        for (int i = 0; i < targets.Length; i++)
        {
            Target target = targets[i];
            if (!IsAsking)
            {
                return;
            }

            if (!core.Branches.Allow(null, pending.Trail, target, Method, skipped, out IReadOnlyList<(string, string)> headers))
            {
                Refuse(480, null);
                continue;
            }

            NotifierBranch branch = new(core, this, target, breadth.Share(i), headers);
            branches.Add(branch);
            Ask(branch);
        }
    }

    private async void Ask(NotifierBranch branch)
    {
        try
        {
            await branch.StartAsync();
        }
        catch (Exception e)
        {
            // No exception leaves an async void: this target counts as failed.
            core.Fault("subscription", e);
            OnAnswered(branch, 500, null);
        }
    }

    private void OnAccepted(NotifierBranch branch, int code, SipMessage response)
    {
        if (IsAsking)
        {
            Win(branch);
            Accept(code, response, SubscriptionState.ReadSeconds(response.First(HeaderId.Expires)));
            core.Loop.EventLoop.Timers.Set(noNotify, 64 * core.Loop.Timers.T1);
            if (isReferral && ReferTo.WantsSilence(response))
            {
                Over(code, "without NOTIFYs"); // RFC 4488 4: the referrer did not want any
            }
        }
        else if (branch != winner)
        {
            pending.Trail.Add("Subscription", "{0} has accepted too late; its NOTIFY gets 481", branch.AskedTarget);
        }
    }

    private void Win(NotifierBranch branch)
    {
        winner = branch;
        best.Clear();
        foreach (NotifierBranch other in branches)
        {
            if (other != branch)
            {
                other.StopAwaiting();
            }
        }

        pending.Trail.Add("Subscription", "{0} is the notifier", branch.AskedTarget);
    }

    // The subscriber gets its 2xx, and with it a dialog.
    private void Accept(int code, SipMessage? response, long granted)
    {
        SipMessage request = initial.Request;
        long asked = SubscriptionState.ReadSeconds(request.First(HeaderId.Expires));
        granted = granted < 0 ? asked : asked < 0 ? granted : Math.Min(granted, asked); // 4.2.1.1: never longer than asked for
        granted = isReferral && granted < 0 ? ReferralSeconds : granted;
        subscriber.GoBy(initial.Flow, SipsRule.AppliesToAnswer(request));
        Dialog dialog = Dialog.FromRequest(request, initial.Flow, initial.LocalTag, subscriber.Contact, this);
        dialog.Confirm();
        subscriber.Open(dialog);
        Lasts(granted);
        initial.Respond(WriteAccepted(initial, code, response, granted), code);
    }

    private void Refuse(int code, SipMessage? response)
    {
        open--;
        best.Add(
            response is null && code == 503 ? 480 : code,
            response is null ? $"No target has answered the {(isReferral ? "REFER" : "SUBSCRIBE")}" : Encoding.UTF8.GetString(response.ReasonPhrase),
            response);
        if (open > 0 && code < 600)
        {
            return;
        }

        int answer = CallCore.CodeForCaller(best.Code);
        initial.Respond(core.WriteBridgedResponse(initial, answer, best.Reason, best.Message), answer);
        Over(answer, best.Reason);
        best.Clear();
    }

    // The time from which nobody can believe in it any more: the notifier should have said so before.
    private void Lasts(long seconds)
    {
        if (seconds >= 0)
        {
            core.Loop.EventLoop.Timers.Set(expiry, (int)Math.Min((seconds * 1000) + (64 * core.Loop.Timers.T1), int.MaxValue));
        }
    }

    // We end it ourselves; the notifier learns by the 481 to its next NOTIFY.
    private void End(ReadOnlySpan<byte> state, string why)
    {
        if (isOver)
        {
            return;
        }

        if (subscriber.Dialog is not null)
        {
            byte[] value = [.. "terminated;reason="u8, .. state];
            subscriber.Send(SipMethod.Notify, Unanswered.Instance, package, HeaderId.SubscriptionState, value);
        }

        Over(winner is null ? 503 : 200, why);
    }

    private void Over(int code, string why)
    {
        if (isOver)
        {
            return;
        }

        isOver = true;
        core.Loop.EventLoop.Timers.Cancel(expiry);
        core.Loop.EventLoop.Timers.Cancel(noNotify);
        foreach (NotifierBranch branch in branches)
        {
            branch.StopAwaiting();
        }

        subscriber.Close();
        notifier.Close();
        core.Subscriptions.Remove(this);
        core.ReportSubscription(title, code, why, (core.Loop.EventLoop.Now - began) / 1000, pending.Trail);
    }

    // 8.2.1: the package is compared octet by octet, and so is its id.
    private bool IsOfPackage(SipMessage notify, uint asked) =>
        EventPackage.TryRead(notify.First(HeaderId.Event), out ReadOnlySpan<byte> name, out ReadOnlySpan<byte> id)
        && EventPackage.TryRead(package, out ReadOnlySpan<byte> ownName, out ReadOnlySpan<byte> ownId)
        && name.SequenceEqual(ownName)
        && (id.SequenceEqual(ownId) || (isReferral && SipChars.TryParseUInt(id, out uint number) && number == asked));
}

using System.Text;
using Sip.B2bua.Calls;
using Sip.B2bua.Modules;
using Sip.Messages;
using Sip.Transactions;

namespace Sip.B2bua.Keeping;

/// <summary>
/// A MESSAGE (RFC 3428) for each device of a user, those that are not there included. The first 2xx goes back; without one the sender
/// gets 202 when all have answered, or after a while, and the message is kept for the devices that have not been reached, or, where
/// nobody is there, for those that come.
/// </summary>
internal sealed class MessageRequest : IServerTransactionUser, ITimerOwner
{
    private const int Normal = 2;

    private readonly CallCore core;
    private readonly PendingRequest pending;
    private readonly LateDelivery late;
    private readonly SipMessage message;
    private readonly ServerTransaction transaction;
    private readonly SkippedModules skipped;
    private readonly ProvenSender sender;
    private readonly Breadth breadth;
    private readonly LoopTimer acceptTimer;
    private readonly DateTimeOffset arrived;
    private readonly List<Target> waiting;
    private readonly List<Binding> unreached = [];
    private readonly List<string> had = [];
    private Task<bool>? keeping;
    private KeptMessage? kept;
    private bool answered;

    private MessageRequest(CallCore core, PendingRequest pending, LateDelivery late)
    {
        this.core = core;
        this.pending = pending;
        this.late = late;
        message = pending.Request;
        sender = ProvenSender.Of(pending);
        arrived = core.Time.GetUtcNow();
        message.Retain(); // devices may be tried long after the sender has its answer
        waiting = [.. pending.Targets];
        breadth = Breadth.Of(message, waiting.Count);
        skipped = core.Modules.Skip(message);
        acceptTimer = new LoopTimer(this, 0);
        transaction = pending.Keep();
        transaction.User = this;
    }

    /// <summary>Carries the message to each device that is there.</summary>
    public static void Start(CallCore core, PendingRequest pending, LateDelivery late)
    {
        MessageRequest request = new(core, pending, late);
        Target[] targets = [.. request.waiting];
        if (targets.Length == 0)
        {
            request.Finish();
            return;
        }

        core.Loop.EventLoop.Timers.Set(request.acceptTimer, (int)late.AcceptTimeout.TotalMilliseconds);
        for (int i = 0; i < targets.Length; i++)
        {
            request.Try(targets[i], i);
        }
    }

    /// <summary>The sender has waited long enough.</summary>
    public void OnTimer(LoopTimer timer)
    {
        if (!answered && keeping is null)
        {
            pending.Trail.Add("Message", "{0} devices have not answered yet", waiting.Count);
            Keep();
        }
    }

    /// <inheritdoc/>
    public void OnCancel(ServerTransaction t, SipMessage cancel)
    {
        // 9.2: only an INVITE can be cancelled.
    }

    /// <inheritdoc/>
    public void OnFailed(ServerTransaction t, TransactionFailure why) => answered = true;

    /// <inheritdoc/>
    public void OnTerminated(ServerTransaction t) => answered = true;

    private async void Try(Target target, int number)
    {
        try
        {
            // Messages for one device come one after the other; what is urgent does not wait for what is kept.
            if (target.Binding is { } device && core.Mailboxes!.TurnOf(late.AddressOfRecord, device.Device) is { } turn && KeptContent.UrgencyOf(message) >= Normal)
            {
                await Mailboxes.WaitAsync(turn, core.Mailboxes.Retention, core.Time);
                if (keeping is not null && !await IsKeptAsync())
                {
                    LeaveOut(target);
                    return;
                }
            }

            if (core.Branches.Allow(null, pending.Trail, target, SipMethod.Message, skipped, out IReadOnlyList<(string, string)> headers))
            {
                await new Branch(this, target, breadth.Share(number), headers).StartAsync();
            }
            else
            {
                OnFinal(target, 480, null);
            }
        }
        catch (Exception e)
        {
            // No exception leaves an async void: this device counts as not reached.
            core.Fault("message", e);
            OnFinal(target, 503, null);
        }
    }

    private async Task<bool> IsKeptAsync()
    {
        try
        {
            return await keeping!;
        }
        catch (Exception)
        {
            return false; // AnswerKept tells of it
        }
    }

    // The sender was told that it does not get there: it may send it again.
    private void LeaveOut(Target target)
    {
        pending.Trail.Add("Message", "{0} is left out: the message could not be kept while it waited", target);
        waiting.Remove(target);
        if (waiting.Count == 0)
        {
            Finish();
        }
    }

    private void OnFinal(Target target, int code, SipMessage? response)
    {
        waiting.Remove(target);
        if (code is >= 200 and < 300)
        {
            Answer(code, Encoding.UTF8.GetString(response!.ReasonPhrase), response);
        }
        else
        {
            pending.Trail.Add("Message", "{0} has answered {1}", target, code);
        }

        // A device that refuses has had it, too: it will not think better of it.
        if (target.Binding is { } device)
        {
            bool hadIt = !Mailbox.IsUnreached(code);
            if (keeping is not null)
            {
                EndUnderWay(device, hadIt);
            }
            else if (hadIt)
            {
                had.Add(device.Device);
            }
            else
            {
                unreached.Add(device);
            }
        }

        if (waiting.Count == 0)
        {
            Finish();
        }
    }

    // Every device that is there has answered, or never will.
    private void Finish()
    {
        core.Loop.EventLoop.Timers.Cancel(acceptTimer);
        bool nobodyWasThere = pending.Targets.Count == 0;
        if (keeping is null && (nobodyWasThere || unreached.Count > 0))
        {
            Keep();
        }
        else if (keeping is null)
        {
            // What a device refuses is delivered as far as anybody can tell; the sender learns no more than that it was taken.
            Answer(202, "Accepted", null);
        }

        message.Release();
    }

    private void Keep()
    {
        keeping = KeepAsync();
        AnswerKept();
    }

    // Up to its first await it runs at once, while the message is at hand.
    private async Task<bool> KeepAsync()
    {
        Binding[] tried = [.. unreached];
        Binding[] underWay = [.. waiting.Select(target => target.Binding).OfType<Binding>()];
        byte[] content = KeptContent.Write(core, message, sender, arrived);
        if (content.Length > late.MaxSize)
        {
            pending.Trail.Add("Message", "not kept: {0} octets are more than {1}", content.Length, late.MaxSize);
            return false;
        }

        Span<byte> id = stackalloc byte[LoopIds.CallIdLength];
        core.Ids.NewCallId(id);
        kept = new KeptMessage
        {
            Id = Encoding.ASCII.GetString(id),
            AddressOfRecord = late.AddressOfRecord,
            Content = content,
            Urgency = KeptContent.UrgencyOf(message),
            Expires = arrived + Lifetime(),
            Awaited = [.. tried.Concat(underWay).Select(device => device.Device).Distinct()],
            Delivered = [.. had],
        };
        foreach (Binding device in underWay)
        {
            core.Mailboxes!.BeginUnderWay(kept.Id, device);
        }

        bool ok = false;
        try
        {
            ok = await core.Mailboxes!.KeepAsync(kept, late, tried);
        }
        finally
        {
            foreach (Binding device in ok ? [] : underWay)
            {
                core.Mailboxes!.ForgetUnderWay(kept.Id, device);
            }
        }

        pending.Trail.Add("Message", ok ? "kept for {0}, {1} devices awaited" : "not kept: there is no room for further messages to {0}", late.AddressOfRecord, kept.Awaited.Count);
        return ok;
    }

    private async void AnswerKept()
    {
        try
        {
            bool ok = await keeping!;
            Answer(ok ? 202 : 480, ok ? "Accepted" : "The user is not there and the message cannot be kept", null);
        }
        catch (Exception e)
        {
            // No exception leaves an async void: the store has failed, and the sender is told.
            core.Fault("message store", e);
            Answer(500, "The message cannot be kept", null);
        }
    }

    private async void EndUnderWay(Binding device, bool hadIt)
    {
        try
        {
            if (await keeping!)
            {
                await core.Mailboxes!.EndUnderWayAsync(kept!, device, hadIt);
            }
        }
        catch (Exception e)
        {
            // No exception leaves an async void: at worst the device gets the message once more.
            core.Fault("message store", e);
        }
    }

    // RFC 3428 4: Expires limits the validity of the content.
    private TimeSpan Lifetime() =>
        SipChars.TryParseUInt(message.First(HeaderId.Expires), out uint seconds) && message.Has(HeaderId.Expires) && seconds < late.DeliveryTimeout.TotalSeconds
            ? TimeSpan.FromSeconds(seconds)
            : late.DeliveryTimeout;

    private void Answer(int code, string reason, SipMessage? response)
    {
        if (answered)
        {
            return;
        }

        answered = true;
        core.Carried(pending, code, reason);
        transaction.Respond(core.WriteBridgedResponse(transaction, code, reason, response), code);
        transaction.LetGo();
    }

    /// <summary>The message to one device.</summary>
    private sealed class Branch(MessageRequest request, Target target, int breadth, IReadOnlyList<(string Name, string Value)> headers)
        : TargetTry(request.core, target, SipMethod.Message)
    {
        protected override SipBuffer Write(ClientTransaction client) =>
            StandaloneWriter.Write(request.core, request.message, request.pending.Flow, request.sender, client, Current, breadth, headers);

        protected override void OnFinal(int code, SipMessage? response)
        {
            if (response is not null)
            {
                request.core.Branches.OnResponse(null, Current, response, request.skipped);
            }

            request.OnFinal(Target, code, response);
        }
    }
}

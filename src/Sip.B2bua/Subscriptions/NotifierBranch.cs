using System.Text;
using Sip.B2bua.Calls;
using Sip.Dialogs;
using Sip.Messages;
using Sip.Transactions;
using Sip.Transports;

namespace Sip.B2bua.Subscriptions;

/// <summary>The SUBSCRIBE or REFER to one target: ids of its own, and what waits for the NOTIFY that makes the dialog.</summary>
internal sealed class NotifierBranch : TargetTry, IDialogUser
{
    private readonly CallCore core;
    private readonly Subscription subscription;
    private readonly IReadOnlyList<(string Name, string Value)> headers;
    private readonly int breadth;

    // One for each way that was tried: a way that was given up for its silence may still succeed.
    private readonly List<Dialog> awaited = new(1);

    public NotifierBranch(CallCore core, Subscription subscription, Target target, int breadth, IReadOnlyList<(string Name, string Value)> headers)
        : base(core, target, subscription.Method)
    {
        this.core = core;
        this.subscription = subscription;
        this.breadth = breadth;
        this.headers = headers;
    }

    /// <summary>Whom it asks.</summary>
    public Target AskedTarget => Current;

    /// <summary>The number of the request that it has sent last.</summary>
    public uint CSeq { get; private set; }

    /// <inheritdoc/>
    protected override bool IsWanted => subscription.IsAsking;

    /// <summary>No NOTIFY can make a dialog any more: it gets 481, which ends the subscription at its notifier.</summary>
    public void StopAwaiting()
    {
        foreach (Dialog dialog in awaited)
        {
            core.Loop.Dialogs.Remove(dialog);
        }

        awaited.Clear();
    }

    /// <inheritdoc/>
    public void OnRequest(Dialog dialog, ServerTransaction transaction)
    {
        if (dialog.IsAwaited)
        {
            subscription.OnFirstNotify(this, transaction);
        }
        else
        {
            subscription.OnNotifierRequest(transaction);
        }
    }

    /// <inheritdoc/>
    public void OnAck(Dialog dialog, SipMessage ack, in Flow from)
    {
    }

    /// <inheritdoc/>
    protected override SipBuffer Write(ClientTransaction client)
    {
        // 8.1.3.5: after a challenge the same request with the next number. A REFER's is in its NOTIFYs, perhaps (RFC 3515 2.4.6).
        CSeq = Authentication is { } challenged ? challenged.ChallengedCSeq + 1 : subscription.FirstCSeq;
        Dialog own = AwaitNotify();
        SipMessage request = subscription.Request;
        SipWriter writer = new(core.Buffers, request.Bytes.Length + 256);
        ReadOnlySpan<byte> method = SipMethods.Name(subscription.Method);
        writer.RequestLine(method, Current.UriBytes.Span);
        client.WriteVia(ref writer);
        writer.Header(HeaderId.MaxForwards, request.MaxForwards < 0 ? 70 : request.MaxForwards - 1);
        writer.Header(HeaderId.MaxBreadth, breadth);
        core.LoopMarks.Write(ref writer, request, subscription.Asker);
        CallCore.WriteRoute(ref writer, Current);
        core.WriteFrom(ref writer, Current, request, own.LocalTag, subscription.Sender.IsHidden);
        core.WriteTo(ref writer, Current, request);
        writer.Header(HeaderId.CallId, own.CallId);
        writer.BeginHeader(HeaderId.CSeq);
        writer.Append((long)CSeq);
        writer.Append(" "u8);
        writer.Append(method);
        writer.EndHeader();
        writer.Header(HeaderId.Contact, core.ContactFor(client.Flow, SipsRule.AppliesTo(Current)));
        Authentication?.Write(ref writer, method, Current.UriBytes.Span);
        core.WriteProduct(ref writer, HeaderId.UserAgent);
        CallerIdentity.Write(ref writer, core.Options, subscription.Sender, Current, request);
        foreach ((string name, string value) in headers)
        {
            writer.Header(Encoding.UTF8.GetBytes(name), Encoding.UTF8.GetBytes(value));
        }

        EventLists.Write(ref writer, request);
        CallCore.FinishCrossing(ref writer, request, core.HeadersToCallee, subscription.Sender.IsHidden);
        return writer.Finish();
    }

    /// <inheritdoc/>
    protected override void OnFinal(int code, SipMessage? response) => subscription.OnAnswered(this, code, response);

    // Ids of its own for each way (8.2.2.2: the same ids by two ways would be a loop), but 8.1.3.5: after a challenge the same ones.
    private Dialog AwaitNotify()
    {
        foreach (Dialog known in awaited)
        {
            if (Authentication is { } challenged && known.CallId.SequenceEqual(challenged.CallId))
            {
                return known;
            }
        }

        Span<byte> tag = stackalloc byte[LoopIds.TagLength];
        core.Ids.NewTag(tag);
        Span<byte> callId = stackalloc byte[LoopIds.CallIdLength];
        core.Ids.NewCallId(callId);
        Dialog dialog = Dialog.Awaited(callId, tag, this);
        awaited.Add(dialog);
        core.Loop.Dialogs.Add(dialog);
        return dialog;
    }
}

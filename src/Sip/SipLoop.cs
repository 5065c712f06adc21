using System.Collections.Concurrent;
using Sip.Dialogs;
using Sip.Messages;
using Sip.Transactions;
using Sip.Transports;

namespace Sip;

/// <summary>
/// The stack on one loop: everything between its transports and its user. A message goes this way (the numbers are those of a call's
/// straight line):
/// <code>
///  1 SipTransport      a datagram, or a message framed out of a stream, and the flow that it came by
///  2 SipParser         octets to message; an error is answered with 400 or met with silence
///  3 OwnerLookup       another loop's? hand over. Fixed checks
///  4 TransactionTable  retransmission, ACK, CANCEL, response: done. Else a new request:
///  5 DialogTable       inside a dialog: to the dialog's user. Else to the ISipUser, who makes a transaction or refuses without
/// </code>
/// </summary>
public sealed class SipLoop : IMessageSink
{
    private readonly SipStackOptions options;
    private readonly ISipUser user;
    private readonly OwnerLookup owners;
    private readonly SipLoop[] loops;
    private readonly SipMessagePool messages = new();
    private readonly ConcurrentQueue<HandOver> handOvers = new();

    internal SipLoop(EventLoop loop, SipStackOptions options, ISipUser user, OwnerLookup owners, SipLoop[] loops)
    {
        this.options = options;
        this.user = user;
        this.owners = owners;
        this.loops = loops;
        EventLoop = loop;
        Transports = new TransportSet(loop, this, options.Transports);
        Transactions = new TransactionTable(loop, Transports, messages, options.Transactions);
        TargetResolver = new TargetResolver(Transports, options.CreateDns?.Invoke(loop) ?? new DnsClient(loop, options.Dns), options.Dns);
    }

    /// <summary>The loop that all this lives on.</summary>
    public EventLoop EventLoop { get; }

    /// <summary>The loop's transports.</summary>
    public TransportSet Transports { get; }

    /// <summary>The loop's transactions.</summary>
    public TransactionTable Transactions { get; }

    /// <summary>Finds the ways to a URI.</summary>
    public TargetResolver TargetResolver { get; }

    /// <summary>The loop's dialogs.</summary>
    public DialogTable Dialogs { get; } = new();

    /// <summary>Makes the loop's ids.</summary>
    public LoopIds Ids => Transactions.Ids;

    /// <summary>The lengths of the timers.</summary>
    public SipTimerValues Timers => Transactions.Timers;

    /// <summary>Leaves what was kept for the next burst to the collector: buffers, messages, transactions. On the loop only.</summary>
    public void ClearPools()
    {
        EventLoop.Buffers.Clear();
        messages.Clear();
        Transactions.ClearPools();
        KnownTexts.Clear();
    }

    /// <summary>Answers a request with nothing but the headers that every response has, and keeps no state.</summary>
    /// <param name="request">The request.</param>
    /// <param name="flow">The flow that it came by.</param>
    /// <param name="statusCode">A final status code.</param>
    /// <param name="reason">The reason phrase; empty for the standard one.</param>
    public void RespondStateless(SipMessage request, in Flow flow, int statusCode, ReadOnlySpan<byte> reason = default) =>
        Transactions.Stateless.Respond(request, flow, statusCode, reason);

    /// <summary>Sends a response that was begun by <see cref="BeginResponse"/>, and keeps no state.</summary>
    /// <param name="request">The request.</param>
    /// <param name="flow">The flow that it came by.</param>
    /// <param name="response">The response. Takes over the caller's count.</param>
    public void RespondStateless(SipMessage request, in Flow flow, SipBuffer response) =>
        Transactions.Stateless.Send(request, flow, response);

    /// <summary>Begins a response without state; its tag is the same for the same request (RFC 3261 8.2.7).</summary>
    public void BeginResponse(ref SipWriter writer, SipMessage request, in Flow flow, int statusCode, scoped ReadOnlySpan<byte> reason) =>
        Transactions.Stateless.Begin(ref writer, request, flow, statusCode, reason);

    /// <inheritdoc/>
    void IMessageSink.OnMessage(TransportSet set, in Flow flow, SipBuffer message, bool stream)
    {
        // 1
        Handle(flow, message, stream);
    }

    /// <inheritdoc/>
    void IMessageSink.OnFlowFailed(in Flow flow) => Transactions.FlowFailed(flow);

    /// <inheritdoc/>
    void IMessageSink.OnFramingError(in Flow flow, SipBuffer partial, FramingError error)
    {
        SipMessage message = messages.Rent();
        partial.Retain();
        SipParseError parseError = SipParser.Parse(partial, stream: true, message, options.Limits);
        if (message is { CanBeAnswered: true, IsRequest: true })
        {
            StackMeter.Malformed.Add(1);
            RespondStateless(message, flow, StatusOf(error), PhraseOf(error));
        }

        if (parseError != SipParseError.None)
        {
            partial.Release();
        }

        message.Release();
    }

    internal void Handle(in Flow flow, SipBuffer buffer, bool stream, bool settled = false)
    {
        // 2
        SipMessage message = messages.Rent();
        buffer.Retain();
        SipParseError error = SipParser.Parse(buffer, stream, message, options.Limits);
        if (error != SipParseError.None)
        {
            Refuse(message, flow, error);
            message.Release();
            buffer.Release();
            return;
        }

        // 3
        int owner = settled ? EventLoop.Number : owners.OwnerOf(message);
        if (loops[owner] == this)
        {
            Dispatch(message, flow);
        }
        else
        {
            HandTo(loops[owner], flow, buffer, stream);
        }

        message.Release();
    }

    private static int StatusOf(FramingError error) =>
        error is FramingError.HeadersTooLarge or FramingError.MessageTooLarge ? 513 : 400;

    private static ReadOnlySpan<byte> PhraseOf(FramingError error) => error switch
    {
        FramingError.HeadersTooLarge => "Headers Too Large"u8,
        FramingError.MessageTooLarge => "Message Too Large"u8,
        FramingError.MissingContentLength => "Missing Content-Length"u8,
        FramingError.BadContentLength => "Malformed Content-Length"u8,
        FramingError.DuplicateContentLength => "Content-Length Present More Than Once"u8,
        FramingError.BareLineBreak => "Line Break Without CRLF"u8,
        _ => "Message Cannot Be Framed"u8,
    };

    private void Refuse(SipMessage message, in Flow flow, SipParseError error)
    {
        int statusCode = error.StatusCode();
        if (statusCode == 0 || message is not { CanBeAnswered: true, IsRequest: true } || message.Method == SipMethod.Ack)
        {
            StackMeter.Silenced.Add(1);
            return;
        }

        StackMeter.Malformed.Add(1);
        RespondStateless(message, flow, statusCode, error.Phrase());
    }

    // Another loop is to look at what this one, by its ids, should know: a dialog has moved there.
    private void HandOn(int loop, SipMessage message, in Flow flow) => HandTo(loops[loop], flow, message.Buffer, flow.IsReliable, settled: true);

    // 9.2: an INVITE with Replaces lives on the loop of what it replaces, which its CANCEL does not name: each loop is asked in turn.
    private bool TryHandOnCancel(SipMessage cancel, in Flow flow)
    {
        if (Dialogs.TryFind(cancel, out Dialog? dialog) && dialog.MovedTo >= 0)
        {
            HandOn(dialog.MovedTo, cancel, flow);
            return true;
        }

        int next = (EventLoop.Number + 1) % loops.Length;
        if (next == owners.HashOf(cancel) || !cancel.ToTag.IsEmpty)
        {
            return false;
        }

        HandOn(next, cancel, flow);
        return true;
    }

    private void HandTo(SipLoop owner, in Flow flow, SipBuffer buffer, bool stream, bool settled = false)
    {
        if (!handOvers.TryDequeue(out HandOver? work))
        {
            work = new HandOver(handOvers);
        }

        // The octets are handed over, not the message: its object belongs to this loop's pool.
        StackMeter.HandedOver.Add(1);
        work.TrySend(owner, flow, buffer, stream, settled);
    }

    private void Dispatch(SipMessage message, in Flow flow)
    {
        try
        {
            if (message.IsRequest)
            {
                HandleRequest(message, flow);
            }
            else if (!Transactions.HandleResponse(message, flow))
            {
                StackMeter.UnmatchedResponses.Add(1);
            }
        }
        catch (Exception e)
        {
            // The border of the loop: a message's fault is that message's alone; its sender learns of it.
            StackMeter.Faults.Add(1);
            EventLoop.ReportFault($"{(message.IsRequest ? "request" : "response")} from {flow}", e);
            AnswerFault(message, flow);
        }
    }

    private void AnswerFault(SipMessage message, in Flow flow)
    {
        if (!message.IsRequest || message.Method == SipMethod.Ack)
        {
            return;
        }

        try
        {
            if (Transactions.FindServer(message) is not { } transaction)
            {
                RespondStateless(message, flow, 500);
            }
            else if (!transaction.FinalSent)
            {
                transaction.Respond(500);
            }
        }
        catch (Exception e)
        {
            // The user may throw again when its transaction ends.
            EventLoop.ReportFault($"500 to {flow}", e);
        }
    }

    private void HandleRequest(SipMessage request, in Flow flow)
    {
        // 3
        if (!IsKnownScheme(request.RequestUri) && request.Method != SipMethod.Ack)
        {
            // 8.2.2.1: "If the Request-URI uses a scheme not supported by the UAS, it SHOULD reject the request with a 416".
            RespondStateless(request, flow, 416);
            return;
        }

        // 4
        switch (Transactions.HandleRequest(request, flow))
        {
            case RequestMatch.Absorbed:
                break;
            case RequestMatch.Merged:
                // 8.2.2.2: the first to come is served, the others are told of the loop.
                StackMeter.Merged.Add(1);
                RespondStateless(request, flow, 482);
                break;
            case RequestMatch.CancelWithoutTransaction:
                // 9.2
                if (loops.Length > 1 && TryHandOnCancel(request, flow))
                {
                    break;
                }

                StackMeter.NoDialog.Add(1);
                RespondStateless(request, flow, 481);
                break;
            case RequestMatch.Ack2xx:
                HandleAck(request, flow);
                break;
            case RequestMatch.New when request.ToTag.IsEmpty || request.Method == SipMethod.Register:
                // Some phones repeat the To tag of a 200 to REGISTER, which makes no dialog (10.2).
                HandleNew(request, flow);
                break;
            case RequestMatch.New:
                HandleInDialog(request, flow);
                break;
            default:
                throw new System.Diagnostics.UnreachableException();
        }
    }

    private void HandleAck(SipMessage ack, in Flow flow)
    {
        // 5. An ACK to an answer that left no state, or to nothing, ends here (8.2.7).
        if (Dialogs.TryFind(ack, out Dialog? dialog) && dialog.MovedTo >= 0)
        {
            HandOn(dialog.MovedTo, ack, flow);
        }
        else if (dialog is not null)
        {
            dialog.Flow = flow;
            dialog.User.OnAck(dialog, ack, flow);
        }
        else
        {
            StackMeter.StrayAcks.Add(1);
        }
    }

    private void HandleInDialog(SipMessage request, in Flow flow)
    {
        // 5. 12.2.2: Call-ID and both tags, or it is none of ours.
        if (!Dialogs.TryFind(request, out Dialog? dialog))
        {
            if (request.Method == SipMethod.Notify && Dialogs.TryFindAwaited(request, out Dialog? awaited))
            {
                // RFC 6665 4.4.1: it may make the dialog.
                awaited.User.OnRequest(awaited, Transactions.CreateServer(request, flow, TransactionTable.Nobody));
                return;
            }

            StackMeter.NoDialog.Add(1);
            RespondStateless(request, flow, 481);
            return;
        }

        if (dialog.MovedTo >= 0)
        {
            HandOn(dialog.MovedTo, request, flow);
            return;
        }

        // 12.2.2: a lower CSeq is out of order: 500.
        if (dialog.AcceptRequest(request) == CSeqVerdict.OutOfOrder)
        {
            StackMeter.OutOfOrder.Add(1);
            RespondStateless(request, flow, 500, "CSeq Out Of Order"u8);
            return;
        }

        // What exists goes on, whatever the limits: this request makes its transaction in any case.
        dialog.Flow = flow;
        IServerTransactionUser transactionUser = dialog.User as IServerTransactionUser ?? TransactionTable.Nobody;
        dialog.User.OnRequest(dialog, Transactions.CreateServer(request, flow, transactionUser));
    }

    private void HandleNew(SipMessage request, in Flow flow)
    {
        if (Transactions.IsFull)
        {
            // 21.5.4: the table is full: refuse the new, keep what exists.
            StackMeter.Overload.Add(1);
            SipWriter writer = Transactions.Stateless.Begin(request, flow, 503, "Too Many Transactions"u8);
            writer.Header(HeaderId.RetryAfter, options.RetryAfterSeconds);
            writer.NoBody();
            RespondStateless(request, flow, writer.Finish());
            return;
        }

        if (loops.Length > 1 && NamedDialog.TryRead(request, out NamedDialog named)
            && Dialogs.TryFind(named.CallId, named.LocalTag, named.RemoteTag, out Dialog? dialog) && dialog.MovedTo >= 0)
        {
            HandOn(dialog.MovedTo, request, flow);
            return;
        }

        // 5
        user.OnRequest(this, request, flow);
    }

    private static bool IsKnownScheme(ReadOnlySpan<byte> uri) =>
        SipChars.StartsWithIgnoreCase(uri, "sip:"u8)
        || SipChars.StartsWithIgnoreCase(uri, "sips:"u8)
        || SipChars.StartsWithIgnoreCase(uri, "tel:"u8)
        || SipChars.StartsWithIgnoreCase(uri, "urn:"u8);
}

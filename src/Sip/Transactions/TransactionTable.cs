using System.Diagnostics;
using Sip.Headers;
using Sip.Messages;
using Sip.Transports;

namespace Sip.Transactions;

/// <summary>
/// The transactions of one loop: matches what arrives, absorbs retransmissions, the ACK to a non-2xx and CANCEL, and makes new
/// transactions. Used on its loop only; matching allocates nothing.
/// </summary>
public sealed partial class TransactionTable : ITurnEnd
{
    private const int AtRest = 256;
    private const int MaxPooled = 16384;

    private readonly ClientSlots clients = new();
    private readonly TransactionIndex servers = new();
    private readonly TransactionIndex origins = new();
    private readonly TransactionIndex flows = new();
    private readonly TransactionKeys keys;
    private readonly TransactionOptions options;

    private readonly TransactionPool<InviteClientTransaction> inviteClients = new(AtRest, MaxPooled);
    private readonly TransactionPool<NonInviteClientTransaction> nonInviteClients = new(AtRest, MaxPooled);
    private readonly TransactionPool<InviteServerTransaction> inviteServers = new(AtRest, MaxPooled);
    private readonly TransactionPool<NonInviteServerTransaction> nonInviteServers = new(AtRest, MaxPooled);
    private List<(Transaction Transaction, uint Life)>? failing = [];

    /// <summary>Makes an empty table.</summary>
    /// <param name="loop">The loop.</param>
    /// <param name="transports">The loop's transports.</param>
    /// <param name="messages">The loop's message objects.</param>
    /// <param name="options">Timers and limits; null for the defaults.</param>
    public TransactionTable(EventLoop loop, TransportSet transports, SipMessagePool messages, TransactionOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(loop);
        Loop = loop;
        Transports = transports;
        Messages = messages;
        this.options = options ?? new TransactionOptions();
        Ids = new LoopIds(loop.Number);
        keys = new TransactionKeys(Ids.NextSeed(), Ids.NextSeed());
        Stateless = new StatelessResponder(loop, transports, Ids);
        answers = new AnsweredMessages(loop.Timers, Timers.TransactionTimeout);
        ReserveTimerLanes();
    }

    /// <summary>The loop that the transactions live on.</summary>
    public EventLoop Loop { get; }

    /// <summary>The transports that they send by.</summary>
    public TransportSet Transports { get; }

    /// <summary>The ids of this loop.</summary>
    public LoopIds Ids { get; }

    /// <summary>The lengths of the timers.</summary>
    public SipTimerValues Timers => options.Timers;

    /// <summary>Answers requests without a transaction.</summary>
    public StatelessResponder Stateless { get; }

    /// <summary>How many transactions there are, also those of which no more than the answer is kept; the CANCELs of our own INVITEs not counted.</summary>
    public int Count => clients.Count + servers.Count + answers.Count;

    /// <summary>Whether new calls and requests are to be refused (503 with Retry-After).</summary>
    public bool IsFull => Count >= options.MaxTransactions;

    /// <summary>Leaves the transactions that were kept for the next ones to the collector, after a burst that is over.</summary>
    public void ClearPools()
    {
        inviteClients.Clear();
        nonInviteClients.Clear();
        inviteServers.Clear();
        nonInviteServers.Clear();
        answers.Trim();
    }

    /// <summary>The user of a transaction that needs none, such as a CANCEL's: all is done when it is made.</summary>
    internal static IServerTransactionUser Nobody { get; } = new IgnoringUser();

    internal SipMessagePool Messages { get; }

    internal TransactionUsers<IServerTransactionUser> ServerUsers { get; } = new();

    internal TransactionUsers<IClientTransactionUser> ClientUsers { get; } = new();

    /// <summary>Gives a response to its client transaction; false if it has none: then it is dropped (RFC 6026 7.2).</summary>
    public bool HandleResponse(SipMessage response, in Flow flow)
    {
        ArgumentNullException.ThrowIfNull(response);

        if (clients.Find(response) is not { } transaction)
        {
            return MayRepeat(response) && !HasSecondVia(response) && TryTakeLate(response);
        }

        // 8.1.3.3: a response with more than one Via was meant for somebody behind us, and we let nobody stand there.
        if (HasSecondVia(response))
        {
            return false;
        }

        transaction.OnResponse(response);
        return true;
    }

    /// <summary>Matches a request (17.2.3) and deals with what belongs to a transaction that exists.</summary>
    public RequestMatch HandleRequest(SipMessage request, in Flow flow)
    {
        ArgumentNullException.ThrowIfNull(request);
        HashValue key = keys.Of(request);
        if (Find(request, key) is { } transaction)
        {
            if (request.Method == SipMethod.Ack)
            {
                return transaction.OnAck() ? RequestMatch.Absorbed : RequestMatch.Ack2xx;
            }

            transaction.OnRetransmission();
            return RequestMatch.Absorbed;
        }

        if (request.Method is not (SipMethod.Ack or SipMethod.Unknown) && answers.Find(key, request.Method) is >= 0 and long place)
        {
            Repeat(place);
            return RequestMatch.Absorbed;
        }

        switch (request.Method)
        {
            case SipMethod.Ack:
                return RequestMatch.Ack2xx;
            case SipMethod.Cancel:
                return Cancel(request, flow, key);
            default:
                // 8.2.2.2: only a request without To tag can have been merged.
                return request.ToTag.IsEmpty && IsKnownOrigin(keys.OriginOf(request)) ? RequestMatch.Merged : RequestMatch.New;
        }
    }

    /// <summary>
    /// Makes the server transaction of a request that <see cref="HandleRequest"/> called new. An INVITE's sends the 100 by itself
    /// if its user sends nothing within 200 ms.
    /// </summary>
    /// <param name="request">The request; the transaction retains it.</param>
    /// <param name="flow">The flow that it came by.</param>
    /// <param name="user">Who is told.</param>
    public ServerTransaction CreateServer(SipMessage request, in Flow flow, IServerTransactionUser user)
    {
        ArgumentNullException.ThrowIfNull(request);
        ServerTransaction transaction = request.Method == SipMethod.Invite
            ? inviteServers.TryTake(out InviteServerTransaction? invite) ? invite : new InviteServerTransaction(this)
            : nonInviteServers.TryTake(out NonInviteServerTransaction? other) ? other : new NonInviteServerTransaction(this);
        transaction.Begin(request, flow, user);
        servers.Add(transaction.KeyNode, keys.Of(request));
        if (request.ToTag.IsEmpty)
        {
            origins.Add(transaction.OriginNode, keys.OriginOf(request));
        }

        flows.Add(transaction.FlowNode, KeyOf(transaction.ResponseFlow));
        return transaction;
    }

    /// <summary>Makes a client transaction and reserves its branch.</summary>
    /// <param name="method">The request's method; never ACK.</param>
    /// <param name="flow">The flow that the request will go by.</param>
    /// <param name="user">Who is told.</param>
    public ClientTransaction CreateClient(SipMethod method, in Flow flow, IClientTransactionUser user)
    {
        Debug.Assert(method != SipMethod.Ack, "13.2.2.4: the ACK to a 2xx has no transaction");
        ClientTransaction transaction = method == SipMethod.Invite
            ? inviteClients.TryTake(out InviteClientTransaction? invite) ? invite : new InviteClientTransaction(this)
            : TakeNonInviteClient();
        int slot = clients.Reserve(out int generation);
        transaction.Begin(method, flow, slot, generation, user);
        clients.Set(slot, transaction);
        flows.Add(transaction.FlowNode, KeyOf(flow));
        return transaction;
    }

    /// <summary>Tells the transactions of a flow that it has failed.</summary>
    public void FlowFailed(in Flow flow)
    {
        // A user may end and make transactions while it is told, so the list is made first. Nested calls make their own.
        List<(Transaction Transaction, uint Life)> told = failing ?? [];
        failing = null;
        for (IndexNode? node = flows.First(KeyOf(flow)); node is not null; node = TransactionIndex.Next(node))
        {
            Transaction candidate = node.Owner;
            Flow way = candidate is ServerTransaction server ? server.ResponseFlow : candidate.Flow;
            if (way.IsSameWay(flow))
            {
                told.Add((candidate, candidate.Life));
            }
        }

        foreach ((Transaction transaction, uint life) in told)
        {
            if (transaction.Life == life && transaction.State != TransactionState.Terminated)
            {
                transaction.OnTransportError();
            }
        }

        told.Clear();
        failing = told;
    }

    /// <summary>Writes a Via of ours (8.1.1.7) with a branch that the caller has made: for the ACK to a 2xx.</summary>
    /// <param name="writer">The request, after its request line.</param>
    /// <param name="flow">The flow that it will go by.</param>
    /// <param name="branch">The branch.</param>
    public void WriteVia(ref SipWriter writer, in Flow flow, scoped ReadOnlySpan<byte> branch)
    {
        Span<byte> sentBy = stackalloc byte[300];
        int length = Transports.WriteSentBy(flow, sentBy);
        writer.BeginHeader(HeaderId.Via);
        writer.Append("SIP/2.0/"u8);
        writer.Append(flow.Transport.ViaToken);
        writer.Append((byte)' ');
        writer.Append(length > 0 ? sentBy[..length] : "unknown.invalid"u8);
        writer.Append(";branch="u8);
        writer.Append(branch);
        if (!flow.IsReliable)
        {
            // RFC 3581 3: a valueless rport asks for the response to come back through the NAT.
            writer.Append(";rport"u8);
        }

        writer.EndHeader();
    }

    /// <summary>The transaction of a request that is being handled, or null.</summary>
    internal ServerTransaction? FindServer(SipMessage request) => Find(request, keys.Of(request));

    internal NonInviteClientTransaction CreateCancel(InviteClientTransaction invite)
    {
        NonInviteClientTransaction cancel = TakeNonInviteClient();
        cancel.BeginCancel(invite);
        flows.Add(cancel.FlowNode, KeyOf(cancel.Flow));
        return cancel;
    }

    internal void RememberFinalToTag(ServerTransaction transaction, SipBuffer response)
    {
        SipMessage message = Messages.Rent();
        response.Retain();
        if (SipParser.Parse(response, stream: false, message, SipLimits.Default) != SipParseError.None)
        {
            response.Release();
        }

        transaction.FinalToTag = keys.OfToTag(message.ToTag);
        message.Release();
    }

    internal void Remove(ClientTransaction transaction)
    {
        flows.Remove(transaction.FlowNode);
        if (transaction.Slot != LoopIds.NoSlot)
        {
            clients.Release(transaction.Slot);
        }
    }

    internal void Remove(ServerTransaction transaction)
    {
        servers.Remove(transaction.KeyNode);
        origins.Remove(transaction.OriginNode);
        flows.Remove(transaction.FlowNode);
    }

    internal void Recycle(Transaction transaction)
    {
        switch (transaction)
        {
            case InviteClientTransaction invite:
                inviteClients.Put(invite);
                break;
            case NonInviteClientTransaction other:
                nonInviteClients.Put(other);
                break;
            case InviteServerTransaction invite:
                inviteServers.Put(invite);
                break;
            case NonInviteServerTransaction other:
                nonInviteServers.Put(other);
                break;
            default:
                throw new UnreachableException();
        }
    }

    private static bool HasSecondVia(SipMessage response)
    {
        HeaderValues vias = response.Values(HeaderId.Via);
        return vias.MoveNext() && vias.MoveNext();
    }

    private static HashValue KeyOf(in Flow flow) => new(0, (uint)flow.GetHashCode());

    // 17.2.3 rule 3: the method is the same, but an ACK belongs to an INVITE.
    private static bool IsSameMethod(ServerTransaction transaction, SipMessage request) => request.Method switch
    {
        SipMethod.Ack => transaction.IsInvite,
        SipMethod.Unknown => transaction.Method == SipMethod.Unknown && request.MethodName.SequenceEqual(transaction.Request.MethodName),
        _ => request.Method == transaction.Method,
    };

    private ServerTransaction? Find(SipMessage request, HashValue key)
    {
        for (IndexNode? node = servers.First(key); node is not null; node = TransactionIndex.Next(node))
        {
            ServerTransaction transaction = (ServerTransaction)node.Owner;
            if (IsSameMethod(transaction, request) && (request.HasRfc3261Branch || HasMatchingToTag(transaction, request)))
            {
                return transaction;
            }
        }

        return null;
    }

    // 17.2.3, RFC 2543 peers: the To tag of the request, or in an ACK that of the final response.
    private bool HasMatchingToTag(ServerTransaction transaction, SipMessage request) =>
        request.Method == SipMethod.Ack
            ? transaction.FinalSent && transaction.FinalToTag == keys.OfToTag(request.ToTag)
            : request.ToTag.SequenceEqual(transaction.Request.ToTag);

    // 9.2: the transaction to cancel is the one that the CANCEL would match if its method were another.
    private RequestMatch Cancel(SipMessage cancel, in Flow flow, HashValue key)
    {
        for (IndexNode? node = servers.First(key); node is not null; node = TransactionIndex.Next(node))
        {
            ServerTransaction transaction = (ServerTransaction)node.Owner;
            if (transaction.Method != SipMethod.Cancel
                && (cancel.HasRfc3261Branch || cancel.ToTag.SequenceEqual(transaction.Request.ToTag))
                && IsSameHost(flow, transaction.Flow))
            {
                Cancel(transaction, cancel, flow);
                return RequestMatch.Absorbed;
            }
        }

        if (answers.FindCancelled(key) is >= 0 and long place && IsSameHost(flow, answers.At(place).Way))
        {
            AnswerCancel(cancel, flow, answers.TagOf(answers.At(place))); // 9.2: no effect after a final response
            return RequestMatch.Absorbed;
        }

        return RequestMatch.CancelWithoutTransaction;
    }

    // A CANCEL goes hop by hop, so it comes from where its INVITE came from; the port may be another (a new connection, a NAT).
    private static bool IsSameHost(in Flow a, in Flow b) => a.Remote.WithPort(0) == b.Remote.WithPort(0);

    private void Cancel(ServerTransaction transaction, SipMessage cancel, in Flow flow)
    {
        AnswerCancel(cancel, flow, transaction.LocalTag);

        // 9.2: no effect after a final response, nor on anything but an INVITE.
        if (transaction is { IsInvite: true, FinalSent: false })
        {
            transaction.User.OnCancel(transaction, cancel);
        }
    }

    // 9.2: the CANCEL gets its 200 whatever becomes of the request, with the To tag of that request's responses.
    private void AnswerCancel(SipMessage cancel, in Flow flow, ReadOnlySpan<byte> tag)
    {
        ServerTransaction own = CreateServer(cancel, flow, Nobody);
        SipWriter writer = new(Loop.Buffers);
        ResponseWriter.Begin(ref writer, cancel, flow, 200, default, tag);
        writer.NoBody();
        own.Respond(writer.Finish(), 200);
        own.LetGo();
    }

    private NonInviteClientTransaction TakeNonInviteClient() =>
        nonInviteClients.TryTake(out NonInviteClientTransaction? transaction) ? transaction : new NonInviteClientTransaction(this);

    // The lengths that our timers have all the time; the queue serves those fastest.
    private void ReserveTimerLanes()
    {
        TimerQueue queue = Loop.Timers;
        queue.Reserve(0);
        queue.Reserve(Timers.TryingDelay);
        queue.Reserve(Timers.T1);
        queue.Reserve(Timers.T2);
        queue.Reserve(Timers.T4);
        queue.Reserve(Timers.TransactionTimeout);
    }

    /// <summary>Wants to know nothing.</summary>
    private sealed class IgnoringUser : IServerTransactionUser
    {
        public void OnCancel(ServerTransaction transaction, SipMessage cancel)
        {
        }

        public void OnFailed(ServerTransaction transaction, TransactionFailure why)
        {
        }

        public void OnTerminated(ServerTransaction transaction)
        {
        }
    }
}

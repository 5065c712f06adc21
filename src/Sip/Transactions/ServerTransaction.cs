using Sip.Headers;
using Sip.Messages;
using Sip.Transports;

namespace Sip.Transactions;

/// <summary>
/// One request that we received and its responses (RFC 3261 17.2). Made on demand by <see cref="TransactionTable.CreateServer"/>:
/// what is refused without one leaves nothing behind.
/// </summary>
public abstract class ServerTransaction : Transaction
{
    private readonly byte[] localTag = new byte[LoopIds.TagLength];
    private SipMessage? request;
    private Flow responseFlow;
    private int localTagLength;
    private int sentByPort;
    private int userPlace;

    private protected ServerTransaction(TransactionTable table)
        : base(table)
    {
        KeyNode = new IndexNode(this);
        OriginNode = new IndexNode(this);
    }

    /// <summary>
    /// The request; it stays valid until the end of the turn in which a final response is sent, or until OnTerminated. What is
    /// remembered for 32 seconds after that is the answer, not the question.
    /// </summary>
    public SipMessage Request => request ?? throw new InvalidOperationException("The request was answered, and is gone.");

    /// <summary>The method of the request.</summary>
    public SipMethod Method { get; private set; }

    /// <summary>Whether the request is an INVITE.</summary>
    public abstract bool IsInvite { get; }

    /// <summary>Whether a final response has been sent.</summary>
    public bool FinalSent { get; private set; }

    /// <summary>
    /// The tag for the To of the responses: the request's own To tag, or else one made for this transaction. A response to a
    /// CANCEL carries it too (9.2), so use it for every response and for the dialog.
    /// </summary>
    public ReadOnlySpan<byte> LocalTag => localTagLength > 0 ? localTag.AsSpan(0, localTagLength) : Request.ToTag;

    /// <summary>Who is told.</summary>
    public IServerTransactionUser User
    {
        get => Told ?? throw new InvalidOperationException("The transaction is over.");
        set => Told = value;
    }

    internal IndexNode KeyNode { get; }

    internal IndexNode OriginNode { get; }

    /// <summary>RFC 2543 matching of an ACK: the hash of the To tag of our final response. Set for such peers only.</summary>
    internal HashValue FinalToTag { get; set; }

    /// <summary>Where the responses go: not always the flow that the request came by (18.2.2).</summary>
    internal ref readonly Flow ResponseFlow => ref responseFlow;

    private protected SipBuffer? LastResponse { get; private set; }

    /// <summary>Whether nothing can happen any more but repetitions of the request, for 64*T1.</summary>
    private protected abstract bool IsRepetitionAll { get; }

    private IServerTransactionUser? Told
    {
        get => Table.ServerUsers[userPlace];
        set => Table.ServerUsers.Set(ref userPlace, value);
    }

    /// <summary>Sends a response of this transaction.</summary>
    /// <param name="response">The response, begun by <see cref="ResponseWriter"/>. Takes over the caller's count.</param>
    /// <param name="statusCode">Its status code.</param>
    public void Respond(SipBuffer response, int statusCode)
    {
        ArgumentNullException.ThrowIfNull(response);
        Step(
            statusCode switch
            {
                < 200 => ServerInput.Provisional,
                < 300 => ServerInput.Success,
                _ => ServerInput.Failure,
            },
            response);
        response.Release();
    }

    /// <summary>Sends a response that has nothing but the headers that every response has.</summary>
    /// <param name="statusCode">Its status code.</param>
    /// <param name="reason">The reason phrase; empty for the standard one.</param>
    public void Respond(int statusCode, ReadOnlySpan<byte> reason = default)
    {
        SipWriter writer = new(Table.Loop.Buffers);
        ResponseWriter.Begin(ref writer, Request, Flow, statusCode, reason, LocalTag);
        writer.NoBody();
        Respond(writer.Finish(), statusCode);
    }

    /// <summary>
    /// Makes another <see cref="LocalTag"/> for the responses from now on, as if they came from another branch of a fork: a caller must
    /// take the session description of a dialog that is new to it (12.1, 13.2.1). Does nothing within a dialog.
    /// </summary>
    public void RenewLocalTag()
    {
        if (Request.ToTag.IsEmpty)
        {
            Table.Ids.NewTag(localTag);
        }
    }

    /// <summary>
    /// The user wants to hear nothing more, not even of the end: for who has answered, and keeps much alive. Nor may it touch the
    /// transaction after this turn: what must be known of the request for another 64*T1 may be kept without it.
    /// </summary>
    public void LetGo() => Told = null;

    internal void Begin(SipMessage newRequest, in Flow flow, IServerTransactionUser newUser)
    {
        Begin(flow);
        newRequest.Retain();
        request = newRequest;
        Told = newUser;
        FinalSent = false;
        Method = newRequest.Method;
        responseFlow = ResponseRoute.For(newRequest, flow);
        sentByPort = ResponseRoute.SentByPort(newRequest, flow);
        TakeLocalTag(newRequest.ToTag);
        Start();
    }

    internal void OnRetransmission() => Step(ServerInput.Retransmission, null);

    /// <summary>Takes an ACK; true if it was the ACK to a non-2xx, which is nobody else's business.</summary>
    internal virtual bool OnAck() => true;

    internal override void OnTransportError()
    {
        // RFC 6026 7.1: a transport error never ends a server transaction; the user is told.
        if (State != TransactionState.Terminated)
        {
            Told?.OnFailed(this, TransactionFailure.Transport);
        }
    }

    private protected abstract void Start();

    private protected abstract void Step(ServerInput input, SipBuffer? response);

    private protected abstract void StopTimers();

    /// <summary>Sends a response for the first time and keeps it for retransmissions.</summary>
    private protected void SendNew(SipBuffer response, bool isFinal)
    {
        response.Retain();
        LastResponse?.Release();
        LastResponse = response;
        FinalSent |= isFinal;
        if (isFinal)
        {
            if (!Request.HasRfc3261Branch)
            {
                Table.RememberFinalToTag(this, response);
            }

            Table.ForgetRequestAtTurnEnd(this);
        }

        SendLast();
    }

    /// <summary>Sends without keeping: nothing will ask for it again.</summary>
    private protected void SendOnce(SipBuffer response) =>
        ResponseRoute.Send(Table.Transports, sentByPort, ref responseFlow, response);

    private protected void SendLast()
    {
        if (LastResponse is { } response)
        {
            ResponseRoute.Send(Table.Transports, sentByPort, ref responseFlow, response);
        }
    }

    /// <summary>
    /// Lets the request go once it is answered, where nothing more is to be read from it; and the transaction, where nobody is told of it
    /// any more and all that is left is to know repetitions (17.2.2 Completed, RFC 6026 7.1 Accepted).
    /// </summary>
    internal void ForgetRequest()
    {
        // 17.2.3: an RFC 2543 peer, or a method known by its name alone, is matched by the request itself.
        if (!FinalSent || localTagLength == 0 || Method == SipMethod.Unknown || request is not { HasRfc3261Branch: true } answered)
        {
            return;
        }

        if (Told is null && IsRepetitionAll && AnsweredMessages.Takes(localTagLength, LastResponse?.Length ?? 0))
        {
            Table.Remember(this, sentByPort, LastResponse);
            Terminate();
        }
        else
        {
            request = null;
            answered.Release();
        }
    }

    // 8.2.6.2: the request's own To tag, or one of ours. A foreign one that is too long is read from the request each time.
    private void TakeLocalTag(ReadOnlySpan<byte> given)
    {
        localTagLength = given.Length <= localTag.Length ? given.Length : 0;
        if (given.IsEmpty)
        {
            Table.Ids.NewTag(localTag);
            localTagLength = localTag.Length;
        }
        else if (localTagLength > 0)
        {
            given.CopyTo(localTag);
        }
    }

    private protected void ForgetResponse()
    {
        LastResponse?.Release();
        LastResponse = null;
    }

    private protected void Fail(TransactionFailure why)
    {
        State = TransactionState.Terminated;
        StopTimers();
        Told?.OnFailed(this, why);
        Terminate();
    }

    private protected void Terminate()
    {
        State = TransactionState.Terminated;
        StopTimers();
        ForgetResponse();
        Table.Remove(this);
        IServerTransactionUser? last = Told;
        Told = null;
        last?.OnTerminated(this);
        request?.Release();
        request = null;
        Table.Recycle(this);
    }
}

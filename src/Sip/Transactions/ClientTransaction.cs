using Sip.Messages;
using Sip.Transports;

namespace Sip.Transactions;

/// <summary>
/// One request that we send and its responses (RFC 3261 17.1). Made by <see cref="TransactionTable.CreateClient"/>, which
/// reserves the branch: write the request with <see cref="WriteVia"/>, then <see cref="Send"/> it.
/// </summary>
public abstract class ClientTransaction : Transaction
{
    private readonly byte[] branch = new byte[LoopIds.BranchLength];
    private readonly byte[] otherMethod = new byte[32];
    private int otherMethodLength;
    private SipBuffer? request;
    private int userPlace;

    private protected ClientTransaction(TransactionTable table)
        : base(table)
    {
    }

    /// <summary>The branch of the request's Via.</summary>
    public ReadOnlySpan<byte> Branch => branch;

    /// <summary>The request's method.</summary>
    public SipMethod Method { get; private set; }

    /// <summary>Who is told.</summary>
    public IClientTransactionUser User
    {
        get => Told ?? throw new InvalidOperationException("The transaction is over.");
        set => Told = value;
    }

    internal int Slot { get; private set; }

    /// <summary>The request as sent, or null where it is no longer needed.</summary>
    private protected SipBuffer? Request => request;

    /// <summary>Whether a 2xx has come and nothing is under way any more, so that all that can still come are 2xx.</summary>
    private protected virtual bool AwaitsOnlyRepetitions => false;

    private IClientTransactionUser? Told
    {
        get => Table.ClientUsers[userPlace];
        set => Table.ClientUsers.Set(ref userPlace, value);
    }

    /// <summary>Writes the request's only Via: our sent-by as the peer sees us, the branch, and a valueless rport (RFC 3581 3).</summary>
    public void WriteVia(ref SipWriter writer) => Table.WriteVia(ref writer, Flow, branch);

    /// <summary>Sends the request and starts the machine.</summary>
    /// <param name="message">The request, its Via written by <see cref="WriteVia"/>. Takes over the caller's count.</param>
    public void Send(SipBuffer message)
    {
        ArgumentNullException.ThrowIfNull(message);
        if (State != TransactionState.Idle)
        {
            message.Release();
            throw new InvalidOperationException("A transaction sends one request.");
        }

        request = message;
        RememberMethod(message.Span);
        Start();
    }

    /// <summary>
    /// Gives an INVITE up: sends its CANCEL now, or as soon as a provisional response is there (RFC 3261 9.1). The transaction
    /// then still brings its final response, 487 or another, or a time-out. Any other method is left to end by itself.
    /// </summary>
    /// <param name="reasonHeaderValue">The value of a Reason header for the CANCEL (RFC 3326); empty for none.</param>
    public abstract void Cancel(ReadOnlySpan<byte> reasonHeaderValue = default);

    /// <summary>Lets a transaction go whose request was never sent.</summary>
    public void Abandon()
    {
        if (State == TransactionState.Idle)
        {
            Terminate();
        }
    }

    /// <summary>
    /// Ends the transaction of an INVITE whose 2xx was acknowledged and whose user has no other interest than that: a repetition of the
    /// 2xx gets the ACK again for another 64*T1 (timer M), and another 2xx goes to <see cref="TransactionTable.LateAnswers"/>. False: it
    /// goes on, as more may come of it.
    /// </summary>
    /// <param name="ack">The ACK, which is copied.</param>
    /// <param name="tag">The To tag of the 2xx.</param>
    public bool TryEnd(SipBuffer ack, ReadOnlySpan<byte> tag)
    {
        ArgumentNullException.ThrowIfNull(ack);
        if (!AwaitsOnlyRepetitions || !AnsweredMessages.Takes(tag.Length, ack.Length))
        {
            return false;
        }

        Table.Remember(this, ack, tag);
        Told = null;
        Terminate();
        return true;
    }

    /// <summary>The user wants to hear nothing more, not even of the end: for who has its answer, and keeps much alive.</summary>
    public void LetGo() => Told = null;

    internal void Begin(SipMethod method, in Flow flow, int slot, int generation, IClientTransactionUser newUser)
    {
        Begin(flow);
        Method = method;
        Slot = slot;
        Told = newUser;
        otherMethodLength = 0;
        State = TransactionState.Idle;
        Table.Ids.NewBranch(branch, slot, generation);
    }

    internal abstract void OnResponse(SipMessage response);

    /// <summary>RFC 3261 17.1.3: the response's CSeq must name the request's method, too.</summary>
    internal bool IsOfMethod(SipMessage response) => Method == SipMethod.Unknown
        ? response.CSeqMethodName.SequenceEqual(otherMethod.AsSpan(0, otherMethodLength))
        : response.CSeqMethod == Method;

    private protected void BeginWithBranchOf(ClientTransaction invite, SipMethod method)
    {
        Begin(invite.Flow);
        Method = method;
        Slot = LoopIds.NoSlot;
        Told = null;
        State = TransactionState.Idle;
        invite.branch.CopyTo(branch.AsSpan());
    }

    private protected abstract void Start();

    private protected abstract void StopTimers();

    private protected void SendRequest()
    {
        if (request is { } message)
        {
            Table.Transports.Send(Flow, message);
        }
    }

    private protected void ForgetRequest()
    {
        request?.Release();
        request = null;
    }

    private protected void TellResponse(SipMessage response) => Told?.OnResponse(this, response);

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
        ForgetRequest();
        IClientTransactionUser? last = Told;
        Told = null;
        Table.Remove(this);
        last?.OnTerminated(this);
        Table.Recycle(this);
    }

    private void RememberMethod(ReadOnlySpan<byte> message)
    {
        if (Method == SipMethod.Unknown)
        {
            int end = Math.Clamp(message.IndexOf((byte)' '), 0, otherMethod.Length);
            message[..end].CopyTo(otherMethod);
            otherMethodLength = end;
        }
    }
}

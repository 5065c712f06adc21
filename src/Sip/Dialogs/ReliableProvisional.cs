using Sip.Headers;
using Sip.Messages;
using Sip.Transactions;

namespace Sip.Dialogs;

/// <summary>Who is told how a reliable provisional response fares.</summary>
public interface IReliableProvisionalUser
{
    /// <summary>No PRACK came in 64*T1: refuse the INVITE with a 5xx (RFC 3262 3).</summary>
    void OnNotAcknowledged(ReliableProvisional provisional);
}

/// <summary>
/// The reliable provisional responses of one INVITE that we answer (RFC 3262 3): numbers them, sends the current one again until its
/// PRACK comes, and gives up after 64*T1. One at a time is unacknowledged.
/// </summary>
public sealed class ReliableProvisional : ITimerOwner
{
    private readonly TransactionTable table;
    private readonly IReliableProvisionalUser user;
    private readonly LoopTimer retransmit;
    private readonly LoopTimer limit;
    private ServerTransaction? invite;
    private SipBuffer? response;
    private int statusCode;
    private int interval;

    /// <summary>Makes the state of one INVITE.</summary>
    /// <param name="table">The transactions of the loop.</param>
    /// <param name="invite">The INVITE's transaction.</param>
    /// <param name="user">Who is told.</param>
    public ReliableProvisional(TransactionTable table, ServerTransaction invite, IReliableProvisionalUser user)
    {
        ArgumentNullException.ThrowIfNull(table);
        this.table = table;
        this.invite = invite;
        this.user = user;
        retransmit = new LoopTimer(this, 0);
        limit = new LoopTimer(this, 1);

        // 3: the first number is chosen between 1 and 2**31 - 1, uniformly.
        ResponseNumber = (uint)(table.Ids.NextSeed() % (int.MaxValue - 1));
    }

    /// <summary>The RSeq of the last response; meaningless before the first.</summary>
    public uint ResponseNumber { get; private set; }

    /// <summary>Whether a response waits for its PRACK: no other one, and no 2xx after an unacknowledged offer, may be sent now.</summary>
    public bool IsWaiting => response is not null;

    /// <summary>Writes Require and the RSeq of the next response, which must be a 101 to 199; then <see cref="Send"/> it.</summary>
    public void WriteHeaders(ref SipWriter writer)
    {
        // 3: "the value of the RSeq in each subsequent reliable provisional response ... MUST be greater by exactly one".
        ResponseNumber++;
        writer.Header(HeaderId.Require, "100rel"u8);
        writer.Header(HeaderId.RSeq, ResponseNumber);
    }

    /// <summary>Sends the response and again after T1, 2*T1, 4*T1 and so on, without a cap, until its PRACK.</summary>
    /// <param name="message">The response. Takes over the caller's count.</param>
    /// <param name="status">Its status code.</param>
    public void Send(SipBuffer message, int status)
    {
        ArgumentNullException.ThrowIfNull(message);
        if (invite is null || IsWaiting)
        {
            message.Release();
            throw new InvalidOperationException("One reliable provisional response at a time, and none after the final one.");
        }

        response = message;
        statusCode = status;
        interval = table.Timers.T1;
        table.Loop.Timers.Set(retransmit, interval);
        table.Loop.Timers.Set(limit, table.Timers.TransactionTimeout);
        SendAgain();
    }

    /// <summary>
    /// Whether the PRACK acknowledges the waiting response (3: method, CSeq number and RSeq match); then its retransmissions end and the
    /// PRACK gets a 2xx. If not it gets 481.
    /// </summary>
    public bool TryAcknowledge(SipMessage prack)
    {
        ArgumentNullException.ThrowIfNull(prack);
        if (!IsWaiting
            || invite is null
            || !RAck.TryParse(prack.First(HeaderId.RAck), out RAck rack)
            || rack.ResponseNumber != ResponseNumber
            || rack.CSeqNumber != invite.Request.CSeqNumber
            || rack.Method != SipMethod.Invite)
        {
            return false;
        }

        StopWaiting();
        return true;
    }

    /// <summary>The INVITE has its final response: retransmissions end (3).</summary>
    public void Stop()
    {
        StopWaiting();
        invite = null;
    }

    /// <inheritdoc/>
    void ITimerOwner.OnTimer(LoopTimer timer)
    {
        if (ReferenceEquals(timer, retransmit))
        {
            interval *= 2;
            table.Loop.Timers.Set(retransmit, interval);
            SendAgain();
        }
        else
        {
            Stop();
            user.OnNotAcknowledged(this);
        }
    }

    private void SendAgain()
    {
        if (response is { } message && invite is { } transaction)
        {
            message.Retain();
            transaction.Respond(message, statusCode);
        }
    }

    private void StopWaiting()
    {
        table.Loop.Timers.Cancel(retransmit);
        table.Loop.Timers.Cancel(limit);
        response?.Release();
        response = null;
    }
}

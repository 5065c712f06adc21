using Sip.Messages;

namespace Sip.Transactions;

/// <summary>
/// The INVITE client transaction: RFC 3261 17.1.1 with figure 5 as RFC 6026 8.4 draws it. It sends the ACK to a non-2xx and,
/// when asked, the CANCEL itself; the ACK to a 2xx is its user's.
/// </summary>
internal sealed class InviteClientTransaction : ClientTransaction
{
    // Timer A.
    private readonly LoopTimer retransmit;

    // Timer B in Calling, the limit of 9.1 in Proceeding after a CANCEL, Timer D in Completed, Timer M in Accepted.
    private readonly LoopTimer limit;

    private int interval;
    private bool cancelled;
    private SipBuffer? ack;
    private SipBuffer? pendingCancel;

    public InviteClientTransaction(TransactionTable table)
        : base(table)
    {
        retransmit = new LoopTimer(this, 0);
        limit = new LoopTimer(this, 1);
    }

    /// <summary>The transaction of our CANCEL, which has our branch and ends with us.</summary>
    public NonInviteClientTransaction? CancelTransaction { get; private set; }

    public override void Cancel(ReadOnlySpan<byte> reasonHeaderValue = default)
    {
        if (cancelled)
        {
            return;
        }

        switch (State)
        {
            case TransactionState.Idle:
                Terminate();
                break;

            case TransactionState.Calling:
                // 9.1: "If no provisional response has been received, the CANCEL request MUST NOT be sent".
                cancelled = true;
                pendingCancel = HopByHopRequest.WriteCancel(Table, Request!, reasonHeaderValue);
                break;

            case TransactionState.Proceeding:
                cancelled = true;
                pendingCancel = HopByHopRequest.WriteCancel(Table, Request!, reasonHeaderValue);
                SendCancel();
                break;

            // 9.1: no CANCEL once there is a final response: it would have no effect.
            case TransactionState.Completed:
            case TransactionState.Accepted:
            case TransactionState.Terminated:
            case TransactionState.Trying:
            case TransactionState.Confirmed:
            default:
                break;
        }
    }

    private protected override bool AwaitsOnlyRepetitions => State == TransactionState.Accepted && CancelTransaction is null;

    internal void OnCancelEnded() => CancelTransaction = null;

    internal override void OnResponse(SipMessage response) => Step(ClientInput.Response, response);

    internal override void OnTransportError() => Step(ClientInput.TransportError, null);

    private protected override void OnTimer(LoopTimer timer) =>
        Step(ReferenceEquals(timer, retransmit) ? ClientInput.RetransmitTimer : ClientInput.LimitTimer, null);

    private protected override void Start()
    {
        State = TransactionState.Calling;
        cancelled = false;
        interval = Values.T1;
        if (!Flow.IsReliable)
        {
            // 17.1.1.2: timer A starts with T1 on an unreliable transport; over a reliable one there is none.
            Timers.Set(retransmit, interval);
        }

        // 17.1.1.2: timer B of 64*T1 on any transport.
        Timers.Set(limit, Values.TransactionTimeout);
        SendRequest();
    }

    private protected override void StopTimers()
    {
        Timers.Cancel(retransmit);
        Timers.Cancel(limit);
        ack?.Release();
        ack = null;
        pendingCancel?.Release();
        pendingCancel = null;
        CancelTransaction?.EndWithInvite();
        CancelTransaction = null;
    }

    private void Step(ClientInput input, SipMessage? response)
    {
        switch (State)
        {
            case TransactionState.Calling:
                Calling(input, response);
                break;
            case TransactionState.Proceeding:
                Proceeding(input, response);
                break;
            case TransactionState.Completed:
                Completed(input, response);
                break;
            case TransactionState.Accepted:
                Accepted(input, response);
                break;
            case TransactionState.Idle when input == ClientInput.TransportError:
                Fail(TransactionFailure.Transport);
                break;
            case TransactionState.Idle:
            case TransactionState.Terminated:
            case TransactionState.Trying:
            case TransactionState.Confirmed:
            default:
                break;
        }
    }

    private void Calling(ClientInput input, SipMessage? response)
    {
        switch (input)
        {
            case ClientInput.RetransmitTimer:
                // 17.1.1.2: each time timer A fires the request goes out again and the interval doubles, without a cap.
                interval *= 2;
                Timers.Set(retransmit, interval);
                SendRequest();
                break;

            case ClientInput.LimitTimer:
                // 17.1.1.2: timer B in Calling: tell the user, no ACK.
                Fail(TransactionFailure.Timeout);
                break;

            case ClientInput.TransportError:
                // 17.1.4 and figure 5.
                Fail(TransactionFailure.Transport);
                break;

            case ClientInput.Response:
                Timers.Cancel(retransmit);
                Timers.Cancel(limit);
                if (response!.StatusCode < 200)
                {
                    // 17.1.1.2: a provisional response ends the retransmissions.
                    State = TransactionState.Proceeding;
                    SendCancel();
                    TellResponse(response);
                }
                else
                {
                    Final(response);
                }

                break;

            default:
                throw new System.Diagnostics.UnreachableException();
        }
    }

    private void Proceeding(ClientInput input, SipMessage? response)
    {
        switch (input)
        {
            case ClientInput.LimitTimer:
                // 9.1: no final response in 64*T1 after the CANCEL: consider the INVITE cancelled.
                Fail(TransactionFailure.Timeout);
                break;

            case ClientInput.Response when response!.StatusCode < 200:
                // 17.1.1.2: further provisional responses go to the user.
                TellResponse(response);
                break;

            case ClientInput.Response:
                Final(response);
                break;

            // Figure 5: in Proceeding nothing is sent, so nothing can fail; the response may come by a new connection (18.2.2).
            case ClientInput.TransportError:
            case ClientInput.RetransmitTimer:
                break;

            default:
                throw new System.Diagnostics.UnreachableException();
        }
    }

    private void Final(SipMessage response)
    {
        Timers.Cancel(limit);
        pendingCancel?.Release();
        pendingCancel = null;
        if (response.StatusCode < 300)
        {
            // RFC 6026 7.2: on a 2xx to Accepted, with timer M of 64*T1.
            State = TransactionState.Accepted;
            Timers.Set(limit, Values.TransactionTimeout);
            ForgetRequest();
            TellResponse(response);
            return;
        }

        // 17.1.1.2: 300-699: the ACK, even over a reliable transport, and timer D: at least 32 s, zero when reliable.
        State = TransactionState.Completed;
        Timers.Set(limit, Flow.IsReliable ? 0 : Values.TimerD);
        ack = HopByHopRequest.WriteAck(Table, Request!, response);
        ForgetRequest();
        SendAck();
        TellResponse(response);
    }

    private void Completed(ClientInput input, SipMessage? response)
    {
        switch (input)
        {
            case ClientInput.Response:
                // 17.1.1.2: each retransmission of the final response gets the ACK again and is not passed up.
                if (response!.StatusCode >= 300)
                {
                    SendAck();
                }

                break;

            case ClientInput.LimitTimer:
                // 17.1.1.2: timer D.
                Terminate();
                break;

            case ClientInput.TransportError:
                // Figure 5 ends the transaction when the ACK cannot be sent. The user has its final response and can do no more
                // about it, so it learns only that the transaction is over.
                Terminate();
                break;

            case ClientInput.RetransmitTimer:
                break;

            default:
                throw new System.Diagnostics.UnreachableException();
        }
    }

    private void Accepted(ClientInput input, SipMessage? response)
    {
        switch (input)
        {
            case ClientInput.Response:
                // RFC 6026 7.2: every 2xx goes up: retransmissions, and those of other forks. Anything else is late.
                if (response!.StatusCode is >= 200 and < 300)
                {
                    TellResponse(response);
                }

                break;

            case ClientInput.LimitTimer:
                // RFC 6026 7.2: timer M.
                Terminate();
                break;

            case ClientInput.TransportError:
            case ClientInput.RetransmitTimer:
                break;

            default:
                throw new System.Diagnostics.UnreachableException();
        }
    }

    private void SendAck()
    {
        if (ack is { } message)
        {
            Table.Transports.Send(Flow, message);
        }
    }

    private void SendCancel()
    {
        if (pendingCancel is { } message)
        {
            pendingCancel = null;

            // 9.1: if no final response follows in 64*T1, the INVITE is considered cancelled.
            Timers.Set(limit, Values.TransactionTimeout);

            // 9.1: the CANCEL is a transaction of its own, to the same address, port and transport.
            CancelTransaction = Table.CreateCancel(this);
            CancelTransaction.Send(message);
        }
    }
}

using Sip.Messages;

namespace Sip.Transactions;

/// <summary>The INVITE server transaction: RFC 3261 17.2.1 with figure 7 as RFC 6026 8.6 draws it.</summary>
internal sealed class InviteServerTransaction : ServerTransaction
{
    // The 100 in Proceeding, then timer G.
    private readonly LoopTimer retransmit;

    // Timer H in Completed, timer I in Confirmed, timer L in Accepted.
    private readonly LoopTimer limit;

    private int interval;

    public InviteServerTransaction(TransactionTable table)
        : base(table)
    {
        retransmit = new LoopTimer(this, 0);
        limit = new LoopTimer(this, 1);
    }

    public override bool IsInvite => true;

    private protected override bool IsRepetitionAll => State == TransactionState.Accepted;

    internal override bool OnAck()
    {
        // RFC 6026 7.1: in Accepted an ACK goes to the user.
        bool absorbed = State != TransactionState.Accepted;
        Step(ServerInput.Ack, null);
        return absorbed;
    }

    private protected override void OnTimer(LoopTimer timer) =>
        Step(ReferenceEquals(timer, retransmit) ? ServerInput.RetransmitTimer : ServerInput.LimitTimer, null);

    private protected override void Start()
    {
        State = TransactionState.Proceeding;

        // 17.2.1: a 100 must go out unless the user is known to answer within 200 ms.
        Timers.Set(retransmit, Values.TryingDelay);
    }

    private protected override void StopTimers()
    {
        Timers.Cancel(retransmit);
        Timers.Cancel(limit);
    }

    private protected override void Step(ServerInput input, SipBuffer? response)
    {
        switch (State)
        {
            case TransactionState.Proceeding:
                Proceeding(input, response);
                break;
            case TransactionState.Completed:
                Completed(input);
                break;
            case TransactionState.Confirmed:
                Confirmed(input);
                break;
            case TransactionState.Accepted:
                Accepted(input, response);
                break;
            case TransactionState.Idle:
            case TransactionState.Calling:
            case TransactionState.Trying:
            case TransactionState.Terminated:
            default:
                break;
        }
    }

    private void Proceeding(ServerInput input, SipBuffer? response)
    {
        switch (input)
        {
            case ServerInput.RetransmitTimer:
                // 17.2.1: nothing from the user in 200 ms.
                Respond(100);
                break;

            case ServerInput.Retransmission:
                // 17.2.1: the most recent provisional response goes out again. Before the first one the 100 will do.
                if (LastResponse is null)
                {
                    Respond(100);
                }
                else
                {
                    SendLast();
                }

                break;

            case ServerInput.Provisional:
                Timers.Cancel(retransmit);
                SendNew(response!, isFinal: false);
                break;

            case ServerInput.Success:
                // RFC 6026 7.1: a 2xx to Accepted, with timer L of 64*T1; its retransmissions are the user's.
                State = TransactionState.Accepted;
                Timers.Cancel(retransmit);
                Timers.Set(limit, Values.TransactionTimeout);
                SendNew(response!, isFinal: true);
                ForgetResponse();
                break;

            case ServerInput.Failure:
                // 17.2.1: 300-699 to Completed; timer G of T1 on an unreliable transport, timer H of 64*T1 on any.
                State = TransactionState.Completed;
                Timers.Cancel(retransmit);
                if (!Flow.IsReliable)
                {
                    interval = Values.T1;
                    Timers.Set(retransmit, interval);
                }

                Timers.Set(limit, Values.TransactionTimeout);
                SendNew(response!, isFinal: true);
                break;

            // An ACK before any final response acknowledges nothing.
            case ServerInput.Ack:
            case ServerInput.LimitTimer:
                break;

            default:
                throw new System.Diagnostics.UnreachableException();
        }
    }

    private void Completed(ServerInput input)
    {
        switch (input)
        {
            case ServerInput.Retransmission:
                // 17.2.1: each retransmission of the INVITE gets the response again.
                SendLast();
                break;

            case ServerInput.RetransmitTimer:
                // 17.2.1: timer G: MIN(2*T1, T2), MIN(4*T1, T2) and so on.
                interval = Math.Min(interval * 2, Values.T2);
                Timers.Set(retransmit, interval);
                SendLast();
                break;

            case ServerInput.Ack:
                // 17.2.1: to Confirmed; timer I of T4, zero over a reliable transport.
                State = TransactionState.Confirmed;
                Timers.Cancel(retransmit);
                Timers.Set(limit, Flow.IsReliable ? 0 : Values.T4);
                ForgetResponse();
                break;

            case ServerInput.LimitTimer:
                // 17.2.1: timer H: the ACK was never received; the user must be told.
                Fail(TransactionFailure.Timeout);
                break;

            // 17.2.1: there is one final response; what the user sends after it is dropped.
            case ServerInput.Provisional:
            case ServerInput.Success:
            case ServerInput.Failure:
                break;

            default:
                throw new System.Diagnostics.UnreachableException();
        }
    }

    private void Confirmed(ServerInput input)
    {
        switch (input)
        {
            case ServerInput.LimitTimer:
                // 17.2.1: timer I.
                Terminate();
                break;

            // 17.2.1: Confirmed is there to absorb further ACKs.
            case ServerInput.Ack:
            case ServerInput.Retransmission:
            case ServerInput.RetransmitTimer:
            case ServerInput.Provisional:
            case ServerInput.Success:
            case ServerInput.Failure:
                break;

            default:
                throw new System.Diagnostics.UnreachableException();
        }
    }

    private void Accepted(ServerInput input, SipBuffer? response)
    {
        switch (input)
        {
            case ServerInput.Success:
                // RFC 6026 7.1: a 2xx that the user retransmits is passed to the transport.
                SendOnce(response!);
                break;

            case ServerInput.LimitTimer:
                // RFC 6026 7.1: timer L.
                Terminate();
                break;

            // RFC 6026 7.1: retransmissions of the INVITE are absorbed, and the 2xx is not sent for them; ACKs are the user's.
            case ServerInput.Retransmission:
            case ServerInput.Ack:
            case ServerInput.Provisional:
            case ServerInput.Failure:
            case ServerInput.RetransmitTimer:
                break;

            default:
                throw new System.Diagnostics.UnreachableException();
        }
    }
}

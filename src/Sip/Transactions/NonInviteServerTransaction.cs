using Sip.Messages;

namespace Sip.Transactions;

/// <summary>The non-INVITE server transaction: RFC 3261 17.2.2, figure 8.</summary>
internal sealed class NonInviteServerTransaction : ServerTransaction
{
    // Timer J.
    private readonly LoopTimer limit;

    public NonInviteServerTransaction(TransactionTable table)
        : base(table) => limit = new LoopTimer(this, 0);

    public override bool IsInvite => false;

    private protected override bool IsRepetitionAll => State == TransactionState.Completed && !Flow.IsReliable;

    private protected override void OnTimer(LoopTimer timer) => Step(ServerInput.LimitTimer, null);

    private protected override void Start() => State = TransactionState.Trying;

    private protected override void StopTimers() => Timers.Cancel(limit);

    private protected override void Step(ServerInput input, SipBuffer? response)
    {
        switch (State)
        {
            case TransactionState.Trying:
                Trying(input, response);
                break;
            case TransactionState.Proceeding:
                Proceeding(input, response);
                break;
            case TransactionState.Completed:
                Completed(input);
                break;
            case TransactionState.Idle:
            case TransactionState.Calling:
            case TransactionState.Accepted:
            case TransactionState.Confirmed:
            case TransactionState.Terminated:
            default:
                break;
        }
    }

    private void Trying(ServerInput input, SipBuffer? response)
    {
        switch (input)
        {
            case ServerInput.Provisional:
                // 17.2.2: a provisional response to Proceeding.
                State = TransactionState.Proceeding;
                SendNew(response!, isFinal: false);
                break;

            case ServerInput.Success:
            case ServerInput.Failure:
                Final(response!);
                break;

            // 17.2.2: "Once in the 'Trying' state, any further request retransmissions are discarded".
            case ServerInput.Retransmission:
            case ServerInput.Ack:
            case ServerInput.RetransmitTimer:
            case ServerInput.LimitTimer:
                break;

            default:
                throw new System.Diagnostics.UnreachableException();
        }
    }

    private void Proceeding(ServerInput input, SipBuffer? response)
    {
        switch (input)
        {
            case ServerInput.Retransmission:
                // 17.2.2: the most recent provisional response goes out again.
                SendLast();
                break;

            case ServerInput.Provisional:
                SendNew(response!, isFinal: false);
                break;

            case ServerInput.Success:
            case ServerInput.Failure:
                Final(response!);
                break;

            case ServerInput.Ack:
            case ServerInput.RetransmitTimer:
            case ServerInput.LimitTimer:
                break;

            default:
                throw new System.Diagnostics.UnreachableException();
        }
    }

    private void Final(SipBuffer response)
    {
        // 17.2.2: to Completed; timer J of 64*T1, zero over a reliable transport.
        State = TransactionState.Completed;
        Timers.Set(limit, Flow.IsReliable ? 0 : Values.TransactionTimeout);
        SendNew(response, isFinal: true);
    }

    private void Completed(ServerInput input)
    {
        switch (input)
        {
            case ServerInput.Retransmission:
                // 17.2.2: each retransmission of the request gets the final response again.
                SendLast();
                break;

            case ServerInput.LimitTimer:
                // 17.2.2: timer J.
                Terminate();
                break;

            // 17.2.2: any other final response of the user is discarded.
            case ServerInput.Provisional:
            case ServerInput.Success:
            case ServerInput.Failure:
            case ServerInput.Ack:
            case ServerInput.RetransmitTimer:
                break;

            default:
                throw new System.Diagnostics.UnreachableException();
        }
    }
}

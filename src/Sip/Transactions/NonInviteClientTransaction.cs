using Sip.Messages;

namespace Sip.Transactions;

/// <summary>The non-INVITE client transaction: RFC 3261 17.1.2, figure 6.</summary>
internal sealed class NonInviteClientTransaction : ClientTransaction
{
    // Timer E.
    private readonly LoopTimer retransmit;

    // Timer F, then timer K in Completed.
    private readonly LoopTimer limit;

    private int interval;

    public NonInviteClientTransaction(TransactionTable table)
        : base(table)
    {
        retransmit = new LoopTimer(this, 0);
        limit = new LoopTimer(this, 1);
    }

    /// <summary>The INVITE that this transaction cancels, or null.</summary>
    public InviteClientTransaction? Invite { get; private set; }

    /// <summary>Nothing: 9.1 says that only an INVITE should be cancelled.</summary>
    public override void Cancel(ReadOnlySpan<byte> reasonHeaderValue = default)
    {
        if (State == TransactionState.Idle)
        {
            Terminate();
        }
    }

    internal void BeginCancel(InviteClientTransaction invite)
    {
        BeginWithBranchOf(invite, SipMethod.Cancel);
        Invite = invite;
    }

    /// <summary>Ends the transaction of a CANCEL together with its INVITE's, under whose slot it is found.</summary>
    internal void EndWithInvite() => Terminate();

    internal override void OnResponse(SipMessage response) => Step(ClientInput.Response, response);

    internal override void OnTransportError() => Step(ClientInput.TransportError, null);

    private protected override void OnTimer(LoopTimer timer) =>
        Step(ReferenceEquals(timer, retransmit) ? ClientInput.RetransmitTimer : ClientInput.LimitTimer, null);

    private protected override void Start()
    {
        State = TransactionState.Trying;
        interval = Values.T1;

        // 17.1.2.2: timer F of 64*T1; timer E from T1 on, on an unreliable transport only.
        Timers.Set(limit, Values.TransactionTimeout);
        if (!Flow.IsReliable)
        {
            Timers.Set(retransmit, interval);
        }

        SendRequest();
    }

    private protected override void StopTimers()
    {
        Timers.Cancel(retransmit);
        Timers.Cancel(limit);
        Invite?.OnCancelEnded();
        Invite = null;
    }

    private void Step(ClientInput input, SipMessage? response)
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
            case TransactionState.Idle when input == ClientInput.TransportError:
                Fail(TransactionFailure.Transport);
                break;
            case TransactionState.Idle:
            case TransactionState.Terminated:
            case TransactionState.Calling:
            case TransactionState.Accepted:
            case TransactionState.Confirmed:
            default:
                break;
        }
    }

    private void Trying(ClientInput input, SipMessage? response)
    {
        switch (input)
        {
            case ClientInput.RetransmitTimer:
                // 17.1.2.2: timer E in Trying: MIN(2*T1, T2), MIN(4*T1, T2) and so on.
                interval = Math.Min(interval * 2, Values.T2);
                Timers.Set(retransmit, interval);
                SendRequest();
                break;

            case ClientInput.LimitTimer:
                // 17.1.2.2: timer F.
                Fail(TransactionFailure.Timeout);
                break;

            case ClientInput.TransportError:
                Fail(TransactionFailure.Transport);
                break;

            case ClientInput.Response when response!.StatusCode < 200:
                State = TransactionState.Proceeding;
                TellResponse(response);
                break;

            case ClientInput.Response:
                Final(response);
                break;

            default:
                throw new System.Diagnostics.UnreachableException();
        }
    }

    private void Proceeding(ClientInput input, SipMessage? response)
    {
        switch (input)
        {
            case ClientInput.RetransmitTimer:
                // 17.1.2.2: timer E in Proceeding: always T2.
                Timers.Set(retransmit, Values.T2);
                SendRequest();
                break;

            case ClientInput.LimitTimer:
                // 17.1.2.2: timer F in Proceeding, too.
                Fail(TransactionFailure.Timeout);
                break;

            case ClientInput.TransportError:
                Fail(TransactionFailure.Transport);
                break;

            case ClientInput.Response when response!.StatusCode < 200:
                TellResponse(response);
                break;

            case ClientInput.Response:
                Final(response);
                break;

            default:
                throw new System.Diagnostics.UnreachableException();
        }
    }

    private void Final(SipMessage response)
    {
        // 17.1.2.2: Completed, with timer K of T4, or zero over a reliable transport.
        State = TransactionState.Completed;
        Timers.Cancel(retransmit);
        Timers.Set(limit, Flow.IsReliable ? 0 : Values.T4);
        ForgetRequest();
        TellResponse(response);
    }

    private void Completed(ClientInput input)
    {
        switch (input)
        {
            case ClientInput.LimitTimer:
                // 17.1.2.2: timer K.
                Terminate();
                break;

            // 17.1.2.2: Completed is there to swallow retransmitted responses.
            case ClientInput.Response:
            case ClientInput.RetransmitTimer:
            case ClientInput.TransportError:
                break;

            default:
                throw new System.Diagnostics.UnreachableException();
        }
    }
}

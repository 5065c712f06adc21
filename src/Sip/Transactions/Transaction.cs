using Sip.Transports;

namespace Sip.Transactions;

/// <summary>
/// What the four machines share: one request with its responses on one flow. A plain object of one loop, without locks; it is
/// pooled, so its life ends with the user's OnTerminated, or with the turn in which the user let go of what was answered.
/// </summary>
public abstract class Transaction : ITimerOwner
{
    private Flow flow;

    private protected Transaction(TransactionTable table)
    {
        Table = table;
        FlowNode = new IndexNode(this);
    }

    /// <summary>The flow that the request went or came by.</summary>
    public Flow Flow => flow;

    /// <summary>Where the machine stands.</summary>
    public TransactionState State { get; private protected set; }

    /// <summary>Whatever the user wants to find here again.</summary>
    public object? Tag { get; set; }

    internal TransactionTable Table { get; }

    internal IndexNode FlowNode { get; }

    /// <summary>Counts the lives of the pooled object, so that a list made before a callback is not mistaken afterwards.</summary>
    public uint Life { get; private set; }

    private protected TimerQueue Timers => Table.Loop.Timers;

    private protected SipTimerValues Values => Table.Timers;

    /// <inheritdoc/>
    void ITimerOwner.OnTimer(LoopTimer timer) => OnTimer(timer);

    internal abstract void OnTransportError();

    private protected abstract void OnTimer(LoopTimer timer);

    private protected void Begin(in Flow newFlow)
    {
        flow = newFlow;
        Life++;
        Tag = null;
    }
}

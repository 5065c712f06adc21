namespace Sip.Transactions;

/// <summary>What can happen to a server transaction: the labels on the arrows of figures 7 and 8.</summary>
internal enum ServerInput : byte
{
    Retransmission,
    Ack,
    Provisional,
    Success,
    Failure,
    RetransmitTimer,
    LimitTimer,
}

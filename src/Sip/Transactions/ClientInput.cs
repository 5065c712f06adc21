namespace Sip.Transactions;

/// <summary>What can happen to a client transaction: the labels on the arrows of figures 5 and 6.</summary>
internal enum ClientInput : byte
{
    Response,
    RetransmitTimer,
    LimitTimer,
    TransportError,
}

namespace Sip.Transactions;

/// <summary>The states of the four machines of RFC 3261 17 and RFC 6026; no machine has them all.</summary>
public enum TransactionState : byte
{
    /// <summary>Made, its request not sent yet.</summary>
    Idle,

    /// <summary>INVITE client: sent, nothing came back.</summary>
    Calling,

    /// <summary>Non-INVITE: sent, or received and not answered.</summary>
    Trying,

    /// <summary>A provisional response went or came; an INVITE server transaction begins here.</summary>
    Proceeding,

    /// <summary>RFC 6026: an INVITE got its 2xx; further ones and retransmissions still belong to it.</summary>
    Accepted,

    /// <summary>The final response went or came.</summary>
    Completed,

    /// <summary>INVITE server: the ACK to the non-2xx came.</summary>
    Confirmed,

    /// <summary>Over; the object goes back to its pool.</summary>
    Terminated,
}

namespace Sip.Transactions;

/// <summary>What <see cref="TransactionTable.HandleRequest"/> found out about a request.</summary>
public enum RequestMatch : byte
{
    /// <summary>A retransmission, the ACK to a non-2xx or a CANCEL that found its transaction: all is done.</summary>
    Absorbed,

    /// <summary>A request that no transaction knows.</summary>
    New,

    /// <summary>An ACK that no transaction waits for: to a 2xx, or to an answer that left no state. A dialog may want it.</summary>
    Ack2xx,

    /// <summary>The same request came by another path (RFC 3261 8.2.2.2): 482 is due.</summary>
    Merged,

    /// <summary>A CANCEL of nothing that we know, or from elsewhere (RFC 3261 9.2): 481 is due.</summary>
    CancelWithoutTransaction,
}

using Sip.Messages;

namespace Sip.Transactions;

/// <summary>What a server transaction tells its user. All calls come on the transaction's loop.</summary>
public interface IServerTransactionUser
{
    /// <summary>
    /// The INVITE is cancelled and has no final response yet. The 200 to the CANCEL is already sent; answer the INVITE with
    /// 487 (RFC 3261 9.2).
    /// </summary>
    void OnCancel(ServerTransaction transaction, SipMessage cancel);

    /// <summary>
    /// Timer H fired (no ACK came; <see cref="OnTerminated"/> follows), or the flow failed: then the transaction stays, to absorb
    /// retransmissions (RFC 6026 7.1), and a later response tries another way back.
    /// </summary>
    void OnFailed(ServerTransaction transaction, TransactionFailure why);

    /// <summary>The last call of a transaction; the object serves another one afterwards, so let go of it.</summary>
    void OnTerminated(ServerTransaction transaction);
}

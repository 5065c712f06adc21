using Sip.Messages;

namespace Sip.Transactions;

/// <summary>What a client transaction tells its user. All calls come on the transaction's loop.</summary>
public interface IClientTransactionUser
{
    /// <summary>
    /// A response came: every 1xx, the final one once, and of an INVITE every 2xx, those of other forks and retransmissions
    /// included (RFC 6026 7.2). The response is retained by the caller for the time of the call only.
    /// </summary>
    void OnResponse(ClientTransaction transaction, SipMessage response);

    /// <summary>The transaction ended without a final response. <see cref="OnTerminated"/> follows.</summary>
    void OnFailed(ClientTransaction transaction, TransactionFailure why);

    /// <summary>The last call of a transaction; the object serves another one afterwards, so let go of it.</summary>
    void OnTerminated(ClientTransaction transaction);
}

using Sip.Messages;
using Sip.Transactions;

namespace Sip.B2bua.Calls;

/// <summary>Whoever gets the answer to a request whose answer means nothing.</summary>
internal sealed class Unanswered : IClientTransactionUser
{
    /// <summary>The only one needed.</summary>
    public static Unanswered Instance { get; } = new();

    /// <inheritdoc/>
    public void OnResponse(ClientTransaction t, SipMessage response)
    {
    }

    /// <inheritdoc/>
    public void OnFailed(ClientTransaction t, TransactionFailure why)
    {
    }

    /// <inheritdoc/>
    public void OnTerminated(ClientTransaction t)
    {
    }
}

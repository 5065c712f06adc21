using Sip.Messages;
using Sip.Transactions;

namespace Sip.B2bua.Subscriptions;

/// <summary>A refresh or a NOTIFY on its way across: what one side asked, until the other has answered.</summary>
internal sealed class CrossingRequest(Subscription subscription, ServerTransaction asker) : IClientTransactionUser
{
    /// <summary>The transaction of the side that asked.</summary>
    public ServerTransaction Asker { get; } = asker;

    /// <inheritdoc/>
    public void OnResponse(ClientTransaction t, SipMessage response)
    {
        if (response.StatusCode >= 200)
        {
            subscription.OnCrossed(this, response.StatusCode, response);
        }
    }

    /// <inheritdoc/>
    public void OnFailed(ClientTransaction t, TransactionFailure why) => subscription.OnCrossed(this, 408, null);

    /// <inheritdoc/>
    public void OnTerminated(ClientTransaction t)
    {
    }
}

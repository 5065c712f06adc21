using Sip.Messages;
using Sip.Transactions;

namespace Sip.B2bua.Calls;

/// <summary>A request within a dialog, other than INVITE, that a leg sent to its party.</summary>
internal class OutgoingRequest(Leg leg, SipMethod method, Asker? asker) : IClientTransactionUser
{
    /// <summary>The request of the other party that this carries; null for our own.</summary>
    public Asker? Asker { get; } = asker;

    /// <summary>True when its answer means nothing to the leg, unless it asks who we are.</summary>
    public bool IsForgotten { get; init; }

    /// <summary>True when it carries an offer, which its answer answers.</summary>
    public bool IsExchanging { get; init; }

    /// <summary>Its method.</summary>
    public SipMethod Method { get; } = method;

    /// <inheritdoc/>
    public void OnResponse(ClientTransaction t, SipMessage response)
    {
        if (response.StatusCode >= 200 && (!IsForgotten || response.StatusCode is 401 or 407))
        {
            leg.OnRequestAnswered(this, response.StatusCode, response);
        }

        if (response.StatusCode >= 200)
        {
            t.LetGo(); // what is remembered of it for a while is no reason to remember the call
        }
    }

    /// <inheritdoc/>
    public void OnFailed(ClientTransaction t, TransactionFailure why)
    {
        if (!IsForgotten)
        {
            leg.OnRequestAnswered(this, why == TransactionFailure.Timeout ? 408 : 503, null);
        }
    }

    /// <inheritdoc/>
    public void OnTerminated(ClientTransaction t)
    {
    }
}

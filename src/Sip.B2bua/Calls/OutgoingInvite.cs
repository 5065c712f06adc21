using Sip.Messages;
using Sip.Transactions;

namespace Sip.B2bua.Calls;

/// <summary>
/// An INVITE or re-INVITE that a leg sent to its party, from the first octet to the ACK of its 2xx, which is the leg's own
/// work (RFC 3261 §13.2.2.4) and is sent again for each repetition of the 2xx.
/// </summary>
internal sealed class OutgoingInvite(Leg leg, bool isInitial, bool hasOffer, IncomingRequest? asker) : IClientTransactionUser
{
    private SipBuffer? ack;

    /// <summary>The request of the other party that this carries; null for our own.</summary>
    public IncomingRequest? Asker { get; } = asker;

    /// <summary>True for the INVITE that calls the party.</summary>
    public bool IsInitial { get; } = isInitial;

    /// <summary>True when this INVITE carried the offer.</summary>
    public bool HasOffer { get; } = hasOffer;

    /// <summary>Its sequence number, which its ACK repeats.</summary>
    public uint CSeq { get; set; } = 1;

    /// <summary>Its client transaction.</summary>
    public ClientTransaction? Transaction { get; set; }

    /// <summary>True once a final response came, or none can come any more.</summary>
    public bool IsAnswered { get; private set; }

    /// <summary>True once we have given up on it.</summary>
    public bool IsCancelled { get; private set; }

    /// <summary>True once its 2xx was acknowledged.</summary>
    public bool IsAcknowledged => ack is not null;

    /// <summary>Gives up: CANCEL now, or as soon as RFC 3261 §9.1 allows it.</summary>
    /// <param name="reason">The value of a Reason header (RFC 3326), or empty.</param>
    public void Cancel(ReadOnlySpan<byte> reason)
    {
        if (!IsAnswered && !IsCancelled)
        {
            IsCancelled = true;
            Transaction?.Cancel(reason);
        }
    }

    /// <summary>Sends the ACK and keeps it for repetitions of the 2xx. Takes over the caller's count.</summary>
    public void Acknowledge(SipBuffer message)
    {
        ack = message;
        Repeat();
    }

    /// <summary>Lets the ACK go.</summary>
    public void Forget()
    {
        ack?.Release();
        ack = null;
    }

    /// <inheritdoc/>
    public void OnResponse(ClientTransaction t, SipMessage response)
    {
        int code = response.StatusCode;
        if (code == 100)
        {
            return;
        }

        if (code < 200)
        {
            if (!IsAnswered && !IsCancelled)
            {
                leg.OnProgress(this, response);
            }

            return;
        }

        if (code >= 300)
        {
            if (!IsAnswered)
            {
                IsAnswered = true;
                leg.OnInviteFailed(this, code, response);
            }

            return;
        }

        if (!IsAnswered)
        {
            IsAnswered = true;
            leg.OnInviteAnswered(this, response);
        }
        else if (leg.IsSameDialog(response))
        {
            Repeat(); // 13.2.2.4: the ACK was lost
        }
        else
        {
            leg.RefuseSecondAnswer(response); // another branch of a fork behind the target answered too
        }
    }

    /// <inheritdoc/>
    public void OnFailed(ClientTransaction t, TransactionFailure why)
    {
        if (!IsAnswered)
        {
            IsAnswered = true;
            leg.OnInviteFailed(this, why == TransactionFailure.Timeout ? 408 : 503, null);
        }
    }

    /// <inheritdoc/>
    public void OnTerminated(ClientTransaction t)
    {
        Transaction = null;
        Forget();
    }

    private void Repeat()
    {
        if (ack is not null)
        {
            ack.Retain();
            leg.SendInDialog(ack);
        }
    }
}

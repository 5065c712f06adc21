using Sip.Messages;
using Sip.Transactions;

namespace Sip.B2bua.Calls;

/// <summary>
/// An INVITE or re-INVITE that a leg sent to its party, from the first octet to the ACK of its 2xx, which is the leg's own
/// work (RFC 3261 §13.2.2.4) and is sent again for each repetition of the 2xx.
/// </summary>
internal sealed class OutgoingInvite(Leg leg, bool isInitial, bool hasOffer, Asker? asker) : IClientTransactionUser
{
    private Leg? leg = leg;
    private LateAnswers? late;
    private AnswerAcks acks;
    private byte[]? answeredTag;
    private ReliableResponses reliable;

    /// <summary>The request of the other party that this carries; null for our own.</summary>
    public Asker? Asker { get; private set; } = asker;

    /// <summary>True for the INVITE that calls the party.</summary>
    public bool IsInitial { get; } = isInitial;

    /// <summary>True when this INVITE carried the offer.</summary>
    public bool HasOffer { get; } = hasOffer;

    /// <summary>Its sequence number, which its ACK repeats.</summary>
    public uint CSeq { get; set; } = 1;

    /// <summary>
    /// The answer that came in a reliable provisional response: it stands, and the 2xx need not repeat it (RFC 3262 §5). Empty: none.
    /// </summary>
    public byte[] EarlyAnswer { get; set; } = [];

    /// <summary>True once a reliable provisional response had an offer or answer.</summary>
    public bool HasEarlySession { get; set; }

    /// <summary>Its client transaction.</summary>
    public ClientTransaction? Transaction { get; set; }

    /// <summary>True once a final response came, or none can come any more.</summary>
    public bool IsAnswered { get; private set; }

    /// <summary>True once we have given up on it.</summary>
    public bool IsCancelled { get; private set; }

    /// <summary>True once another INVITE has taken its place, because nobody answered this one (RFC 3263 4.3).</summary>
    public bool IsSuperseded { get; private set; }

    /// <summary>True once its 2xx was acknowledged.</summary>
    public bool IsAcknowledged { get; private set; }

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

    /// <summary>Gives it up for another that takes its place: whatever still comes of it means nothing to the call.</summary>
    public void Supersede()
    {
        IsSuperseded = true;
        Cancel(default);
    }

    /// <summary>The leg is over, and all that may still come is an answer that nobody wants, or the one that counted once more.</summary>
    /// <param name="ended">Deals with that.</param>
    /// <returns>False where more must be known for it.</returns>
    public bool TryHandOver(EndedInvites ended)
    {
        if (IsSuperseded || Transaction is not { } own || !acks.TryTakeOnly(out SipBuffer? ack, out ReadOnlySpan<byte> tag))
        {
            return false;
        }

        Transaction = null;
        leg = null;
        Asker = null;
        ended.Take(own, ack, tag);
        return true;
    }

    /// <summary>The leg is over: what may still come means nothing to the call, which need not be kept for it.</summary>
    /// <param name="remains">Deals with a 2xx that comes now.</param>
    public void LeaveLeg(LateAnswers remains)
    {
        late = remains;
        leg = null;
        Asker = null;
    }

    /// <summary>Sends the ACK of the 2xx that counts, and keeps it for repetitions of that. Takes over the caller's count.</summary>
    public void Acknowledge(SipBuffer message)
    {
        IsAcknowledged = true;
        Acknowledge(answeredTag ?? [], message);
    }

    /// <summary>Sends the ACK of a 2xx with this To tag, and keeps it for repetitions of that. Takes over the caller's count.</summary>
    public void Acknowledge(byte[] tag, SipBuffer message)
    {
        Send(message);
        if (Transaction is null)
        {
            message.Release(); // no repetition can come any more
        }
        else
        {
            acks.Add(tag, message);
        }
    }

    /// <inheritdoc/>
    public void OnResponse(ClientTransaction t, SipMessage response)
    {
        int code = response.StatusCode;
        if (!IsSuperseded)
        {
            leg?.OnSignOfLife();
        }

        if (code == 100 || (IsSuperseded && code is < 200 or >= 300))
        {
            return;
        }

        if (code < 200)
        {
            uint number = ReliableResponses.NumberOf(response);
            if (!IsAnswered && (number == 0 || reliable.TryTake(response, number)))
            {
                leg?.OnProgress(this, response, number);
            }

            return;
        }

        if (code >= 300)
        {
            if (!IsAnswered)
            {
                IsAnswered = true;
                leg?.OnInviteFailed(this, code, response);
            }

            Transaction = null;
            t.LetGo(); // it acknowledges repetitions by itself
            return;
        }

        if (acks.Find(response.ToTag) is { } ack)
        {
            Send(ack); // 13.2.2.4: the ACK was lost
        }
        else if (!IsAnswered)
        {
            IsAnswered = true;
            answeredTag = response.ToTag.ToArray();
            if (leg is null)
            {
                late!.HangUp(this, response);
            }
            else
            {
                leg.OnInviteAnswered(this, response);
            }
        }
        else if (!response.ToTag.SequenceEqual(answeredTag))
        {
            // Another branch of a fork behind the target answered too.
            if (leg is null)
            {
                late!.HangUp(this, response);
            }
            else
            {
                leg.RefuseSecondAnswer(this, response);
            }
        }
    }

    /// <inheritdoc/>
    public void OnFailed(ClientTransaction t, TransactionFailure why)
    {
        if (!IsAnswered && !IsSuperseded)
        {
            IsAnswered = true;
            leg?.OnInviteFailed(this, why == TransactionFailure.Timeout ? 408 : 503, null);
        }
    }

    /// <inheritdoc/>
    public void OnTerminated(ClientTransaction t)
    {
        Transaction = null;
        acks.Clear();
        leg?.Forget(this);
    }

    // The leg's way may be that of the INVITE that took this one's place.
    private void Send(SipBuffer ack)
    {
        if (leg is null)
        {
            late!.Send(IsSuperseded && Transaction is { } mine ? mine.Flow : late.Way, ack);
        }
        else if (IsSuperseded && Transaction is { } own)
        {
            leg.Send(own.Flow, ack);
        }
        else
        {
            leg.SendInDialog(ack);
        }
    }
}

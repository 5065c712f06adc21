using Sip.Messages;
using Sip.Transactions;

namespace Sip.B2bua.Calls;

/// <summary>
/// The subscription that a REFER makes (RFC 3515 2.4.4): tells the transferor by NOTIFY how the transfer fares. One NOTIFY at a time,
/// because a later one may overtake it on the way; of what comes meanwhile only the newest is told.
/// </summary>
/// <param name="leg">The transferor's leg.</param>
/// <param name="id">The id of the Event header, 0 for none: RFC 3515 2.4.6.</param>
/// <param name="seconds">How long it lasts at most.</param>
internal sealed class ReferSubscription(Leg leg, uint id, int seconds) : IClientTransactionUser
{
    private int told;
    private int waiting;
    private bool isFinal;
    private bool isBusy;
    private bool isOver;

    /// <summary>The id of the Event header, 0 for none.</summary>
    public uint Id => id;

    /// <summary>How long it lasts at most, in seconds.</summary>
    public int Seconds => seconds;

    /// <summary>Tells how far the transfer has come.</summary>
    /// <param name="code">The status code of the new party's answer.</param>
    public void Tell(int code)
    {
        if (isFinal || isOver || code == told)
        {
            return;
        }

        told = code;
        isFinal = code >= 200;
        waiting = code;
        SendWaiting();
    }

    /// <summary>The transferor has gone, or does not want to know.</summary>
    public void Stop() => isOver = true;

    /// <inheritdoc/>
    public void OnResponse(ClientTransaction t, SipMessage response)
    {
        if (response.StatusCode >= 200)
        {
            // RFC 6665 4.2.2: whoever refuses a NOTIFY is told no more.
            isOver |= response.StatusCode is 481 or 489 or 405 or 501;
            Next();
        }
    }

    /// <inheritdoc/>
    public void OnFailed(ClientTransaction t, TransactionFailure why)
    {
        isOver = true;
        Next();
    }

    /// <inheritdoc/>
    public void OnTerminated(ClientTransaction t)
    {
    }

    private void Next()
    {
        isBusy = false;
        SendWaiting();
    }

    private void SendWaiting()
    {
        if (isBusy || isOver || waiting == 0)
        {
            return;
        }

        isBusy = leg.TryNotify(this, waiting);
        isOver |= waiting >= 200 || !isBusy;
        waiting = 0;
    }
}

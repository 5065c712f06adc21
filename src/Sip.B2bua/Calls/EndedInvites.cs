using Sip.Dialogs;
using Sip.Messages;
using Sip.Transactions;
using Sip.Transports;

namespace Sip.B2bua.Calls;

/// <summary>
/// Hears what still comes of INVITEs whose calls are over, for half a minute each (RFC 6026 7.2). There is one for all calls of a loop: all
/// that it must know of each is its ACK, and that is the tag of the transaction, so that nothing is kept for an ended call.
/// <see cref="LateAnswers"/> serves the few that need more.
/// </summary>
/// <param name="core">The calls of the loop.</param>
internal sealed class EndedInvites(CallCore core) : IClientTransactionUser, ILateAnswers
{
    private readonly LegWriter writer = new(core, null, new SessionTimer(0, 0), PeerProfile.Default, null);

    /// <summary>Takes a transaction over.</summary>
    /// <param name="transaction">The transaction.</param>
    /// <param name="ack">The ACK of its 2xx; null when none has come. Takes over the caller's count.</param>
    /// <param name="tag">The To tag of its 2xx.</param>
    public void Take(ClientTransaction transaction, SipBuffer? ack, ReadOnlySpan<byte> tag)
    {
        if (ack is not null && transaction.TryEnd(ack, tag))
        {
            ack.Release();
            return;
        }

        transaction.Tag = ack;
        transaction.User = this;
    }

    /// <inheritdoc/>
    public void OnResponse(ClientTransaction t, SipMessage response)
    {
        if (response.StatusCode is < 200 or >= 300)
        {
            return;
        }

        byte[] tag = [.. ";tag="u8, .. response.ToTag, (byte)'\r'];
        if (t.Tag is SipBuffer known && known.Span.IndexOf(tag) >= 0)
        {
            core.Loop.Transports.Send(t.Flow, known); // 13.2.2.4: the ACK was lost
            return;
        }

        SipBuffer ack = HangUp(t.Flow, response);
        if (t.Tag is null)
        {
            t.Tag = ack;
        }
        else
        {
            ack.Release();
        }
    }

    /// <inheritdoc/>
    public void OnLateAnswer(in Flow way, SipMessage response) => HangUp(way, response).Release();

    /// <inheritdoc/>
    public void OnFailed(ClientTransaction t, TransactionFailure why)
    {
    }

    /// <inheritdoc/>
    public void OnTerminated(ClientTransaction t)
    {
        (t.Tag as SipBuffer)?.Release();
        t.Tag = null;
    }

    // 13.2.2.4: nobody wants this answer: acknowledge it and hang up. Gives the ACK with its count.
    private SipBuffer HangUp(in Flow way, SipMessage response)
    {
        Dialog unwanted = Dialog.FromResponse(response, way, core.ContactFor(way, sips: false), isSecure: false, LateAnswers.Nobody);
        SipBuffer ack = writer.Ack(unwanted, response.CSeqNumber, new CallEvent { Kind = CallEventKind.Acknowledge }, null);
        core.Loop.Transports.Send(way, ack);
        ClientTransaction bye = core.Loop.Transactions.CreateClient(SipMethod.Bye, way, Unanswered.Instance);
        bye.Send(writer.InDialog(LateAnswers.ForBye(unwanted), bye, new CallEvent { Kind = CallEventKind.End }));
        return ack;
    }
}

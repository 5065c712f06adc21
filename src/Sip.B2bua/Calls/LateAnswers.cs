using Sip.Dialogs;
using Sip.Messages;
using Sip.Transactions;
using Sip.Transports;

namespace Sip.B2bua.Calls;

/// <summary>
/// What is kept of a leg for the 2xx of its INVITE that nobody wants: enough to acknowledge it and to hang up (RFC 3261 §13.2.2.4). One may
/// come half a minute after the leg is over, from a fork of somebody else's; the call itself need not wait for that.
/// </summary>
/// <param name="core">The calls of its loop.</param>
/// <param name="writer">The leg's writer.</param>
/// <param name="contact">The value of our Contact.</param>
/// <param name="way">The way to the party.</param>
/// <param name="isSips">Whether our Contact is a SIPS URI.</param>
/// <param name="authentication">Our authentication towards the party, or null.</param>
internal sealed class LateAnswers(CallCore core, LegWriter writer, byte[] contact, in Flow way, bool isSips, PeerAuthentication? authentication)
{
    // PRACKs and UPDATEs of the early dialog have had numbers that nobody knows any more.
    private const uint NumbersOfEarlyDialogs = 1000;

    private readonly Flow way = way;

    /// <summary>Whose dialogs are those that live for an ACK and a BYE only.</summary>
    public static IDialogUser Nobody { get; } = new NoUser();

    /// <summary>The way to the party.</summary>
    public ref readonly Flow Way => ref way;

    /// <summary>The dialog of a 2xx that nobody wants, for the BYE: its ACK is already written.</summary>
    public static Dialog ForBye(Dialog unwanted)
    {
        unwanted.SkipNumbers(NumbersOfEarlyDialogs);
        return unwanted;
    }

    /// <summary>Acknowledges a 2xx and hangs up.</summary>
    /// <param name="invite">The INVITE.</param>
    /// <param name="response">Its 2xx.</param>
    public void HangUp(OutgoingInvite invite, SipMessage response)
    {
        Flow by = invite is { IsSuperseded: true, Transaction: { } own } ? own.Flow : way;
        Dialog unwanted = Dialog.FromResponse(response, by, contact, isSecure: isSips && way.IsSecure, Nobody);
        invite.Acknowledge(response.ToTag.ToArray(), writer.Ack(unwanted, response.CSeqNumber, new CallEvent { Kind = CallEventKind.Acknowledge }, authentication));
        if (invite.IsInitial)
        {
            ClientTransaction transaction = core.Loop.Transactions.CreateClient(SipMethod.Bye, by, Unanswered.Instance);
            transaction.Send(writer.InDialog(ForBye(unwanted), transaction, new CallEvent { Kind = CallEventKind.End }, authentication));
        }
    }

    /// <summary>Sends an ACK again; the caller keeps its count.</summary>
    public void Send(in Flow to, SipBuffer ack) => core.Loop.Transports.Send(to, ack);

    // Such a dialog is in no table: nothing comes for it.
    private sealed class NoUser : IDialogUser
    {
        public void OnRequest(Dialog dialog, ServerTransaction transaction)
        {
            transaction.Respond(481);
            transaction.LetGo();
        }

        public void OnAck(Dialog dialog, SipMessage ack, in Flow flow)
        {
        }
    }
}

using Sip.Messages;
using Sip.Transactions;
using Sip.Transports;

namespace Sip.Dialogs;

/// <summary>Who a dialog's requests are for.</summary>
public interface IDialogUser
{
    /// <summary>
    /// A request inside the dialog, in order and with a server transaction. Its user is this object if that is an
    /// <see cref="IServerTransactionUser"/>, else nobody until one is set.
    /// </summary>
    void OnRequest(Dialog dialog, ServerTransaction transaction);

    /// <summary>The ACK to a 2xx, first or retransmitted.</summary>
    void OnAck(Dialog dialog, SipMessage ack, in Flow flow);
}

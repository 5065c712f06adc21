using Sip.Dialogs;
using Sip.Messages;
using Sip.Transactions;
using Sip.Transports;

namespace Sip.B2bua.Calls;

/// <summary>The dialog that a REFER outside a call makes. It is there for the NOTIFYs and ends with the subscription.</summary>
internal sealed class ReferDialog : IDialogUser
{
    private readonly Leg leg;
    private readonly Dialog dialog;

    /// <summary>Makes it, and the subscription, when the REFER is accepted.</summary>
    /// <param name="refer">The REFER.</param>
    /// <param name="seconds">How long the subscription lasts.</param>
    public ReferDialog(OutsideRefer refer, int seconds)
    {
        leg = refer.Leg;
        CallCore core = leg.Call.Core;
        ServerTransaction transaction = refer.Transaction;
        dialog = Dialog.FromRequest(refer.Request, transaction.Flow, transaction.LocalTag, refer.Contact, this);
        dialog.Confirm();
        core.Loop.Dialogs.Add(dialog);
        Subscription = new ReferSubscription(leg, refer.Request.CSeqNumber, isFirst: true, seconds, this);
    }

    /// <summary>The subscription.</summary>
    public ReferSubscription Subscription { get; }

    /// <summary>Tells the referrer how its transfer fares.</summary>
    public void Notify(int code) => leg.Notify(dialog, dialog.Flow, Subscription, code);

    /// <summary>Nothing more is told.</summary>
    public void Close() => leg.Call.Core.Loop.Dialogs.Remove(dialog);

    /// <inheritdoc/>
    public void OnRequest(Dialog within, ServerTransaction transaction) => leg.OnReferDialogRequest(Subscription, within, transaction);

    /// <inheritdoc/>
    public void OnAck(Dialog within, SipMessage ack, in Flow from)
    {
    }
}

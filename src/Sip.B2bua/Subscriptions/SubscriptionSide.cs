using Sip.B2bua.Calls;
using Sip.Dialogs;
using Sip.Messages;
using Sip.Transactions;
using Sip.Transports;

namespace Sip.B2bua.Subscriptions;

/// <summary>Our end of one of the two dialogs of a subscription, and the way to the party there.</summary>
/// <param name="core">The calls of its loop.</param>
/// <param name="rules">What is changed of the headers that cross to the party; null: nothing.</param>
internal sealed class SubscriptionSide(CallCore core, HeaderRules? rules)
{
    // Room for our own headers beside what crosses.
    private const int OwnHeaders = 640;

    private Flow way;
    private bool isSips;

    /// <summary>The dialog while there is one.</summary>
    public Dialog? Dialog { get; private set; }

    /// <summary>The value of our Contact, as the party reaches us.</summary>
    public byte[] Contact { get; private set; } = [];

    /// <summary>The way to the party is known.</summary>
    /// <param name="flow">The way.</param>
    /// <param name="sips">Whether our Contact must be a SIPS URI (<see cref="SipsRule"/>).</param>
    public void GoBy(in Flow flow, bool sips)
    {
        way = flow;
        isSips = sips;
        Contact = core.ContactFor(flow, sips);
    }

    /// <summary>The dialog is made.</summary>
    public void Open(Dialog dialog)
    {
        Dialog = dialog;
        core.Loop.Dialogs.Add(dialog);
    }

    /// <summary>The party has asked: it may have moved, by another way or with another Contact.</summary>
    public void Follow(SipMessage request, in Flow flow)
    {
        if (!way.IsSameWay(flow))
        {
            GoBy(flow, isSips);
            Dialog!.SetLocalContact(Contact);
        }

        Dialog!.UpdateTarget(request);
    }

    /// <summary>Sends a request within the dialog.</summary>
    /// <param name="method">SUBSCRIBE or NOTIFY.</param>
    /// <param name="user">Who gets the answer.</param>
    /// <param name="source">The other side's request, of which headers and body cross.</param>
    /// <param name="package">The value of Event; empty: the other side's.</param>
    public void Send(SipMethod method, IClientTransactionUser user, SipMessage source, ReadOnlySpan<byte> package)
    {
        ClientTransaction transaction = core.Loop.Transactions.CreateClient(method, way, user);
        SipWriter writer = new(core.Buffers, OwnHeaders + source.Bytes.Length);
        Dialog!.WriteRequest(ref writer, transaction, method);
        core.WriteProduct(ref writer, HeaderId.UserAgent);
        EventLists.Write(ref writer, source);
        CallCore.FinishCrossing(ref writer, source, rules, package: package);
        transaction.Send(writer.Finish());
    }

    /// <summary>Sends a request of our own within the dialog, without a body.</summary>
    /// <param name="method">SUBSCRIBE or NOTIFY.</param>
    /// <param name="user">Who gets the answer.</param>
    /// <param name="package">The value of Event.</param>
    /// <param name="id">Expires or Subscription-State.</param>
    /// <param name="value">Its value.</param>
    public void Send(SipMethod method, IClientTransactionUser user, ReadOnlySpan<byte> package, HeaderId id, ReadOnlySpan<byte> value)
    {
        ClientTransaction transaction = core.Loop.Transactions.CreateClient(method, way, user);
        SipWriter writer = new(core.Buffers, OwnHeaders);
        Dialog!.WriteRequest(ref writer, transaction, method);
        writer.Header(HeaderId.Event, package);
        writer.Header(id, value);
        core.WriteProduct(ref writer, HeaderId.UserAgent);
        writer.NoBody();
        transaction.Send(writer.Finish());
    }

    /// <summary>The dialog is over.</summary>
    public void Close()
    {
        if (Dialog is { } dialog)
        {
            core.Loop.Dialogs.Remove(dialog);
            Dialog = null;
        }
    }
}

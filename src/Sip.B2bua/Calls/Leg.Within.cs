using Sip.Messages;
using Sip.Transactions;
using Sip.Transports;
using Sip.Uris;

namespace Sip.B2bua.Calls;

/// <content>Requests within the dialog, and the way that they go.</content>
internal sealed partial class Leg
{
    /// <summary>
    /// Sends a request within the dialog: by the way that the party used last, which is right behind NAT, too; where that is gone (a
    /// connection that was closed), to the next hop of the route set or the remote target by target resolution (12.2.1.1, 8.1.2).
    /// </summary>
    private void SendWithin(in CallEvent e, SipMethod method, IClientTransactionUser user)
    {
        if (dialog.Way.IsAlive)
        {
            SendByWay(e, method, user);
            return;
        }

        ValueTask<TargetPath> search = FindNextHop();
        if (search.IsCompletedSuccessfully)
        {
            Take(search.Result);
            SendByWay(e, method, user);
        }
        else
        {
            SendLater(search, new KeptEvent(e), method, user);
        }
    }

    // An ACK is not waited for: where the next hop is a name, the repeated 2xx brings it on its way.
    private void RestoreWay()
    {
        if (dialog.Way.IsAlive || Dialog is null)
        {
            return;
        }

        ValueTask<TargetPath> search = FindNextHop();
        if (search.IsCompletedSuccessfully)
        {
            Take(search.Result);
        }
        else
        {
            TakeLater(search);
        }
    }

    private async void SendLater(ValueTask<TargetPath> search, KeptEvent kept, SipMethod method, IClientTransactionUser user)
    {
        try
        {
            Take(await search);
            if (Dialog is not null)
            {
                SendByWay(kept.Event, method, user); // a way that is still gone fails as a broken connection does
            }
        }
        catch (Exception fault)
        {
            // No exception leaves an async void.
            Call.Core.Fault("request within a dialog", fault);
        }
    }

    private async void TakeLater(ValueTask<TargetPath> search)
    {
        try
        {
            Take(await search);
        }
        catch (Exception fault)
        {
            // No exception leaves an async void.
            Call.Core.Fault("target resolution", fault);
        }
    }

    private ValueTask<TargetPath> FindNextHop()
    {
        ReadOnlySpan<byte> uri = Dialog!.NextHop;

        // A private address is of use on our side of the party's NAT only.
        bool isBehindNat = SipUri.TryParse(uri, out SipUri hop) && SipAddress.TryParse(hop.Host, 0, out SipAddress address)
            && address.IsPrivate && !dialog.Way.Remote.IsPrivate;
        return isBehindNat ? new ValueTask<TargetPath>(TargetPath.Along(default)) : Call.Core.FindPathAsync(uri);
    }

    private void Take(TargetPath found)
    {
        if (Dialog is not null && !dialog.Way.IsAlive && found.MoveNext())
        {
            Call.Trail.Add("Leg", "the connection of {0} is gone, trying {1}", Party, found.ToString());
            dialog.Follow(found.Flow);
        }
    }

    private void SendByWay(in CallEvent e, SipMethod method, IClientTransactionUser user)
    {
        ClientTransaction transaction = Transactions.CreateClient(method, dialog.Way, user);
        SipBuffer message = writer.InDialog(Dialog!, transaction, e, Authentication);
        if (!dialog.Way.IsReliable && message.Length > UdpMtu && TryFindStream(out Flow stream))
        {
            // 18.1.1: too long for a datagram; the Via names the transport, so it is written anew.
            message.Release();
            transaction.Abandon();
            transaction = Transactions.CreateClient(method, stream, user);
            message = writer.InDialog(Dialog!, transaction, e, Authentication);
        }

        if (user is OutgoingInvite invite)
        {
            invite.Transaction = transaction;
            invite.CSeq = Dialog!.LocalCSeq;
        }

        if (method == SipMethod.Refer && e.Asker is { } referrer)
        {
            PassedReferral = new PassedReferral(referrer.Request.CSeqNumber, Dialog!.LocalCSeq);
        }

        transaction.Send(message);
    }

    // TCP is to be had where a connection to the party is open already. To try one with a phone behind NAT, or that only speaks UDP,
    // would cost the request its time.
    private bool TryFindStream(out Flow stream) => Call.Core.Loop.Transports.TryGetOpenFlow("TCP"u8, dialog.Way.Remote, out stream);
}

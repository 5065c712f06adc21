using Sip.Messages;
using Sip.Transactions;
using Sip.Transports;

namespace Sip.B2bua.Calls;

/// <content>The way to a target, and the next one, or the device's next flow, where it leads nowhere (design: step 12).</content>
internal sealed partial class Leg : ITimerOwner
{
    // Both are kept only until the target rings: the ways that are left, and the body to go by them.
    private TargetPath? path;
    private byte[] offer = [];
    private LoopTimer? patience;

    private bool HasOtherWay => path is { } ways && (ways.HasMore || target!.NextFlow is not null || Call.HasOtherWays);

    /// <summary>
    /// RFC 3263 4.3: the way that was tried has not said a word, and there is another. The INVITE that is on its way is given up, so a
    /// server that answers it after all is told so (9.1), and the next way is tried at once.
    /// </summary>
    public void OnTimer(LoopTimer timer)
    {
        if (state != LegState.Trying || outgoing is not { IsInitial: true } silent || !HasOtherWay)
        {
            return;
        }

        silent.Supersede();
        if (!TryOtherWay(silent.Asker!, "{0} is silent, trying {1}") && !TryOtherFlow(silent.Asker!))
        {
            OnInviteFailed(silent, 408, null);
        }
    }

    /// <summary>The way that was tried leads to somebody: no other is tried because of silence.</summary>
    public void OnSignOfLife()
    {
        if (patience is not null)
        {
            Loop.Timers.Cancel(patience);
        }
    }

    /// <summary>The sequence number of the INVITE that calls the target; one that answers a challenge goes on from the one before (8.1.3.5).</summary>
    public uint InviteCSeq { get; private set; }

    // 18.1.1: requests that are longer go by a transport with congestion control where there is one.
    private int UdpMtu => profile.MaxUdpSize > 0 ? profile.MaxUdpSize : Call.Core.Loop.Transports.Options.UdpMtu;

    private static ReadOnlySpan<byte> NoLateOffer => "The phone takes no INVITE without an offer"u8;

    private void Ring(in CallEvent e)
    {
        // The event lives for this turn only; a target that must first be looked up keeps the INVITE itself.
        if (target is { NextFlow: null, Flow: { IsAlive: true } known })
        {
            dialog.GoBy(known);
            SendInvite(e);
        }
        else
        {
            offer = Keep(e.Body);
            RingLater(e.Asker!);
        }
    }

    private async void RingLater(Asker asker)
    {
        TargetProblem problem = TargetProblem.None;
        try
        {
            do
            {
                path = await Call.Core.FindPathAsync(target!);
                problem = path.Problem;
                if (state != LegState.Trying || TryNextWay(asker))
                {
                    return;
                }
            }
            while (TakeNextFlow());
        }
        catch (Exception fault)
        {
            // No exception leaves an async void: this target counts as failed.
            Call.Core.Fault("target resolution", fault);
        }

        await Task.Yield(); // the call may still be starting its other candidates
        FailUnasked(asker, TargetProblems.Code(problem), TargetProblems.Phrase(problem));
    }

    // The target never got an INVITE.
    private void FailUnasked(Asker asker, int code, ReadOnlySpan<byte> reason)
    {
        if (state == LegState.Trying)
        {
            Finish();
            Call.Deliver(this, new CallEvent { Kind = CallEventKind.Fail, Method = SipMethod.Invite, Code = code, Reason = reason, Asker = asker });
        }
    }

    // RFC 3263 4.3: no answer, a transport that failed, and 503 are not the target's word; the next way is tried in a new transaction.
    // RFC 5626 7: after a "final response from a branch other than a 408 (Request Timeout) or a 430 (Flow Failed)" no other flow is tried.
    private bool TryOtherWay(OutgoingInvite invite, int code, SipMessage? response)
    {
        bool isWayFailed = response is null || code == 503;
        bool isFlowFailed = response is null || code is 408 or 430;
        return path is not null && !invite.IsCancelled
            && ((isWayFailed && TryOtherWay(invite.Asker!, "{0} failed, trying {1}")) || (isFlowFailed && TryOtherFlow(invite.Asker!)));
    }

    private bool TryOtherWay(Asker asker, string why)
    {
        string failed = path!.ToString();
        path.Failed();
        if (!TryNextWay(asker))
        {
            return false;
        }

        Call.Trail.Add("Resolver", why, failed, path.ToString());
        return true;
    }

    private bool TryOtherFlow(Asker asker)
    {
        if (!TakeNextFlow())
        {
            return false;
        }

        Call.Trail.Add("Resolver", "{0} is tried by another of its flows: {1}", Party, target!.Flow is { } flow ? flow.ToString() : target.Uri);
        RingLater(asker);
        return true;
    }

    private bool TakeNextFlow()
    {
        if (target!.NextFlow is not { } next)
        {
            return false;
        }

        target = next;
        dialog.IsSips = SipsRule.AppliesTo(next);
        return true;
    }

    private bool TryNextWay(Asker asker)
    {
        if (!path!.MoveNext())
        {
            return false;
        }

        dialog.GoBy(path.Flow);
        SendInvite(new CallEvent
        {
            Kind = CallEventKind.Try,
            Method = SipMethod.Invite,
            Message = asker.Request,
            ContentType = asker.ContentType,
            Body = offer,
            Asker = asker,
        });
        return true;
    }

    private void SendInvite(in CallEvent e)
    {
        session.Remember(e);
        InviteCSeq = Authentication is null ? 1 : InviteCSeq + 1;
        OutgoingInvite invite = new(this, isInitial: true, e.HasSession, e.Asker) { CSeq = InviteCSeq };
        ClientTransaction transaction = Transactions.CreateClient(SipMethod.Invite, dialog.Way, invite);
        SipBuffer message = writer.Invite(this, transaction, Contact, e);
        if (path is { } ways && ways.TryUseStream(message.Length, UdpMtu))
        {
            // 18.1.1: too long for a datagram; Via and Contact name the transport, so it is written anew.
            message.Release();
            transaction.Abandon();
            dialog.GoBy(ways.Flow);
            transaction = Transactions.CreateClient(SipMethod.Invite, dialog.Way, invite);
            message = writer.Invite(this, transaction, Contact, e);
        }

        outgoing = called = invite;
        invite.Transaction = transaction;
        exchange.Begin(invite);
        if (HasOtherWay)
        {
            patience ??= new LoopTimer(this, 0);
            Loop.Timers.Set(patience, (int)Call.Options.FailoverTimeout.TotalMilliseconds);
        }

        transaction.Send(message);
    }
}

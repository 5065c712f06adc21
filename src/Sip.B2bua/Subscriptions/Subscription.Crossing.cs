using System.Text;
using Sip.B2bua.Calls;
using Sip.Dialogs;
using Sip.Messages;
using Sip.Transactions;

namespace Sip.B2bua.Subscriptions;

/// <content>What crosses while it lasts.</content>
internal sealed partial class Subscription
{
    /// <summary>The subscriber asks within its dialog.</summary>
    public void OnRequest(Dialog dialog, ServerTransaction transaction)
    {
        subscriber.Follow(transaction.Request, transaction.Flow);
        if (transaction.Request.Method != SipMethod.Subscribe)
        {
            core.Refuse(transaction, 405, HeaderId.Allow, ServerCapabilities.SubscriptionMethods); // 8.2.1
            return;
        }

        long asked = SubscriptionState.ReadSeconds(transaction.Request.First(HeaderId.Expires));
        if (notifier.Dialog is not null)
        {
            // 4.1.2.2: a refresh, or with 0 the end of it, is the notifier's to answer; a NOTIFY follows or it is over.
            core.Loop.EventLoop.Timers.Set(noNotify, 64 * core.Loop.Timers.T1);
            notifier.Send(SipMethod.Subscribe, new CrossingRequest(this, transaction), transaction.Request, Renumber(transaction.Request, FirstCSeq, winner!.CSeq));
        }
        else if (asked == 0)
        {
            transaction.Respond(WriteAccepted(transaction, 200, null, 0), 200);
            End("timeout"u8, "ended by the subscriber before the first NOTIFY");
        }
        else
        {
            // The dialog there is not made yet: what was granted a moment ago stands.
            long left = expiry.IsSet ? ((expiry.DueAt - core.Loop.EventLoop.Now) / 1000) - (64 * core.Loop.Timers.T1 / 1000) : asked;
            transaction.Respond(WriteAccepted(transaction, 200, null, Math.Max(left, 1)), 200);
        }
    }

    /// <summary>The notifier asks within its dialog.</summary>
    public void OnNotifierRequest(ServerTransaction transaction)
    {
        notifier.Follow(transaction.Request, transaction.Flow);
        if (transaction.Request.Method == SipMethod.Notify)
        {
            core.Loop.EventLoop.Timers.Cancel(noNotify);
            Notify(transaction);
        }
        else
        {
            core.Refuse(transaction, 405, HeaderId.Allow, ServerCapabilities.SubscriptionMethods); // 8.2.1
        }
    }

    /// <summary>The other side has answered a refresh or a NOTIFY, or (null) never will.</summary>
    public void OnCrossed(CrossingRequest crossing, int code, SipMessage? response)
    {
        ServerTransaction asker = crossing.Asker;
        string reason = response is null ? "No answer" : Encoding.UTF8.GetString(response.ReasonPhrase);
        if (asker.Method == SipMethod.Notify)
        {
            // 4.2.2: a subscriber that does not answer has no subscription; the notifier learns so by 481.
            code = response is null ? 481 : CallCore.CodeForCaller(code);
            asker.Respond(core.WriteBridgedResponse(asker, code, reason, response), code);
            asker.LetGo();
            if (SubscriptionState.IsEndedBy(code))
            {
                Over(200, response is null ? "the subscriber does not answer" : $"the subscriber has answered {code} {reason}");
            }
        }
        else if (code is >= 200 and < 300)
        {
            OnRefreshed(asker, code, response!);
        }
        else
        {
            code = CallCore.CodeForCaller(code);
            asker.Respond(core.WriteBridgedResponse(asker, code, reason, response), code);
            asker.LetGo();
            if (response is not null)
            {
                core.Loop.EventLoop.Timers.Cancel(noNotify); // a refusal brings no NOTIFY
            }

            if (response is not null && SubscriptionState.IsEndedBy(code))
            {
                Over(200, $"the notifier has answered {code} {reason}");
            }
        }
    }

    private void OnRefreshed(ServerTransaction asker, int code, SipMessage response)
    {
        long granted = SubscriptionState.ReadSeconds(response.First(HeaderId.Expires));
        asker.Respond(WriteAccepted(asker, code, response, granted), code);
        asker.LetGo();
        if (isOver)
        {
            return;
        }

        Lasts(granted);
        if (code == 204)
        {
            core.Loop.EventLoop.Timers.Cancel(noNotify); // 4.1.2.2: no NOTIFY comes
        }
    }

    private void Notify(ServerTransaction transaction)
    {
        SipMessage notify = transaction.Request;
        SubscriptionState state = SubscriptionState.Of(notify);
        subscriber.Send(SipMethod.Notify, new CrossingRequest(this, transaction), notify, Renumber(notify, winner!.CSeq, FirstCSeq));
        if (state.IsTerminated)
        {
            // 4.4.1: this NOTIFY is the last message of both dialogs but for its answer.
            string why = Encoding.UTF8.GetString(notify.First(HeaderId.SubscriptionState));
            Over(200, $"the notifier says {why}");
        }
        else
        {
            Lasts(state.Expires); // 4.1.3: what a NOTIFY says counts
        }
    }

    // RFC 3515 2.4.6: the number of the REFER may be the id of its subscription, and is another one on the side that has asked for credentials.
    private byte[] Renumber(SipMessage request, uint from, uint to) =>
        isReferral && from != to ? EventPackage.WithId(request.First(HeaderId.Event), from, to) : [];

    private SipBuffer WriteAccepted(ServerTransaction transaction, int code, SipMessage? response, long granted)
    {
        SipWriter writer = new(core.Buffers);
        ReadOnlySpan<byte> reason = response is null ? default : response.ReasonPhrase;
        ResponseWriter.Begin(ref writer, transaction.Request, transaction.Flow, code, reason, transaction.LocalTag);
        writer.Header(HeaderId.Contact, subscriber.Contact);
        core.WriteProduct(ref writer, HeaderId.Server);
        if (transaction.Method != SipMethod.Refer && (response is null || !response.Has(HeaderId.Expires)))
        {
            writer.Header(HeaderId.Expires, Math.Max(granted, 0)); // 4.2.1.1: each 2xx says how long
        }

        if (response is null)
        {
            writer.NoBody();
        }
        else
        {
            EventLists.Write(ref writer, response);
            CallCore.FinishCrossing(ref writer, response, core.HeadersToCaller);
        }

        return writer.Finish();
    }
}

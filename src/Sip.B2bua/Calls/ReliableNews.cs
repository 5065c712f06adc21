using Sip.Dialogs;
using Sip.Messages;

namespace Sip.B2bua.Calls;

/// <summary>
/// The news (18x) for a caller that requires them to be reliable (RFC 3262 §3): each is repeated until its PRACK comes; the next,
/// and the 2xx, wait for that.
/// </summary>
internal sealed class ReliableNews(IncomingInvite invite) : IReliableProvisionalUser
{
    // A callee that sends more news than this in one round trip says nothing that the caller misses.
    private const int MaxWaiting = 8;

    private readonly Queue<Held> waiting = new();
    private ReliableProvisional? current;
    private HeldNews? behind; // what the target waits for the PRACK of

    /// <summary>True when nothing waits for a PRACK.</summary>
    public bool IsIdle => !Current.IsWaiting && waiting.Count == 0;

    private ReliableProvisional Current =>
        current ??= new ReliableProvisional(invite.Leg.Call.Core.Loop.Transactions, invite.Transaction, this);

    /// <summary>Takes a response over; false when it is to be sent at once and in the ordinary way.</summary>
    public bool Take(in CallEvent answer)
    {
        if (answer.Code >= 300)
        {
            Stop(); // 3: a failure may come at any time
            return false;
        }

        if (IsIdle)
        {
            return Send(answer);
        }

        if (waiting.Count < MaxWaiting || answer.Code >= 200)
        {
            waiting.Enqueue(new Held(answer));
            Keep(answer.News);
        }

        return true;
    }

    /// <summary>Whether a PRACK acknowledges the news that were sent last; if so, answer it and <see cref="Continue"/>.</summary>
    /// <param name="prack">The PRACK.</param>
    /// <param name="held">The target's news behind them, whose PRACK waits for this one; null for none.</param>
    public bool TryAcknowledge(SipMessage prack, out HeldNews? held)
    {
        held = behind;
        return Current.TryAcknowledge(prack);
    }

    /// <summary>Sends what waited for the PRACK.</summary>
    public void Continue()
    {
        if (waiting.TryDequeue(out Held? next))
        {
            CallEvent due = invite.AsItIsDue(next.Event);
            if (!Send(due))
            {
                invite.SendNow(due);
            }

            next.Release();
        }
    }

    /// <summary>There is a final answer, or the leg is over.</summary>
    public void Stop()
    {
        current?.Stop();
        while (waiting.TryDequeue(out Held? held))
        {
            held.Release();
        }
    }

    /// <inheritdoc/>
    public void OnNotAcknowledged(ReliableProvisional provisional) => invite.Leg.OnNewsUnacknowledged(invite);

    private bool Send(in CallEvent news)
    {
        if (news.Code >= 200)
        {
            Stop();
            return false;
        }

        behind = news.News;
        Keep(behind);
        invite.Leg.OnReplying(invite, news, isReliable: true);
        Current.Send(invite.Leg.WriteResponse(invite.Transaction, news, Current), news.Code);
        return true;
    }

    private static void Keep(HeldNews? held)
    {
        if (held is not null)
        {
            held.IsTaken = true;
        }
    }

    /// <summary>A response that waits: a copy, because call events live for one turn only.</summary>
    private sealed class Held
    {
        private readonly CallEventKind kind;
        private readonly int code;
        private readonly byte[] reason;
        private readonly byte[] contentType;
        private readonly byte[] body;
        private readonly SipMessage? message;
        private readonly HeldNews? news;

        public Held(in CallEvent e)
        {
            kind = e.Kind;
            code = e.Code;
            reason = e.Reason.ToArray();
            contentType = e.ContentType.ToArray();
            body = e.Body.ToArray();
            message = e.Message;
            news = e.News;
            message?.Retain();
        }

        public CallEvent Event => new() { Kind = kind, Method = SipMethod.Invite, Code = code, Reason = reason, ContentType = contentType, Body = body, Message = message, News = news };

        public void Release() => message?.Release();
    }
}

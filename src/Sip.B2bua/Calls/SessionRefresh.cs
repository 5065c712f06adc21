using Sip.Dialogs;
using Sip.Messages;

namespace Sip.B2bua.Calls;

/// <summary>
/// Keeps the session of a leg alive, or finds out that its party is gone (RFC 4028): agrees on an interval with the party, refreshes
/// the session or waits for the party to do so.
/// </summary>
internal sealed class SessionRefresh : ITimerOwner
{
    private const int SecondTryMilliseconds = 10_000;
    private const int MostDoublings = 5;
    private const int LongestMargin = 32_000;

    private readonly Leg leg;
    private readonly LoopTimer due;
    private byte[] sent = [];
    private byte[] before = []; // an offer, and until it is answered
    private byte[] refusedOffer = [];
    private long end;
    private bool takesUpdate;
    private short refused;
    private short refusals;

    public SessionRefresh(Leg leg, CallOptions options, PeerProfile profile)
    {
        this.leg = leg;
        Timer = new SessionTimer((int)(profile.SessionExpires ?? options.SessionExpires).TotalSeconds, (int)options.MinSessionExpires.TotalSeconds);
        due = new LoopTimer(this, 0);
    }

    /// <summary>What was agreed on.</summary>
    public SessionTimer Timer { get; }

    /// <summary>The session description that the party was sent last, but for offers that it has refused; empty when there was none.</summary>
    public byte[] Sent => sent;

    /// <summary>What the party was sent last, if it is just these octets; else null.</summary>
    public byte[]? Find(ReadOnlySpan<byte> sdp) => sdp.SequenceEqual(sent) ? sent : null;

    /// <summary>The session description that the party was sent last, whatever became of it; the octets of <see cref="Sent"/> where that holds.</summary>
    public byte[] SentLast => refusedOffer.Length > 0 ? refusedOffer : sent;

    /// <summary>Whether the party has said that it takes UPDATE (RFC 3311 4); else it must be a re-INVITE (RFC 4028 §7.4).</summary>
    public bool PartyTakesUpdate => takesUpdate;

    /// <summary>Takes an INVITE or UPDATE of the party; false when its interval is too short: 422.</summary>
    public bool TryAccept(SipMessage request)
    {
        Learn(request);
        return Timer.AcceptRequest(request);
    }

    /// <summary>A message of the party may say which methods it takes, and then those are all (RFC 3261 §20.5).</summary>
    public void Learn(SipMessage message)
    {
        takesUpdate &= !message.Has(HeaderId.Allow);
        foreach (ReadOnlySpan<byte> method in message.Values(HeaderId.Allow))
        {
            if (method.SequenceEqual("UPDATE"u8))
            {
                takesUpdate = true;
                return;
            }
        }
    }

    /// <summary>The party takes no UPDATE, or is another one whose Allow is not known yet.</summary>
    public void ForgetUpdate() => takesUpdate = false;

    /// <summary>Something goes to the party, perhaps with a session description.</summary>
    /// <param name="e">What it says.</param>
    /// <param name="offers">Whether the description is an offer that the party may refuse.</param>
    public void Remember(in CallEvent e, bool offers = false)
    {
        ReadOnlySpan<byte> session = e.Session;
        if (!session.IsEmpty)
        {
            bool isNew = !session.SequenceEqual(sent);
            before = isNew ? (offers ? sent : []) : before; // the same offer once more takes nothing back
            sent = isNew ? leg.Keep(session) : sent;
            refusedOffer = isNew ? [] : refusedOffer;
        }
    }

    /// <summary>The party has refused an offer: what it was sent before holds (RFC 3264 8).</summary>
    public void Refused()
    {
        if (before.Length > 0)
        {
            (refusedOffer, sent, before) = (sent, before, []);
        }
    }

    /// <summary>The party has answered an offer: it holds.</summary>
    public void Agreed() => before = [];

    /// <summary>The leg goes on with a dialog of another one.</summary>
    /// <param name="holds">What its party was sent last, but for offers that it has refused.</param>
    /// <param name="last">What it was sent last, whatever became of it.</param>
    /// <param name="takesUpdate">Whether it has said that it takes UPDATE.</param>
    public void Resume(byte[] holds, byte[] last, bool takesUpdate)
    {
        (sent, refusedOffer) = (holds, ReferenceEquals(holds, last) ? [] : last);
        this.takesUpdate = takesUpdate;
    }

    /// <summary>The party accepted an INVITE or UPDATE of ours.</summary>
    public void OnAnswered(SipMessage response)
    {
        refused = 0;
        Agreed();
        Learn(response);
        Timer.AcceptResponse(response);
        Restart();
    }

    /// <summary>A 2xx was sent or came: the interval begins anew.</summary>
    public void Restart()
    {
        int milliseconds = Timer.MillisecondsToAct;
        end = leg.Loop.Timers.Now + (1000L * (Timer.Interval - int.Min(32, Timer.Interval / 3))); // RFC 4028 10: then the party hangs up
        if (milliseconds < 0)
        {
            Stop();
        }
        else
        {
            leg.Loop.Timers.Set(due, milliseconds);
        }
    }

    /// <summary>
    /// A refresh did not work out, but the party is there: it is tried again soon, or when the party says (RFC 3261 20.33) and the session is
    /// not over by then. RFC 4028 10: not continuously if the party always says the same, so each time it is left alone twice as long; but once
    /// more before the session is over, and when that is refused as well, it is. A party without timers goes on where its refusals show that it is there.
    /// </summary>
    /// <param name="code">The status code of its answer; 0 when none was sent.</param>
    /// <param name="response">Its answer, if there was one.</param>
    public void TryAgain(int code, SipMessage? response)
    {
        refusals = (short)(code > 0 && code == refused ? int.Min(refusals + 1, MostDoublings) : 0);
        refused = (short)code;
        int left = (int)long.Clamp(end - leg.Loop.Timers.Now, -LongestMargin, int.MaxValue);
        bool ends = Timer.IsShared || response is null || IsGone(code);
        if (ends && code > 0 && left <= (code == 491 ? -LongestMargin : 0))
        {
            leg.OnSessionExpired(); // 491 means that the session is just being changed, and with that refreshed
            return;
        }

        int wait = int.Max(SecondTryMilliseconds << refusals, RetryAfter.MillisecondsOf(response, left));
        leg.Loop.Timers.Set(due, code == 491 ? leg.GlareWait : ends && left > 0 ? int.Min(wait, left) : wait);
    }

    // RFC 5057 5.1: what says that there is nobody any more, perhaps in the words of a server on the way.
    private static bool IsGone(int code) => code is 404 or 410 or 416 or 430 or 480 or 502 or 503 or 504 or (>= 482 and <= 485) or 604;

    /// <summary>The leg is over.</summary>
    public void Stop() => leg.Loop.Timers.Cancel(due);

    /// <inheritdoc/>
    public void OnTimer(LoopTimer timer)
    {
        if (Timer.Refresher == SessionRefresher.Us)
        {
            leg.RefreshSession();
        }
        else
        {
            leg.OnSessionExpired();
        }
    }
}

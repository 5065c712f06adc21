using Sip.Messages;

namespace Sip.B2bua.Calls;

/// <summary>
/// Brings what one party of a call has said to the other, which has not asked for it, until each has been told what the other said last:
/// an answer may change what the next offer was (RFC 3725 4.2). It tries so often and no more; what was agreed on before stays otherwise.
/// </summary>
internal sealed class SessionSettling : Asker, ITimerOwner
{
    private const int MostOffers = 3;
    private const int MostTries = 6;
    private const int LongestWait = 10_000; // as RFC 3261 14.2 has it for one change that meets another

    private readonly Call call;
    private readonly Leg to;
    private readonly byte[] said;
    private readonly int offers;
    private LoopTimer? again;
    private bool isVital; // nothing was heard before
    private int tries;

    private SessionSettling(Leg from, Leg to, byte[] said, int offers)
        : base(from)
    {
        call = from.Call;
        this.to = to;
        this.said = said;
        this.offers = offers;
    }

    /// <inheritdoc/>
    public override SipMessage Request => throw new NotSupportedException("Nobody has asked.");

    private bool IsDue => !call.IsEnding && ReferenceEquals(call.PartnerOf(Leg), to);

    /// <summary>Tells a party what the other has said, unless that changes nothing for it.</summary>
    /// <param name="from">Who has said it.</param>
    /// <param name="to">The other.</param>
    /// <param name="said">The description.</param>
    /// <param name="heard">What the other has said last; empty: not known.</param>
    public static void Begin(Leg from, Leg to, byte[] said, ReadOnlySpan<byte> heard)
    {
        SessionSettling settling = new(from, to, said, 1);
        if (!settling.IsDue)
        {
            return;
        }

        from.ContinueSession();
        to.ContinueSession();
        if (!from.Call.Show(from, to, settling.Event(CallEventKind.Offer, said), out byte[] shown))
        {
            from.Call.End(488, "the answer was refused by a module");
        }
        else if (heard.IsEmpty || !TransferredSession.LeadToTheSame(shown, to.Sent, heard) || !MatchedSession.TakesAll(said, heard))
        {
            settling.isVital = OfferedCodecs.LeadsNowhere(to.Sent);
            to.Receive(settling.Event(CallEventKind.Offer, to.Continue(shown, offers: true))); // the modules have seen it
        }
        else
        {
            from.Call.Show(to, from, settling.Event(CallEventKind.Answer, heard), out _);
        }
    }

    /// <summary>Lets the modules know early what both have said; whether anything must be told is seen later.</summary>
    /// <inheritdoc cref="Begin"/>
    public static void Preview(Leg from, Leg to, byte[] said, ReadOnlySpan<byte> heard)
    {
        SessionSettling settling = new(from, to, said, 1);
        if (from.Call.Show(from, to, settling.Event(CallEventKind.Offer, said), out _))
        {
            from.Call.Show(to, from, settling.Event(CallEventKind.Answer, heard), out _);
        }
    }

    /// <inheritdoc/>
    public override void Reply(in CallEvent answer) => TryTake(to, answer);

    /// <inheritdoc/>
    public override bool TryTake(Leg from, in CallEvent answer)
    {
        if (answer.Code < 200 || IsAnswered)
        {
            return true;
        }

        // 14.1, 14.2: another change is under way, or was until now.
        if (answer is { Kind: CallEventKind.Fail, Code: 491 or 500 } && tries++ < MostTries && IsDue)
        {
            call.Loop.Timers.Set(again ??= new LoopTimer(this, 0), int.Max(to.GlareWait, RetryAfter.MillisecondsOf(answer.Message, LongestWait)));
            to.Await(this);
            return true;
        }

        IsAnswered = true;
        if (answer.Kind == CallEventKind.Fail)
        {
            call.Trail.Add("Session", "{0} does not agree to what the other has said: {1}", to.Party, answer.Code);
            if (IsDue && isVital)
            {
                call.End(488, "the parties have no session in common"); // RFC 3725 6
            }
        }
        else if (answer.HasSession && IsDue && call.Show(to, Leg, answer, out byte[] shown)
            && offers < MostOffers && (!TransferredSession.LeadToTheSame(shown, Leg.Sent, said) || !MatchedSession.TakesAll(answer.Session, said)))
        {
            new SessionSettling(to, Leg, answer.Session.ToArray(), offers + 1).Offer();
        }

        return true;
    }

    /// <summary>It is of no use any more to try again.</summary>
    public void Stop()
    {
        if (again is not null)
        {
            call.Loop.Timers.Cancel(again);
        }
    }

    /// <inheritdoc/>
    public void OnTimer(LoopTimer timer)
    {
        // Who has said something else since has told it to the other by itself.
        if (IsDue && Leg.HasSaid(said))
        {
            Offer();
        }
    }

    private CallEvent Event(CallEventKind kind, ReadOnlySpan<byte> sdp)
    {
        CallEvent e = new() { Kind = kind, Method = SipMethod.Invite, Code = kind == CallEventKind.Answer ? 200 : 0, Asker = this };
        return e.WithSession(sdp);
    }

    private void Offer() => call.Offer(this, to, said);
}

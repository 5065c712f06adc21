using Sip.Dialogs;
using Sip.Headers;

namespace Sip.B2bua.Calls;

/// <summary>What became of the wish to replace a leg: a number is the status code that says so (RFC 3891 §3).</summary>
internal enum ReplacedOutcome
{
    /// <summary>The other party of its call is there for the taking.</summary>
    Given = 200,

    /// <summary>Its call was still ringing; it has been ended.</summary>
    Ringing = 180,

    /// <summary>There is no such dialog, or none that can be replaced.</summary>
    Unknown = 481,

    /// <summary>It was answered already, and only a ringing one was wanted.</summary>
    Answered = 486,

    /// <summary>Something is just being changed there: it may work a moment later.</summary>
    Busy = 491,

    /// <summary>It has just ended.</summary>
    Ended = 603,
}

/// <summary>
/// Asks the loop on which a dialog lives for the party at the other end of its call: the loop is in our tag. The answer comes back by
/// the inbox, from the own loop as from any other.
/// </summary>
internal sealed class ReplacedLeg
{
    private readonly Transfer asker;
    private readonly CallCore home;
    private readonly byte[] callId;
    private readonly byte[] localTag;
    private readonly byte[] remoteTag;
    private CallCore at;

    private ReplacedLeg(Transfer asker, in Replaces replaces, CallCore at)
    {
        this.asker = asker;
        this.at = at;
        home = asker.Call.Core;
        callId = replaces.CallId.ToArray();
        localTag = replaces.ToTag.ToArray();
        remoteTag = replaces.FromTag.ToArray();
        EarlyOnly = replaces.EarlyOnly;
    }

    /// <summary>Whether only a ringing call may be replaced.</summary>
    public bool EarlyOnly { get; }

    /// <summary>The call that asks.</summary>
    public Call Asker => asker.Call;

    /// <summary>The number of the loop that asks.</summary>
    public int AskingLoop => home.Loop.EventLoop.Number;

    /// <summary>What became of it.</summary>
    public ReplacedOutcome Outcome { get; set; }

    /// <summary>The other party.</summary>
    public GivenLeg? Given { get; set; }

    /// <summary>Whom the ringing call was for.</summary>
    public byte[] Called { get; set; } = [];

    /// <summary>Prepares the question; null when the dialog cannot be one of ours.</summary>
    public static ReplacedLeg? Find(Transfer asker, ReadOnlySpan<byte> value)
    {
        CallCore[] all = asker.Call.Core.All;
        return Replaces.TryParse(value, out Replaces replaces) && LoopIds.TryGetLoop(replaces.ToTag, out int loop) && loop < all.Length
            ? new ReplacedLeg(asker, replaces, all[loop])
            : null;
    }

    /// <summary>Asks; the call lasts until the answer is there.</summary>
    public void Ask()
    {
        asker.Call.Hold();
        Post(at, static question => question.Look());
    }

    private void Look()
    {
        try
        {
            if (at.Loop.Dialogs.TryFind(callId, localTag, remoteTag, out Dialog? dialog) && dialog.MovedTo >= 0)
            {
                at = at.All[dialog.MovedTo];
                Post(at, static question => question.Look());
                return;
            }

            Outcome = ReplacedOutcome.Unknown;
            if (dialog?.User is Leg leg)
            {
                leg.Call.GiveAway(leg, this);
            }
        }
        catch (Exception fault)
        {
            // Whoever asks must get an answer: its call waits for it.
            at.Fault("replaced leg", fault);
        }

        Post(home, static question => question.asker.OnReplaced(question));
    }

    private void Post(CallCore to, Action<ReplacedLeg> what) => to.Loop.EventLoop.Post(
        static state =>
        {
            (ReplacedLeg question, Action<ReplacedLeg> run) = ((ReplacedLeg, Action<ReplacedLeg>))state!;
            run(question);
        },
        (this, what));
}

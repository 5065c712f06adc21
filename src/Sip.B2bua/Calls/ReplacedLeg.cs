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

    /// <summary>It rings, and whoever calls there has no session in common with the party that is to answer.</summary>
    Unfit = 488,

    /// <summary>Something is just being changed there: it may work a moment later.</summary>
    Busy = 491,

    /// <summary>It has just ended.</summary>
    Ended = 603,
}

/// <summary>Asks for the party at the other end of the call of a dialog, which another call wants to replace.</summary>
internal sealed class ReplacedLeg : DialogSearch
{
    private readonly Transfer asker;

    private ReplacedLeg(Transfer asker, in Replaces replaces, int loop, Leg staying)
        : base(asker.Call.Core, replaces, loop)
    {
        this.asker = asker;
        Taker = staying.Party;
        TakersSession = staying.Heard.ToArray();
        EarlyOnly = replaces.EarlyOnly;
    }

    /// <summary>Whether only a ringing call may be replaced.</summary>
    public bool EarlyOnly { get; }

    /// <summary>The address of the party that is to talk to the other one.</summary>
    public string Taker { get; }

    /// <summary>The session description that it has sent last.</summary>
    public byte[] TakersSession { get; }

    /// <summary>The call that asks.</summary>
    public Call Asker => asker.Call;

    /// <summary>What became of it.</summary>
    public ReplacedOutcome Outcome { get; set; } = ReplacedOutcome.Unknown;

    /// <summary>The other party.</summary>
    public GivenLeg? Given { get; set; }

    /// <summary>Whom the ringing call was for.</summary>
    public byte[] Called { get; set; } = [];

    /// <summary>Prepares the question; null when the dialog cannot be one of ours.</summary>
    public static ReplacedLeg? Find(Transfer asker, ReadOnlySpan<byte> value, Leg staying) =>
        TryRead(asker.Call.Core, value, out Replaces replaces, out int loop) ? new ReplacedLeg(asker, replaces, loop, staying) : null;

    /// <summary>Asks; the call lasts until the answer is there.</summary>
    public void Ask()
    {
        asker.Call.Hold();
        Begin();
    }

    /// <inheritdoc/>
    protected override bool OnFound(Leg? leg) => leg is null || leg.Call.GiveAway(leg, this);

    /// <inheritdoc/>
    protected override void OnAnswered() => asker.OnReplaced(this);
}

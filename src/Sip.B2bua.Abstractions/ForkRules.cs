namespace Sip.B2bua;

/// <summary>
/// How the targets of a call are tried, and which of their answers end it. The module that finds the targets chooses; a call without
/// rules of its own goes by <see cref="Default"/>. Immutable: one object serves every call.
/// </summary>
public sealed record ForkRules
{
    /// <summary>The rules where no module has set any.</summary>
    public static ForkRules Default { get; } = new();

    /// <summary>How long targets may ring; zero: as <c>ring-timeout</c> of <c>[b2bua]</c> says.</summary>
    public TimeSpan RingTimeout { get; init; }

    /// <summary>How long targets of one q ring before the next lower join in; zero: as <c>group-timeout</c> of <c>[b2bua]</c> says.</summary>
    public TimeSpan GroupTimeout { get; init; }

    /// <summary>
    /// How long a failure that the caller can mend by asking differently (401, 407, 415, 420, 484, 488, 606) is held back for the
    /// others. When something rings by then, it waits for the end like any other failure.
    /// </summary>
    public TimeSpan UrgentTimeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// Whether targets may join while it rings (<see cref="ICall.TryAddTarget"/>). A device that cannot be reached (no answer, 408 or
    /// 503) has then not failed: it may still come.
    /// </summary>
    public bool IsLate { get; init; }

    /// <summary>Whether a 6xx of one target leaves the others ringing, against RFC 3261 §16.7 step 5.</summary>
    public bool NeedsEveryDecline { get; init; }

    /// <summary>Whether 603 is one of the failures of <see cref="UrgentTimeout"/>.</summary>
    public bool DeclineIsUrgent { get; init; }

    /// <summary>Whether every failure is one of those of <see cref="UrgentTimeout"/>.</summary>
    public bool EveryFailureIsUrgent { get; init; }

    /// <summary>
    /// Whether the targets are ways to the same place: one after the other in order of q, the next only where the one before cannot be
    /// reached (no answer, 408, 5xx). Any other answer is the place's own and ends the call.
    /// </summary>
    public bool IsFailover { get; init; }

    /// <summary>Whether the server may tell the caller news of its own, such as 181.</summary>
    public bool OwnProvisionals { get; init; } = true;

    /// <summary>Whether the targets are not those of whom the caller asked for: it is told 181 at once.</summary>
    public bool IsForwarded { get; init; }

    /// <summary>Whether the modules are asked for other targets (<see cref="SipModule.OnFailureAsync"/>) when all have failed.</summary>
    public bool MayDivert { get; init; }
}

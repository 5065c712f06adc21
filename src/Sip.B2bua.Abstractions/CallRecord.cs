namespace Sip.B2bua;

/// <summary>What there is to tell of a call: who, when, how long, how it ended and why (<see cref="ICall.ToRecord"/>).</summary>
public sealed record CallRecord
{
    /// <summary>Names the call in logs, records and the console.</summary>
    public required string Id { get; init; }

    /// <summary>The URI of the calling party as it gave it (From).</summary>
    public required string Caller { get; init; }

    /// <summary>The URI that was called (To).</summary>
    public required string Called { get; init; }

    /// <summary>The target that answered, or empty.</summary>
    public string AnsweredBy { get; init; } = "";

    /// <summary>When the INVITE came.</summary>
    public DateTimeOffset Begun { get; init; }

    /// <summary>When the first target rang, null when none did.</summary>
    public DateTimeOffset? Rang { get; init; }

    /// <summary>When a target answered, null when none did.</summary>
    public DateTimeOffset? Answered { get; init; }

    /// <summary>When nothing of the call was left, null while it lasts.</summary>
    public DateTimeOffset? Ended { get; init; }

    /// <summary>200 for an answered call, else the status code that the caller got; 0 while it is being set up.</summary>
    public int Code { get; init; }

    /// <summary>Who ended it: caller, callee or server; empty while it lasts.</summary>
    public string EndedBy { get; init; } = "";

    /// <summary>Why it ended, in words.</summary>
    public string Reason { get; init; } = "";

    /// <summary>Who decided what, oldest first (<see cref="DecisionTrail.Read"/>).</summary>
    public IReadOnlyList<string> Trail { get; init; } = [];
}

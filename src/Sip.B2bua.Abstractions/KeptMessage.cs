namespace Sip.B2bua;

/// <summary>A MESSAGE that waits for devices of its addressee to register. Immutable.</summary>
public sealed record KeptMessage
{
    /// <summary>Names the message; never used twice.</summary>
    public required string Id { get; init; }

    /// <summary>Whom it is for: <c>user@host</c>, as in <see cref="Sip.B2bua.AddressOfRecord"/>.</summary>
    public required string AddressOfRecord { get; init; }

    /// <summary>A whole SIP request without what is of the sender's side alone: no path, no credentials.</summary>
    public required ReadOnlyMemory<byte> Content { get; init; }

    /// <summary>Its place before others: 0 emergency, 1 urgent, 2 normal, 3 non-urgent (Priority, RFC 3261 §20.26).</summary>
    public int Urgency { get; init; } = 2;

    /// <summary>When it is of no use any more.</summary>
    public required DateTimeOffset Expires { get; init; }

    /// <summary>The devices that it waits for; none: it waits for whoever comes, until it expires.</summary>
    public IReadOnlyList<string> Awaited { get; init; } = [];

    /// <summary>The devices that have had it.</summary>
    public IReadOnlyList<string> Delivered { get; init; } = [];
}

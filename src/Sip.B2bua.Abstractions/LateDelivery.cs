namespace Sip.B2bua;

/// <summary>
/// How a MESSAGE is delivered to devices that are not there: it is accepted with 202, kept, and sent to each device when that
/// registers. Set by the module that knows the addressee.
/// </summary>
public sealed record LateDelivery
{
    /// <summary>Whom it is for: <c>user@host</c>.</summary>
    public required string AddressOfRecord { get; init; }

    /// <summary>How long devices may take to answer before the sender is told 202.</summary>
    public TimeSpan AcceptTimeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>How long it is kept at most.</summary>
    public TimeSpan DeliveryTimeout { get; init; } = TimeSpan.FromDays(7);

    /// <summary>The largest message that is kept, in octets.</summary>
    public int MaxSize { get; init; } = 65_536;

    /// <summary>How many messages are kept for one address.</summary>
    public int MaxOfAddress { get; init; } = 100;

    /// <summary>How many messages are kept in all.</summary>
    public int MaxOfAll { get; init; } = 100_000;
}

namespace Sip.B2bua.TestKit;

/// <summary>How a <see cref="MemoryNetwork"/> treats what it carries. The defaults: everything arrives at once and in order.</summary>
public sealed record NetworkConditions
{
    /// <summary>The share of datagrams that are lost, 0 to 1.</summary>
    public double Loss { get; init; }

    /// <summary>The share of datagrams that arrive twice, 0 to 1.</summary>
    public double Duplicate { get; init; }

    /// <summary>The share of datagrams that take <see cref="ReorderDelay"/> longer, so that later ones overtake them, 0 to 1.</summary>
    public double Reorder { get; init; }

    /// <summary>How long everything takes.</summary>
    public TimeSpan Delay { get; init; }

    /// <summary>Up to how much longer a datagram or a piece of a stream takes, evenly spread.</summary>
    public TimeSpan Jitter { get; init; }

    /// <summary>What a reordered datagram takes in addition.</summary>
    public TimeSpan ReorderDelay { get; init; } = TimeSpan.FromMilliseconds(20);

    /// <summary>Into pieces of up to how many octets a stream is cut; 0 leaves what was written together.</summary>
    public int MaxStreamPiece { get; init; }
}

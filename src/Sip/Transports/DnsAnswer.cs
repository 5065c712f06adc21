namespace Sip.Transports;

/// <summary>What a look-up has brought; a failure is a value like any other.</summary>
public sealed class DnsAnswer
{
    /// <summary>Makes an answer.</summary>
    /// <param name="status">How the look-up went.</param>
    /// <param name="records">The records of the type asked for.</param>
    public DnsAnswer(DnsStatus status, IReadOnlyList<DnsRecord>? records = null)
    {
        Status = status;
        Records = records ?? [];
    }

    /// <summary>There is nothing of that name, or nothing of that type.</summary>
    public static DnsAnswer Nothing { get; } = new(DnsStatus.Nothing);

    /// <summary>No name server has answered usefully.</summary>
    public static DnsAnswer Failed { get; } = new(DnsStatus.Failed);

    /// <summary>How the look-up went.</summary>
    public DnsStatus Status { get; }

    /// <summary>The records of the type asked for; empty unless <see cref="DnsStatus.Found"/>.</summary>
    public IReadOnlyList<DnsRecord> Records { get; }

    /// <summary>The name to ask for instead, where an alias was answered without what is behind it.</summary>
    internal string? Alias { get; init; }

    /// <summary>For how many seconds the name server lets it be kept.</summary>
    internal int TimeToLive { get; init; }
}

/// <summary>How a look-up went.</summary>
public enum DnsStatus : byte
{
    /// <summary>There are records.</summary>
    Found,

    /// <summary>The name does not exist, or has no record of that type.</summary>
    Nothing,

    /// <summary>Nothing is known: no name server has answered usefully in time.</summary>
    Failed,
}

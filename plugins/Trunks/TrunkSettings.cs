namespace Sip.B2bua.Plugins.Trunks;

/// <summary>What the file says of one trunk. Immutable.</summary>
internal sealed record TrunkSettings
{
    /// <summary>The section's name.</summary>
    public required string Name { get; init; }

    /// <summary>The servers of the trunk, best first: SIP URIs without a user.</summary>
    public IReadOnlyList<string> Peers { get; init; } = [];

    /// <summary>The user of the account; empty: none.</summary>
    public string User { get; init; } = "";

    /// <summary>The domain of the account's address, in From and To.</summary>
    public string Domain { get; init; } = "";

    /// <summary>Answers the servers' challenges; null: nothing does.</summary>
    public PeerCredentials? Credentials { get; init; }

    /// <summary>Whether the account is registered at each server.</summary>
    public bool Register { get; init; }

    /// <summary>For how long a registration is asked.</summary>
    public TimeSpan Expires { get; init; } = TimeSpan.FromHours(1);

    /// <summary>How often each server is asked whether it is there; zero: never, and it counts as up.</summary>
    public TimeSpan KeepAlive { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Most calls at once, in both directions; zero: no limit.</summary>
    public int MaxCalls { get; init; }

    /// <summary>Who calls.</summary>
    public CallerId CallerId { get; init; }

    /// <summary>Whether it is told who the caller is (P-Asserted-Identity), and believed what it says of callers.</summary>
    public bool IsTrusted { get; init; }

    /// <summary>The sources of its calls; null: the hosts of <see cref="Peers"/>.</summary>
    public IReadOnlyList<string>? AcceptFrom { get; init; }

    /// <summary>The address-of-record that its calls have proven; never the caller's.</summary>
    public string Identity { get; init; } = "";

    /// <summary>The domain of the users that its calls are for; empty: only those of <see cref="Numbers"/> and <see cref="DefaultUser"/>.</summary>
    public string LocalDomain { get; init; } = "";

    /// <summary>The address-of-record for calls that are for no user of ours; empty: 404.</summary>
    public string DefaultUser { get; init; } = "";

    /// <summary>Which number is which user of ours.</summary>
    public IReadOnlyDictionary<string, string> Numbers { get; init; } = new Dictionary<string, string>();

    /// <summary>The lines of the section: a trunk whose lines are the same goes on when the file is read again.</summary>
    public string Text { get; init; } = "";
}

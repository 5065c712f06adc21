using System.Text;

namespace Sip.B2bua.Calls;

/// <summary>How one kind of peer wants to be spoken to, where that differs from the settings of <c>[b2bua]</c>. Immutable; a leg gets its own at its start.</summary>
internal sealed record PeerProfile
{
    /// <summary>The profile of everybody where there is no other: as <c>[b2bua]</c> says.</summary>
    public static PeerProfile Default { get; } = new();

    /// <summary>The section's name.</summary>
    public string Name { get; init; } = "";

    /// <summary>Words of which one is in its User-Agent.</summary>
    public IReadOnlyList<string> UserAgents { get; init; } = [];

    /// <summary>Domains of its address: that of From when it calls, that of the target when it is called.</summary>
    public IReadOnlyList<string> Domains { get; init; } = [];

    /// <summary>Names of trunks.</summary>
    public IReadOnlyList<string> Trunks { get; init; } = [];

    /// <summary>The session interval that it is asked for; zero: none. Null: as <c>session-expires</c> of <c>[b2bua]</c>.</summary>
    public TimeSpan? SessionExpires { get; init; }

    /// <summary>Whether it may be told that we take reliable provisional responses (RFC 3262).</summary>
    public bool OffersReliability { get; init; } = true;

    /// <summary>The longest request that it is sent by UDP, in octets; zero: as <c>udp-mtu</c> of <c>[global]</c>.</summary>
    public int MaxUdpSize { get; init; }

    /// <summary>The longest message that it can take, in octets: session descriptions are made shorter for it. Zero: any.</summary>
    public int MaxSize { get; init; }

    /// <summary>Whether it takes an INVITE without an offer (RFC 3261 §13.2.1).</summary>
    public bool TakesLateOffer { get; init; } = true;

    /// <summary>How it wants keys that the other party presses.</summary>
    public DtmfForm Dtmf { get; init; }

    /// <summary>What becomes of its wish to send the other party somewhere else; null: as <c>transfer</c> of <c>[b2bua]</c>.</summary>
    public TransferRule? Transfer { get; init; }

    /// <summary>Which headers it gets; null: as <c>[b2bua]</c> says.</summary>
    public HeaderRules? Headers { get; init; }

    /// <summary>Whether a peer is one of those that the profile is for: every key that is there must fit.</summary>
    /// <param name="userAgent">Its User-Agent as far as it is known, or empty.</param>
    /// <param name="domain">The domain of its address.</param>
    /// <param name="trunk">The trunk that it is, or null.</param>
    public bool Fits(string userAgent, ReadOnlySpan<byte> domain, string? trunk) =>
        (UserAgents.Count == 0 || (userAgent.Length > 0 && Any(UserAgents, userAgent, static (word, agent) => agent.Contains(word, StringComparison.OrdinalIgnoreCase))))
        && (Domains.Count == 0 || HasDomain(domain))
        && (Trunks.Count == 0 || (trunk is not null && Any(Trunks, trunk, static (word, name) => word.Equals(name, StringComparison.OrdinalIgnoreCase))));

    private bool HasDomain(ReadOnlySpan<byte> domain)
    {
        for (int i = 0; i < Domains.Count; i++)
        {
            if (Ascii.EqualsIgnoreCase(domain, Domains[i]))
            {
                return true;
            }
        }

        return false;
    }

    private static bool Any(IReadOnlyList<string> words, string value, Func<string, string, bool> fits)
    {
        for (int i = 0; i < words.Count; i++) // asked for every leg: an enumerator would be an object
        {
            if (fits(words[i], value))
            {
                return true;
            }
        }

        return false;
    }
}

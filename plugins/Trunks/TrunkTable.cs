using Sip.Transports;

namespace Sip.B2bua.Plugins.Trunks;

/// <summary>All trunks at one moment. Immutable; read by every loop.</summary>
internal sealed class TrunkTable(IReadOnlyList<Trunk> trunks)
{
    /// <summary>The table without trunks.</summary>
    public static TrunkTable Empty { get; } = new([]);

    /// <summary>All of them, in the order of the file.</summary>
    public IReadOnlyList<Trunk> Trunks => trunks;

    /// <summary>Whether there is none.</summary>
    public bool IsEmpty => trunks.Count == 0;

    /// <summary>The trunk of that name, or null.</summary>
    public Trunk? Find(string? name)
    {
        foreach (Trunk trunk in trunks)
        {
            if (string.Equals(trunk.Settings.Name, name, StringComparison.OrdinalIgnoreCase))
            {
                return trunk;
            }
        }

        return null;
    }

    /// <summary>The trunk that has proven this address-of-record, or null.</summary>
    public Trunk? FindByIdentity(string? identity)
    {
        foreach (Trunk trunk in trunks)
        {
            if (trunk.Settings.Identity == identity)
            {
                return trunk;
            }
        }

        return null;
    }

    /// <summary>
    /// The trunk whose calls come from there; of several the one whose call it is about, then the one whose account is asked for, else the first.
    /// Null: none.
    /// </summary>
    /// <param name="source">Where the request came from.</param>
    /// <param name="user">The user of its Request-URI.</param>
    /// <param name="party">The address-of-record of the party of the call that the request is about; null: it is about none.</param>
    public Trunk? FindBySource(in SipAddress source, ReadOnlySpan<char> user, string? party)
    {
        if (party is not null && FindByIdentity(party) is { } own && own.HasSource(source))
        {
            return own;
        }

        Trunk? first = null;
        foreach (Trunk trunk in trunks)
        {
            if (trunk.HasSource(source))
            {
                first ??= trunk;
                if (user.Length > 0 && user.SequenceEqual(trunk.Settings.User))
                {
                    return trunk;
                }
            }
        }

        return first;
    }
}

using System.Collections.Frozen;

namespace Sip.B2bua.Plugins.FileCredentials;

/// <summary>The users of a file at one moment. Immutable.</summary>
internal sealed class UserFile
{
    private readonly FrozenDictionary<(string User, string Domain), Credential> users;
    private readonly FrozenSet<string> domains;

    public UserFile(Dictionary<(string User, string Domain), Credential> users)
    {
        this.users = users.ToFrozenDictionary();
        domains = users.Keys.Select(k => k.Domain).ToFrozenSet(StringComparer.OrdinalIgnoreCase);
    }

    /// <summary>The file of nobody.</summary>
    public static UserFile Empty { get; } = new([]);

    /// <summary>How many users it has.</summary>
    public int Count => users.Count;

    /// <summary>The credential of a user, or null.</summary>
    public Credential? Find(string user, string domain) => users.GetValueOrDefault((user, domain));

    /// <summary>Whether a user of the domain is in it.</summary>
    public bool KnowsDomain(string domain) => domains.Contains(domain);
}

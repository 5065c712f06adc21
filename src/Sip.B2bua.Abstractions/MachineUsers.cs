using System.Text;

namespace Sip.B2bua;

/// <summary>
/// The word <c>localhost</c> among domains and users: it stands for this machine, whichever of its addresses and aliases a phone
/// calls it by. So a server works before it has a name, and still does when its address changes.
/// </summary>
public static class MachineUsers
{
    /// <summary>The word.</summary>
    public const string Domain = "localhost";

    /// <summary>Whether a list of domains has the word and the domain is this machine.</summary>
    /// <param name="words">A setting's domains.</param>
    /// <param name="domain">The domain of an address-of-record, in lower case.</param>
    /// <param name="domains">Which domains mean this machine.</param>
    public static bool AreIn(IReadOnlyList<string> words, string domain, ILocalDomains domains)
    {
        ArgumentNullException.ThrowIfNull(words);
        for (int i = 0; i < words.Count; i++) // asked for every request: an enumerator would be an object each time
        {
            if (string.Equals(words[i], Domain, StringComparison.OrdinalIgnoreCase))
            {
                return IsMachine(domain, domains);
            }
        }

        return false;
    }

    /// <summary>
    /// Looks a user up. Where the store has nobody of a domain that is this machine, those of <c>localhost</c> are its users. Which
    /// of the two is asked depends on the domain alone, so the time tells nothing of the user.
    /// </summary>
    /// <param name="store">The store.</param>
    /// <param name="domains">Which domains mean this machine.</param>
    /// <param name="user">The user part, unescaped.</param>
    /// <param name="domain">The domain, in lower case.</param>
    public static ValueTask<Credential?> FindAsync(ICredentialStore store, ILocalDomains domains, string user, string domain)
    {
        ArgumentNullException.ThrowIfNull(store);
        return store.KnowsDomain(domain) || !IsMachine(domain, domains)
            ? store.FindAsync(user, domain)
            : OfMachineAsync(store.FindAsync(user, Domain));
    }

    // The store's hashes are made with the domain as realm, localhost here; a phone answers for the address it knows us by. The
    // password, where the store has it, is good for every realm.
    private static async ValueTask<Credential?> OfMachineAsync(ValueTask<Credential?> looked) =>
        await looked is not { } found ? null : found.ClearText is null ? found : found with { Md5 = null, Sha256 = null };

    private static bool IsMachine(string domain, ILocalDomains domains)
    {
        ArgumentNullException.ThrowIfNull(domain);
        ArgumentNullException.ThrowIfNull(domains);
        return domain == Domain || domains.IsUs(Encoding.UTF8.GetBytes(domain), -1);
    }
}

namespace Sip.B2bua;

/// <summary>User and domain to secrets. Called from any loop; answers are immutable.</summary>
public interface ICredentialStore
{
    /// <summary>The credential of a user, or null when there is no such user. Must take about the same time for both.</summary>
    /// <param name="user">The user part of the identity, unescaped.</param>
    /// <param name="domain">The domain of the identity, in lower case.</param>
    /// <param name="cancellation">Ends the wait.</param>
    ValueTask<Credential?> FindAsync(string user, string domain, CancellationToken cancellation = default);

    /// <summary>Whether the domain has any user here.</summary>
    bool KnowsDomain(string domain);
}

/// <summary>What a store knows of one user. At least one of the three secrets is set.</summary>
public sealed record Credential
{
    /// <summary>The user name that answers a challenge; usually the user part of the address-of-record.</summary>
    public required string AuthenticationName { get; init; }

    /// <summary>The password in clear text, if the store has it.</summary>
    public string? ClearText { get; init; }

    /// <summary>Hex MD5 of user:realm:password in lower case, if the store has it or can make it.</summary>
    public string? Md5 { get; init; }

    /// <summary>Hex SHA-256 of user:realm:password in lower case, if the store has it or can make it.</summary>
    public string? Sha256 { get; init; }
}

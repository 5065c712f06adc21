using Sip.B2bua;

namespace Plugins.Tests;

/// <summary>Users with the passwords that a test gives them.</summary>
internal sealed class FakeCredentials : ICredentialStore
{
    private readonly Dictionary<(string, string), Credential> users = [];

    /// <summary>Runs while a look-up is under way.</summary>
    public Action? Meanwhile { get; set; }

    public FakeCredentials Add(string user, string domain, Credential credential)
    {
        users[(user, domain)] = credential;
        return this;
    }

    public FakeCredentials Add(string user, string domain, string password) =>
        Add(user, domain, new Credential { AuthenticationName = user, ClearText = password });

    public ValueTask<Credential?> FindAsync(string user, string domain, CancellationToken cancellation = default)
    {
        Meanwhile?.Invoke();
        return new(users.GetValueOrDefault((user, domain)));
    }

    public bool KnowsDomain(string domain) => users.Keys.Any(k => k.Item2 == domain);
}

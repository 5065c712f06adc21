using System.Composition;

namespace Sip.B2bua.FunctionalTests;

/// <summary>The users of all tests.</summary>
[Store(typeof(ICredentialStore), "test"), Shared]
internal sealed class TestUsers : ICredentialStore
{
    private static readonly string[] Users = ["alice", "bob", "carol", "dave"];

    public ValueTask<Credential?> FindAsync(string user, string domain, CancellationToken cancellation = default) => new(
        domain == TestServer.Domain && Users.Contains(user)
            ? new Credential { AuthenticationName = user, ClearText = $"{user}-secret" }
            : null);

    public bool KnowsDomain(string domain) => domain == TestServer.Domain;
}

using System.Text;
using Sip.B2bua;
using Sip.Headers;

namespace Plugins.Tests;

/// <summary>
/// What every credential store must do. Derive and fill yours with alice of example.org, password "secret", who is the only user.
/// </summary>
public abstract class CredentialStoreContract
{
    protected abstract ICredentialStore CreateWithAlice();

    [Fact]
    public async Task A_user_is_found_with_some_secret()
    {
        Credential? alice = await CreateWithAlice().FindAsync("alice", "example.org");
        Assert.NotNull(alice);
        Assert.Equal("alice", alice.AuthenticationName);
        Assert.True(alice.ClearText is not null || alice.Md5 is not null || alice.Sha256 is not null);
    }

    [Fact]
    public async Task Hashes_are_made_with_the_domain_as_realm_and_in_lower_case()
    {
        Credential alice = (await CreateWithAlice().FindAsync("alice", "example.org"))!;
        Assert.True(alice.Md5 is null || alice.Md5 == Md5("alice", "example.org", "secret"));
        Assert.True(alice.ClearText is null or "secret");
    }

    [Theory]
    [InlineData("bob", "example.org")]
    [InlineData("alice", "example.com")]
    [InlineData("ALICE", "example.org")]
    [InlineData("", "example.org")]
    [InlineData("alice@example.org", "")]
    public async Task Anybody_else_is_not_found(string user, string domain) =>
        Assert.Null(await CreateWithAlice().FindAsync(user, domain));

    [Fact]
    public void Domains_with_users_are_known()
    {
        ICredentialStore store = CreateWithAlice();
        Assert.True(store.KnowsDomain("example.org"));
        Assert.False(store.KnowsDomain("example.com"));
    }

    private static string Md5(string user, string realm, string password)
    {
        Span<byte> hex = stackalloc byte[DigestHash.MaxHexLength];
        int length = DigestHash.Ha1(
            DigestAlgorithm.Md5, Encoding.UTF8.GetBytes(user), Encoding.UTF8.GetBytes(realm), Encoding.UTF8.GetBytes(password), hex);
        return Encoding.UTF8.GetString(hex[..length]);
    }
}

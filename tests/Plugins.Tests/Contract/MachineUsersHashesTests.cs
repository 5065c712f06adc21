using Sip.B2bua;

namespace Plugins.Tests.Contract;

public sealed class MachineUsersHashesTests
{
    private static readonly FakeDomains Domains = new("localhost");

    [Fact]
    public async Task A_user_of_localhost_answers_for_the_address_that_the_machine_is_known_by()
    {
        FakeCredentials store = new FakeCredentials().Add("alice", "localhost", new Credential
        {
            AuthenticationName = "alice",
            ClearText = "secret",
            Md5 = "made with the realm localhost",
            Sha256 = "made with the realm localhost",
        });
        Credential? found = await MachineUsers.FindAsync(store, Domains, "alice", "198.51.100.1");
        Assert.Equal("secret", found?.ClearText);
        Assert.Null(found!.Md5);
        Assert.Null(found.Sha256);
    }

    [Fact]
    public async Task Hashes_stay_with_the_domain_that_they_were_made_for()
    {
        FakeCredentials store = new FakeCredentials().Add("alice", "example.org", new Credential { AuthenticationName = "alice", ClearText = "secret", Md5 = "hash" });
        Assert.Equal("hash", (await MachineUsers.FindAsync(store, Domains, "alice", "example.org"))?.Md5);
        Assert.Null(await MachineUsers.FindAsync(store, Domains, "alice", "198.51.100.1"));
    }
}

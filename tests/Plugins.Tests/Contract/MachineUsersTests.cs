using Sip.B2bua;

namespace Plugins.Tests.Contract;

public sealed class MachineUsersTests
{
    private readonly FakeDomains domains = new();
    private readonly FakeCredentials users = new FakeCredentials().Add("alice", "localhost", "secret").Add("bob", "example.org", "secret");

    [Theory]
    [InlineData("alice", "198.51.100.1", true)]
    [InlineData("alice", "localhost", true)]
    [InlineData("bob", "198.51.100.1", false)]
    [InlineData("bob", "example.org", true)]
    [InlineData("alice", "example.org", false)]
    [InlineData("alice", "203.0.113.1", false)]
    public async Task Users_of_localhost_are_those_of_each_address_of_this_machine(string user, string domain, bool found) =>
        Assert.Equal(found, await MachineUsers.FindAsync(users, domains, user, domain) is not null);

    [Fact]
    public async Task An_address_with_users_of_its_own_has_no_others()
    {
        users.Add("carol", "198.51.100.1", "secret");
        Assert.NotNull(await MachineUsers.FindAsync(users, domains, "carol", "198.51.100.1"));
        Assert.Null(await MachineUsers.FindAsync(users, domains, "alice", "198.51.100.1"));
    }
}

using Sip.B2bua.RealTests.Phones;
using Sip.B2bua.RealTests.Programs;
using Xunit;
using Xunit.Abstractions;

namespace Sip.B2bua.RealTests;

/// <summary>Two servers, one of which registers at the other and calls through it, with a phone at each.</summary>
public sealed class TrunkTests(ITestOutputHelper output)
{
    private const string Far = "far.example";
    private static readonly Account Line = new("4930", "linepass", Far);
    private static readonly Account Carol = new("4711", "carolpass", Far);

    [Fact]
    public async Task Calls_cross_two_servers_both_ways_by_an_account_that_one_has_at_the_other()
    {
        await using TestSite far = TestSite.Of(await ServerProcess.StartAsync(server => Configuration(server, Far, [Line, Carol])), output, firstTone: 1);
        await using TestSite near = TestSite.Of(
            await ServerProcess.StartAsync(server => Configuration(server, Account.TestDomain, [Account.Alice]) + Trunk(server, far.Server)), output);
        Phone alice = await near.AddBaresipAsync(Account.Alice, PhoneTransport.Udp);
        Phone carol = await far.AddBaresipAsync(Carol, PhoneTransport.Tcp);
        await Wait.ForAsync(() => near.Server.Log.Has("trunk far: registered"), "the registration of the trunk", () => near.Server.Log.Tail());

        await CallAsync(alice, carol, $"sip:{Carol.User}@{Account.TestDomain}");
        await CallAsync(carol, alice, Line.Uri);

        await near.FinishedCallsAsync(2);
        await far.FinishedCallsAsync(2);
        await near.StopServerAsync();
        await far.StopServerAsync();
    }

    private static async Task CallAsync(Phone caller, Phone callee, string uri)
    {
        await caller.TalkAsync(callee, uri);
        await caller.HangUpAsync();
        await caller.EndedAsync();
        await callee.EndedAsync();
    }

    private static string Configuration(ServerProcess server, string domain, IReadOnlyList<Account> accounts) => $"""
        [global]
        transports=sip:{server.HostPort}
        aliases={domain}
        [module::Registrar]
        reg-domains={domain}
        [module::Authentication]
        enabled=true
        auth-domains={domain}
        db-implementation=file
        file-path={server.WriteFile("users.db.txt", "version:1\n\n" + string.Concat(accounts.Select(account => account.UsersLine + "\n")))}

        """;

    private static string Trunk(ServerProcess near, ServerProcess far) => $"""
        [module::Trunks]
        trunks-file={near.WriteFile("trunks.conf", $"""
            [far]
            uri=sip:{far.HostPort}
            user={Line.User}
            password={Line.Password}
            domain={Far}
            register=true
            default-user={Account.Alice.User}@{Account.TestDomain}
            """)}
        [module::Forward]
        routes-config-path={near.WriteFile("routes.conf", "<trunk:far> request.uri.user regexp '[0-9]+'")}

        """;
}

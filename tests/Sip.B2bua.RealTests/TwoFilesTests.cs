using Sip.B2bua.RealTests.Phones;
using Sip.B2bua.RealTests.Programs;
using Xunit;
using Xunit.Abstractions;

namespace Sip.B2bua.RealTests;

/// <summary>The short configuration and the users file of a Flexisip, as they are: nothing but the path of the users file is another here.</summary>
[Collection(LoadCollection.Name)]
public sealed class TwoFilesTests(ITestOutputHelper output)
{
    // Without transports= the server is on port 5060 of every address.
    private const int DefaultPort = 5060;
    private const string Domain = "sip.example.org";
    private const string UsersPath = "/etc/flexisip/users.db.txt";

    private const string Configuration = $"""
        [global]
        debug=true

        aliases={Domain}

        [module::Registrar]
        enabled=true
        reg-domains={Domain}
        db-implementation=internal

        [module::Authentication]
        enabled=true
        auth-domains={Domain}
        db-implementation=file
        datasource={UsersPath}

        """;

    private const string Users = $"""
        version:1

        test@{Domain} clrtxt:test ;
        test2@{Domain} clrtxt:test ;

        """;

    [Fact]
    public async Task Test_calls_test2_and_both_hear_each_other()
    {
        // Where another program has that port, the server is told of one address more than the file says.
        bool isFree = Loopback.IsFree(DefaultPort);
        output.WriteLine(isFree ? "port 5060 of every address" : "port 5060 is taken: and transports= is added");
        ServerProcess server = await ServerProcess.StartAsync(
            server => Configuration.Replace(UsersPath, server.WriteFile("users.db.txt", Users), StringComparison.Ordinal)
                .Replace("debug=true", isFree ? "debug=true" : $"debug=true\ntransports=sip:{server.HostPort}", StringComparison.Ordinal),
            isFree ? DefaultPort : null);
        await using var site = TestSite.Of(server, output);
        Phone test = await site.AddAsync(PhoneKind.Linphone, new Account("test", "test", Domain), PhoneTransport.Udp);
        Phone test2 = await site.AddAsync(PhoneKind.Baresip, new Account("test2", "test", Domain), PhoneTransport.Tcp);

        await test.DialAsync(test2.Account.Uri);
        await test2.IncomingAsync();
        await test.RingingAsync();
        await test2.AnswerAsync();
        await test.AnsweredAsync();
        await test.HearsAsync(test2);
        await test2.HearsAsync(test);
        await test2.HangUpAsync();
        await test.EndedAsync();
        await test2.EndedAsync();

        await site.FinishedCallsAsync(1);
        await site.StopServerAsync();
    }
}

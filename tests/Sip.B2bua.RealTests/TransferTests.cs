using Sip.B2bua.RealTests.Phones;
using Sip.B2bua.RealTests.Programs;
using Xunit;
using Xunit.Abstractions;

namespace Sip.B2bua.RealTests;

public sealed class TransferTests(ITestOutputHelper output)
{
    [Fact]
    public async Task A_callee_sends_the_caller_to_somebody_else_and_is_free()
    {
        var carolAccount = new Account("carol", "christmas");
        await using var site = await TestSite.StartAsync(output, new ServerSettings { Accounts = [Account.Alice, Account.Bob, carolAccount] });
        Phone alice = await site.AddAsync(PhoneKind.Baresip, Account.Alice, PhoneTransport.Udp);
        Baresip bob = await site.AddBaresipAsync(Account.Bob, PhoneTransport.Tcp);
        Phone carol = await site.AddAsync(PhoneKind.Baresip, carolAccount, PhoneTransport.Udp);
        await alice.DialAsync(Account.Bob.Uri);
        await bob.IncomingAsync();
        await bob.AnswerAsync();
        await alice.AnsweredAsync();
        await alice.HearsAsync(bob);

        await bob.TransferAsync(carolAccount.Uri);
        await carol.IncomingAsync();
        await carol.AnswerAsync();
        await carol.AnsweredAsync();
        await carol.HearsAsync(alice);
        await bob.EndedAsync();
        await carol.HangUpAsync();
        await carol.EndedAsync();
        await alice.EndedAsync();

        await site.StopServerAsync();
    }
}

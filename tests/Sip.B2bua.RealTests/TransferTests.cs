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

    [Fact]
    public async Task A_caller_on_linphone_sends_the_callee_to_somebody_else()
    {
        var carolAccount = new Account("carol", "christmas");
        await using var site = await TestSite.StartAsync(output, new ServerSettings { Accounts = [Account.Alice, Account.Bob, carolAccount] });
        var alice = (Linphone)await site.AddAsync(PhoneKind.Linphone, Account.Alice, PhoneTransport.Tcp);
        Phone bob = await site.AddAsync(PhoneKind.Baresip, Account.Bob, PhoneTransport.Udp);
        Phone carol = await site.AddAsync(PhoneKind.Baresip, carolAccount, PhoneTransport.Udp);
        await alice.DialAsync(Account.Bob.Uri);
        await bob.IncomingAsync();
        await bob.AnswerAsync();
        await alice.AnsweredAsync();
        await bob.HearsAsync(alice);

        await alice.TransferAsync(carolAccount.Uri);
        await carol.IncomingAsync();
        await carol.AnswerAsync();
        await carol.AnsweredAsync();
        await carol.HearsAsync(bob);
        await alice.EndedAsync();
        await bob.HangUpAsync();
        await bob.EndedAsync();
        await carol.EndedAsync();

        await site.StopServerAsync();
    }

    [Fact]
    public async Task Linphone_connects_the_others_of_its_two_calls()
    {
        var carolAccount = new Account("carol", "christmas");
        await using var site = await TestSite.StartAsync(output, new ServerSettings { Accounts = [Account.Alice, Account.Bob, carolAccount] });
        var alice = (Linphone)await site.AddAsync(PhoneKind.Linphone, Account.Alice, PhoneTransport.Udp);
        Phone bob = await site.AddAsync(PhoneKind.Baresip, Account.Bob, PhoneTransport.Udp);
        Phone carol = await site.AddAsync(PhoneKind.Baresip, carolAccount, PhoneTransport.Tcp);
        await alice.DialAsync(Account.Bob.Uri);
        await bob.IncomingAsync();
        await bob.AnswerAsync();
        await alice.AnsweredAsync();
        await alice.HoldAsync();
        await alice.Until(() => alice.Trace.Count(message => message is { Received: true, Method: "INVITE", Code: 200 }) == 2, "the answer to its hold");
        await alice.DialAsync(carolAccount.Uri);
        await carol.IncomingAsync();
        await carol.AnswerAsync();
        await carol.AnsweredAsync();
        await carol.HearsAsync(alice);

        await alice.ConnectCallsAsync();
        await carol.HearsAsync(bob);
        await alice.EndedAsync();
        await carol.HangUpAsync();
        await carol.EndedAsync();
        await bob.EndedAsync();

        await site.StopServerAsync();
    }
}

using Sip.B2bua.RealTests.Phones;
using Xunit;
using Xunit.Abstractions;

namespace Sip.B2bua.RealTests;

/// <summary>One user with two phones.</summary>
public sealed class ForkTests(ITestOutputHelper output)
{
    [Fact]
    public async Task Both_phones_of_a_user_ring_and_the_first_answer_stops_the_other()
    {
        await using var site = await TestSite.StartAsync(output);
        Phone desk = await site.AddAsync(PhoneKind.Baresip, Account.Bob, PhoneTransport.Udp);
        Phone mobile = await site.AddAsync(PhoneKind.Linphone, Account.Bob, PhoneTransport.Tcp);
        Phone alice = await site.AddAsync(PhoneKind.Baresip, Account.Alice, PhoneTransport.Tcp);

        await alice.DialAsync(Account.Bob.Uri);
        await desk.IncomingAsync();
        await mobile.IncomingAsync();
        await alice.RingingAsync();
        await mobile.AnswerAsync();
        await alice.AnsweredAsync();
        await desk.EndedAsync();
        Assert.True(desk.Received("CANCEL"), desk.Evidence);
        await alice.HearsAsync(mobile);
        await mobile.HearsAsync(alice);
        await mobile.HangUpAsync();
        await alice.EndedAsync();
        await mobile.EndedAsync();

        await site.FinishedCallsAsync(1);
        await site.StopServerAsync();
    }

    [Fact]
    public async Task A_caller_that_gives_up_stops_the_ringing_of_both_phones()
    {
        await using var site = await TestSite.StartAsync(output);
        Phone desk = await site.AddAsync(PhoneKind.Baresip, Account.Bob, PhoneTransport.Udp);
        Phone mobile = await site.AddAsync(PhoneKind.Baresip, Account.Bob, PhoneTransport.Tcp);
        Phone alice = await site.AddAsync(PhoneKind.Baresip, Account.Alice, PhoneTransport.Udp);

        await alice.DialAsync(Account.Bob.Uri);
        await desk.IncomingAsync();
        await mobile.IncomingAsync();
        await alice.RingingAsync();
        await alice.HangUpAsync();
        await desk.EndedAsync();
        await mobile.EndedAsync();
        await alice.EndedAsync();

        await site.StopServerAsync();
    }
}

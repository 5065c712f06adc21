using Sip.B2bua.RealTests.Phones;
using Sip.B2bua.RealTests.Programs;
using Xunit;
using Xunit.Abstractions;

namespace Sip.B2bua.RealTests;

/// <summary>Nothing of one side is visible to the other.</summary>
public sealed class HidingTests(ITestOutputHelper output)
{
    [Theory]
    [InlineData(PhoneTransport.Udp, PhoneTransport.Udp)]
    [InlineData(PhoneTransport.Udp, PhoneTransport.Tcp)]
    [InlineData(PhoneTransport.Tcp, PhoneTransport.Udp)]
    public async Task Neither_party_is_told_where_the_other_is(PhoneTransport from, PhoneTransport to)
    {
        await using var site = await TestSite.StartAsync(output);
        string callerAddress = Loopback.NextAddress(), calleeAddress = Loopback.NextAddress();
        Baresip alice = await site.AddBaresipAsync(Account.Alice, from, callerAddress);
        Baresip bob = await site.AddBaresipAsync(Account.Bob, to, calleeAddress);

        await alice.DialAsync(Account.Bob.Uri);
        await bob.IncomingAsync();
        await alice.RingingAsync();
        await bob.AnswerAsync();
        await alice.AnsweredAsync();
        await alice.HoldAsync();
        await bob.Until(() => bob.Trace.Any(message => message.Received && message.Text.Contains("a=sendonly", StringComparison.Ordinal)), "hold");
        await bob.HangUpAsync();
        await alice.EndedAsync();
        await bob.EndedAsync();

        Assert.True(alice.Trace.Count(message => message.Received) > 5, alice.Evidence);
        Assert.All(ReceivedBy(bob), message => Assert.DoesNotContain(callerAddress, message.Text, StringComparison.Ordinal));
        Assert.All(ReceivedBy(alice), message => Assert.DoesNotContain(calleeAddress, message.Text, StringComparison.Ordinal));
        Assert.Empty(CallIds(alice).Intersect(CallIds(bob)));
        await site.StopServerAsync();
    }

    private static IEnumerable<TracedMessage> ReceivedBy(Phone phone) => phone.Trace.Where(message => message.Received);

    private static IEnumerable<string> CallIds(Phone phone) => phone.Trace.Select(message => message.Header("Call-ID")).Distinct();
}

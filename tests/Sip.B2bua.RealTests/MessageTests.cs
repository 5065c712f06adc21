using Sip.B2bua.RealTests.Phones;
using Xunit;
using Xunit.Abstractions;

namespace Sip.B2bua.RealTests;

public sealed class MessageTests(ITestOutputHelper output)
{
    [Theory]
    [InlineData(PhoneTransport.Udp)]
    [InlineData(PhoneTransport.Tcp)]
    public async Task A_message_to_a_Linphone_that_is_away_comes_when_it_is_back_and_the_next_at_once(PhoneTransport transport)
    {
        await using var site = await TestSite.StartAsync(output);
        var alice = (Linphone)await site.AddAsync(PhoneKind.Linphone, Account.Alice, transport);

        await alice.WriteAsync(Account.Bob.Uri, "while you were away");
        await alice.Until(() => Answered(alice, 202), "202 to its message");
        Phone bob = await site.AddAsync(PhoneKind.Linphone, Account.Bob, transport);
        await bob.Until(() => Has(bob, "while you were away"), "the message that was kept");
        await alice.WriteAsync(Account.Bob.Uri, "now that you are here");
        await bob.Until(() => Has(bob, "now that you are here"), "the message of this moment");
        await alice.Until(() => Answered(alice, 200), "200 to its message");

        Assert.Single(bob.Trace.Where(message => message is { Received: true, IsResponse: false, Method: "MESSAGE" } && message.Text.Contains("away", StringComparison.Ordinal)).DistinctBy(message => message.Header("Call-ID")));
        await site.StopServerAsync();
    }

    private static bool Answered(Phone phone, int code) => phone.Trace.Any(message => message is { Received: true, Method: "MESSAGE" } && message.Code == code);

    private static bool Has(Phone phone, string text) =>
        phone.Trace.Any(message => message is { Received: true, IsResponse: false, Method: "MESSAGE" } && message.Text.Contains(text, StringComparison.Ordinal));
}

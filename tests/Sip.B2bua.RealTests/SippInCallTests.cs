using Sip.B2bua.RealTests.Phones;
using Sip.B2bua.RealTests.Programs;
using Xunit;
using Xunit.Abstractions;

namespace Sip.B2bua.RealTests;

/// <summary>
/// What sipp does to the server beyond a plain call. Each scenario checks what it receives (the direction of a session, the number of a
/// provisional response, which request a 200 answers) and fails when it is something else.
/// </summary>
public sealed class SippInCallTests(ITestOutputHelper output)
{
    [Theory]
    [InlineData("call-late-offer", "answers-late-offer")] // RFC 3261 13.2.1
    [InlineData("call-reliable", "answers-reliable")] // RFC 3262
    [InlineData("call-changed-by-update", "answers-changed-by-update")] // RFC 3311, from both sides
    [InlineData("call-changed-by-invite", "answers-changed-by-invite")] // RFC 3261 14, from both sides
    [InlineData("call-cancelled-late", "answers-at-once")] // RFC 3261 9.2: a CANCEL after the 2xx changes nothing
    [InlineData("call-cancelled", "answers-cancelled")] // RFC 3261 9.1: a 2xx that crosses the CANCEL gets ACK and BYE
    public async Task Both_sides_see_what_they_expect(string calls, string answers)
    {
        await using var site = await TestSite.StartAsync(output);
        await using var bob = await Sipp.RegisterAndListenAsync(site.Server, Account.Bob, new SippRun(answers) { Count = 3 });

        SippOutcome alice = await Sipp.PlayAsync(site.Server, new SippRun(calls) { Count = 3 });

        alice.AllSucceeded(3);
        (await bob.EndedAsync()).AllSucceeded(3);
        await site.StopServerAsync();
    }

    [Fact]
    public async Task RFC_3261_13_2_2_4_of_two_phones_that_answer_at_once_the_loser_gets_ACK_and_BYE()
    {
        await using var site = await TestSite.StartAsync(output);
        await using var desk = await Sipp.RegisterAndListenAsync(site.Server, Account.Bob, new SippRun("answers-at-once"));
        await using var mobile = await Sipp.RegisterAndListenAsync(site.Server, Account.Bob, new SippRun("answers-at-once"));

        SippOutcome alice = await Sipp.PlayAsync(site.Server, new SippRun("call-at-once") { HoldMilliseconds = 500 });

        alice.AllSucceeded(1);
        SippOutcome[] phones = [await desk.EndedAsync(), await mobile.EndedAsync()];
        Assert.All(phones, phone => phone.AllSucceeded(1));
        Assert.All(phones, phone => Assert.DoesNotContain(phone.Messages, message => message.Method == "CANCEL"));
        Assert.Single(alice.Messages.Where(message => message is { Received: true, Code: 200, Method: "INVITE" }).DistinctBy(message => message.Text));
        await site.StopServerAsync();
    }
}

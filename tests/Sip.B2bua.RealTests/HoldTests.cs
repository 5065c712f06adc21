using Sip.B2bua.RealTests.Phones;
using Xunit;
using Xunit.Abstractions;

namespace Sip.B2bua.RealTests;

/// <summary>Hold and resume. What baresip hears after a hold it does not record, so the offers and answers are judged.</summary>
public sealed class HoldTests(ITestOutputHelper output)
{
    [Theory]
    [InlineData(PhoneKind.Baresip, PhoneTransport.Udp, PhoneTransport.Tcp)]
    [InlineData(PhoneKind.Baresip, PhoneTransport.Tcp, PhoneTransport.Udp)]
    [InlineData(PhoneKind.Linphone, PhoneTransport.Udp, PhoneTransport.Tcp)]
    public async Task A_caller_holds_and_resumes_and_the_call_goes_on(PhoneKind holder, PhoneTransport from, PhoneTransport to)
    {
        await using var site = await TestSite.StartAsync(output);
        Phone alice = await site.AddAsync(holder, Account.Alice, from);
        Phone bob = await site.AddAsync(PhoneKind.Baresip, Account.Bob, to);
        await alice.DialAsync(Account.Bob.Uri);
        await bob.IncomingAsync();
        await bob.AnswerAsync();
        await alice.AnsweredAsync();
        await bob.HearsAsync(alice);

        await alice.HoldAsync();
        await bob.Until(() => Offers(bob).Any(offer => offer.Contains("a=sendonly", StringComparison.Ordinal)), "an offer to hold");
        await alice.Until(() => Answers(alice) == 2, "the answer to its hold");
        await alice.ResumeAsync();
        await bob.Until(() => Offers(bob).Count() == 3 && !Offers(bob).Last().Contains("a=sendonly", StringComparison.Ordinal), "an offer to resume");
        await alice.Until(() => Answers(alice) == 3, "the answer to its resumption");
        await alice.HangUpAsync();
        await alice.EndedAsync();
        await bob.EndedAsync();

        await site.FinishedCallsAsync(1);
        await site.StopServerAsync();
    }

    // Each once: over UDP a slow machine makes retransmissions.
    private static IEnumerable<string> Offers(Phone phone) =>
        phone.Trace.Where(message => message is { Received: true, IsResponse: false, Method: "INVITE" })
            .DistinctBy(message => message.Header("CSeq")).Select(message => message.Text);

    private static int Answers(Phone phone) =>
        phone.Trace.Where(message => message is { Received: true, Method: "INVITE", Code: 200 }).DistinctBy(message => message.Header("CSeq")).Count();
}

using Sip.B2bua.RealTests.Phones;
using Sip.B2bua.RealTests.Programs;
using Xunit;
using Xunit.Abstractions;

namespace Sip.B2bua.RealTests;

public sealed class RegisterTests(ITestOutputHelper output)
{
    [Theory]
    [InlineData(PhoneTransport.Udp)]
    [InlineData(PhoneTransport.Tcp)]
    public async Task Sipp_registers_with_digest(PhoneTransport transport)
    {
        await using var site = await TestSite.StartAsync(output);

        SippOutcome outcome = await Sipp.PlayAsync(
            site.Server, new SippRun("register") { Transport = transport, Accounts = [Account.Alice, Account.Bob], Count = 10 });

        outcome.AllSucceeded(10);
        Assert.Contains("expires=", outcome.FinalOf("REGISTER")!.Header("Contact"), StringComparison.OrdinalIgnoreCase);
        await site.StopServerAsync();
    }

    [Fact]
    public async Task A_wrong_password_and_an_unknown_user_get_the_same_403()
    {
        await using var site = await TestSite.StartAsync(output);

        SippOutcome wrong = await Sipp.PlayAsync(site.Server, new SippRun("register-refused") { Accounts = [Account.Alice with { Password = "guess" }] });
        SippOutcome unknown = await Sipp.PlayAsync(site.Server, new SippRun("register-refused") { Accounts = [new Account("nobody", "guess")] });

        wrong.AllSucceeded(1);
        unknown.AllSucceeded(1);
        TracedMessage first = wrong.FinalOf("REGISTER")!, second = unknown.FinalOf("REGISTER")!;
        Assert.Equal(first.StartLine, second.StartLine);
        Assert.Equal(first.HeaderNames, second.HeaderNames);
        TracedMessage[] challenges = [.. new[] { wrong, unknown }.Select(outcome => outcome.Messages.First(message => message.Code == 401))];
        Assert.Equal(challenges[0].StartLine, challenges[1].StartLine);
        Assert.Equal(challenges[0].HeaderNames, challenges[1].HeaderNames);
        await site.StopServerAsync();
    }

    [Theory]
    [InlineData(PhoneKind.Baresip, PhoneTransport.Udp)]
    [InlineData(PhoneKind.Baresip, PhoneTransport.Tcp)]
    [InlineData(PhoneKind.Linphone, PhoneTransport.Udp)]
    [InlineData(PhoneKind.Linphone, PhoneTransport.Tcp)]
    public async Task A_phone_registers_and_unregisters(PhoneKind kind, PhoneTransport transport)
    {
        await using var site = await TestSite.StartAsync(output);

        Phone phone = await site.AddAsync(kind, Account.Alice, transport);
        await phone.QuitAsync();

        TracedMessage[] accepted = [.. phone.Trace.Where(message => message is { Received: true, Method: "REGISTER", Code: 200 }).DistinctBy(message => message.Header("CSeq"))];
        Assert.Equal(2, accepted.Length);
        Assert.NotEqual("", accepted[0].Header("Contact"));
        Assert.Equal("", accepted[1].Header("Contact"));
        await site.StopServerAsync();
    }
}

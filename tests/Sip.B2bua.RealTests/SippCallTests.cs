using Sip.B2bua.RealTests.Phones;
using Sip.B2bua.RealTests.Programs;
using Xunit;
using Xunit.Abstractions;

namespace Sip.B2bua.RealTests;

public sealed class SippCallTests(ITestOutputHelper output)
{
    [Theory]
    [InlineData(PhoneTransport.Udp)]
    [InlineData(PhoneTransport.Tcp)]
    public async Task Sipp_calls_sipp_with_digest(PhoneTransport transport)
    {
        await using var site = await TestSite.StartAsync(output);
        await using var bob = await Sipp.RegisterAndListenAsync(site.Server, Account.Bob, new SippRun("answers") { Count = 10 });

        SippOutcome alice = await Sipp.PlayAsync(site.Server, new SippRun("call") { Transport = transport, Count = 10 });

        alice.AllSucceeded(10);
        (await bob.EndedAsync()).AllSucceeded(10);
        await site.FinishedCallsAsync(10);
        await site.StopServerAsync();
    }
}

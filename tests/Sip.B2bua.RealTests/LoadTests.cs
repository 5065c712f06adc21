using System.Globalization;
using Sip.B2bua.RealTests.Phones;
using Sip.B2bua.RealTests.Programs;
using Xunit;
using Xunit.Abstractions;

namespace Sip.B2bua.RealTests;

[Collection(LoadCollection.Name)]
public sealed class LoadTests(ITestOutputHelper output)
{
    private const int WarmUpCalls = 300;
    private const int CallsPerSecond = 100;

    // 17.1.1.2, 17.2.2: what is left of a call stays 32 s for retransmissions. So memory grows with the calls of that time, and no further.
    private const int RememberedCalls = 32 * CallsPerSecond;
    private const long BytesOfRememberedCall = 40 << 10;
    private const long Slack = 16 << 20;

    // REAL_LOAD_CALLS=10000 makes a long run of it.
    private static readonly int Calls = int.Parse(Environment.GetEnvironmentVariable("REAL_LOAD_CALLS") ?? "1000", CultureInfo.InvariantCulture);

    [Fact]
    public async Task A_hundred_calls_a_second_all_succeed_and_leave_nothing_behind()
    {
        Account[] callers = [.. Enumerable.Range(0, 50).Select(number => new Account($"caller{number}", $"secret{number}"))];
        await using var site = await TestSite.StartAsync(output, new ServerSettings { Accounts = [.. callers, Account.Bob] });
        await using var bob = await Sipp.RegisterAndListenAsync(
            site.Server, Account.Bob, new SippRun("answers") { Count = WarmUpCalls + Calls, Rate = CallsPerSecond });
        var calls = new SippRun("call") { Accounts = callers, Rate = CallsPerSecond };

        (await Sipp.PlayAsync(site.Server, calls with { Count = WarmUpCalls, Port = Loopback.NextPorts() })).AllSucceeded(WarmUpCalls);
        long before = site.Server.ResidentBytes;
        SippOutcome outcome = await Sipp.PlayAsync(site.Server, calls with { Count = Calls, Port = Loopback.NextPorts() });
        long after = site.Server.ResidentBytes;

        output.WriteLine($"{outcome.Successful} calls, {outcome.Retransmissions} retransmissions, {before >> 20} MB before, {after >> 20} MB after");
        outcome.AllSucceeded(Calls);
        (await bob.EndedAsync()).AllSucceeded(WarmUpCalls + Calls);
        Assert.True(after - before < (Math.Min(Calls, RememberedCalls) * BytesOfRememberedCall) + Slack, $"{before >> 20} MB before, {after >> 20} MB after");
        await site.StopServerAsync();
    }
}

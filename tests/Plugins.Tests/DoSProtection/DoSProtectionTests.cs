using System.Net;
using Microsoft.Extensions.Logging.Abstractions;
using Sip.B2bua;
using Sip.B2bua.Plugins.DoSProtection;
using Sip.Transports;

namespace Plugins.Tests.DoSProtection;

public sealed class DoSProtectionTests
{
    private readonly TestClock clock = new();

    [Fact]
    public async Task A_source_below_the_limit_goes_on()
    {
        DoSProtectionModule module = await StartAsync(new DoSProtectionOptions());
        Assert.Equal(60, await SendAsync(module, "192.0.2.1:5060", 60));
    }

    [Fact]
    public async Task A_source_above_the_limit_is_dropped_without_an_answer()
    {
        DoSProtectionModule module = await StartAsync(new DoSProtectionOptions());
        Assert.Equal(60, await SendAsync(module, "192.0.2.1:5060", 100));
        FakeRequestContext context = await SendOneAsync(module, "192.0.2.1:5060");
        Assert.True(context.IsDropped);
        Assert.Equal(0, context.StatusCode);
    }

    [Fact]
    public async Task The_port_of_the_source_does_not_matter_and_other_sources_are_not_concerned()
    {
        DoSProtectionModule module = await StartAsync(new DoSProtectionOptions());
        await SendAsync(module, "192.0.2.1:5060", 100);
        Assert.True((await SendOneAsync(module, "192.0.2.1:40000")).IsDropped);
        Assert.False((await SendOneAsync(module, "192.0.2.2:5060")).IsDropped);
    }

    [Fact]
    public async Task A_ban_ends_after_ban_time()
    {
        DoSProtectionModule module = await StartAsync(new DoSProtectionOptions());
        await SendAsync(module, "192.0.2.1:5060", 100);
        clock.AdvanceSeconds(119);
        Assert.True((await SendOneAsync(module, "192.0.2.1:5060")).IsDropped);
        clock.AdvanceSeconds(2);
        Assert.False((await SendOneAsync(module, "192.0.2.1:5060")).IsDropped);
    }

    [Fact]
    public async Task The_rate_is_that_of_the_window_not_of_all_time()
    {
        DoSProtectionModule module = await StartAsync(new DoSProtectionOptions());
        for (int i = 0; i < 10; i++)
        {
            Assert.Equal(50, await SendAsync(module, "192.0.2.1:5060", 50));
            clock.AdvanceSeconds(3);
        }
    }

    [Theory]
    [InlineData("127.0.0.1:5060")]
    [InlineData("[::1]:5060")]
    [InlineData("192.0.2.77:5060")]
    [InlineData("[2001:db8::5]:5060")]
    [InlineData("203.0.113.9:5060")]
    public async Task Loopback_and_the_white_list_are_never_banned(string source)
    {
        DoSProtectionModule module = await StartAsync(new DoSProtectionOptions { WhiteList = ["192.0.2.0/24", "2001:db8::/32", "203.0.113.9"] });
        Assert.Equal(200, await SendAsync(module, source, 200));
    }

    [Fact]
    public void The_table_is_bounded_and_keeps_bans_when_it_is_full()
    {
        SourceTable table = new();
        DoSProtectionOptions options = new() { MaxSources = 160 };
        SipAddress attacker = Address("192.0.2.1");
        for (int i = 0; i < 100; i++)
        {
            table.Count(attacker, 1000, options);
        }

        for (int i = 0; i < 10_000; i++)
        {
            table.Count(SipAddress.FromIPv4(0x0A000000 + (uint)i, 5060), 1000, options);
        }

        Assert.InRange(table.Watched, 1, 160);
        Assert.Equal(SourceState.Banned, table.Count(attacker, 1000, options));
    }

    [Fact]
    public void Idle_sources_make_room()
    {
        SourceTable table = new();
        DoSProtectionOptions options = new() { MaxSources = 16 };
        for (uint i = 0; i < 1000; i++)
        {
            table.Count(SipAddress.FromIPv4(0x0A000000 + i, 5060), 1000, options);
        }

        SourceState last = SourceState.Fine;
        for (int i = 0; i < 100; i++)
        {
            last = table.Count(Address("192.0.2.1"), 10_000, options);
        }

        Assert.Equal(SourceState.Banned, last);
    }

    [Theory]
    [InlineData("192.0.2.0/33", true)]
    [InlineData("192.0.2/24", true)]
    [InlineData("2001:db8::/129", true)]
    [InlineData("a b", true)]
    [InlineData("192.0.2.0/24", false)]
    [InlineData("proxy.example.org", false)]
    public void A_wrong_word_in_the_white_list_is_a_mistake(string word, bool wrong) =>
        Assert.Equal(wrong, new DoSProtectionOptions { WhiteList = [word] }.Check().Any());

    private static SipAddress Address(string text) => SipAddress.From(IPAddress.Parse(text), 5060);

    private static async Task<FakeRequestContext> SendOneAsync(DoSProtectionModule module, string source)
    {
        FakeRequestContext context = new("""
            OPTIONS sip:example.org SIP/2.0
            Via: SIP/2.0/UDP 192.0.2.10:5060;branch=z9hG4bK1
            From: <sip:alice@example.org>;tag=1
            To: <sip:example.org>
            Call-ID: c1
            CSeq: 1 OPTIONS
            Content-Length: 0


            """, source);
        Verdict verdict = await module.OnRequestAsync(context);
        Assert.Equal(context.IsDropped ? Verdict.Done : Verdict.Continue, verdict);
        return context;
    }

    private static async Task<int> SendAsync(DoSProtectionModule module, string source, int count)
    {
        int passed = 0;
        for (int i = 0; i < count; i++)
        {
            passed += (await SendOneAsync(module, source)).IsDropped ? 0 : 1;
        }

        return passed;
    }

    private async Task<DoSProtectionModule> StartAsync(DoSProtectionOptions options)
    {
        DoSProtectionModule module = new(new FixedSettings<DoSProtectionOptions>(options), clock, NullLoggerFactory.Instance);
        await module.StartAsync(CancellationToken.None);
        return module;
    }
}

using Sip.B2bua.RealTests.Phones;
using Sip.B2bua.RealTests.Programs;
using Sip.Tests.Transports;
using Xunit;
using Xunit.Abstractions;

namespace Sip.B2bua.RealTests;

/// <summary>A web phone in a browser, over wss (RFC 7118).</summary>
public sealed class BrowserTests(ITestOutputHelper output) : IDisposable
{
    private readonly TestAuthority authority = new();

    public void Dispose() => authority.Dispose();

    [Fact]
    public async Task A_browser_registers_with_its_password_and_rings_a_phone_over_UDP_which_sees_nothing_of_it()
    {
        await using var site = await TestSite.StartAsync(output, new ServerSettings { Authority = authority });
        await using var bob = await Sipp.RegisterAndListenAsync(site.Server, Account.Bob, new SippRun("busy"));
        await using Browser alice = await Browser.StartAsync(site.Server, Account.Alice, Account.Bob);
        await alice.SaysAsync("refused with 486");
        output.WriteLine(alice.Evidence);

        Assert.Equal([401, 200], alice.Trace.Where(message => message is { Received: true, Method: "REGISTER" }).Select(message => message.Code));
        Assert.Contains(alice.Trace, message => message is { Received: true, Method: "INVITE", Code: 180 });
        SippOutcome outcome = await bob.EndedAsync();
        outcome.AllSucceeded(1);
        TracedMessage invite = outcome.Messages.First(message => message is { Received: true, IsResponse: false, Method: "INVITE" });
        Assert.StartsWith($"SIP/2.0/UDP {site.Server.HostPort};", invite.Header("Via"), StringComparison.Ordinal);
        Assert.Single(invite.HeaderNames, "Via");
        Assert.Equal($"<sip:{site.Server.HostPort}>", invite.Header("Contact"));

        // What a browser, which knows no address of its own, writes in their place (RFC 7118, appendix B.1).
        Assert.Contains(".invalid", alice.Trace.First(message => message is { Received: false, Method: "INVITE" }).Text, StringComparison.Ordinal);
        Assert.DoesNotContain(".invalid", invite.Text, StringComparison.Ordinal);
        await site.StopServerAsync();
    }

    [Fact]
    public async Task A_browser_calls_a_browser_and_each_hears_the_other()
    {
        // Their media are encrypted from end to end (DTLS-SRTP) and find their own way (ICE), which the relay would be in.
        await using var site = await TestSite.StartAsync(output, new ServerSettings { Authority = authority, MediaRelay = false });
        await using Browser bob = await Browser.StartAsync(site.Server, Account.Bob);
        await using Browser alice = await Browser.StartAsync(site.Server, Account.Alice, Account.Bob);

        await alice.SaysAsync("hears the other");
        await bob.SaysAsync("hears the other");
        await alice.SaysAsync("call is Terminated");
        await bob.SaysAsync("call is Terminated");

        await site.FinishedCallsAsync(1);
        await site.StopServerAsync();
    }
}

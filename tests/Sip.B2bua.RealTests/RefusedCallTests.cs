using Sip.B2bua.RealTests.Phones;
using Sip.B2bua.RealTests.Programs;
using Xunit;
using Xunit.Abstractions;

namespace Sip.B2bua.RealTests;

/// <summary>Calls that nobody answers, and what the caller is told.</summary>
public sealed class RefusedCallTests(ITestOutputHelper output)
{
    [Theory]
    [InlineData(PhoneKind.Baresip, PhoneTransport.Udp)]
    [InlineData(PhoneKind.Linphone, PhoneTransport.Tcp)]
    public async Task A_busy_callee_is_486_for_the_caller(PhoneKind kind, PhoneTransport transport)
    {
        await using var site = await TestSite.StartAsync(output);
        await using var bob = await Sipp.RegisterAndListenAsync(site.Server, Account.Bob, new SippRun("busy"));
        Phone alice = await site.AddAsync(kind, Account.Alice, transport);

        await alice.DialAsync(Account.Bob.Uri);

        Assert.Equal(486, await alice.RefusedAsync());
        (await bob.EndedAsync()).AllSucceeded(1);
        await site.StopServerAsync();
    }

    [Fact]
    public async Task A_callee_that_declines_is_603_for_the_caller()
    {
        await using var site = await TestSite.StartAsync(output);
        await using var bob = await Sipp.RegisterAndListenAsync(site.Server, Account.Bob, new SippRun("declines"));
        Phone alice = await site.AddAsync(PhoneKind.Baresip, Account.Alice, PhoneTransport.Tcp);

        await alice.DialAsync(Account.Bob.Uri);

        Assert.Equal(603, await alice.RefusedAsync());
        (await bob.EndedAsync()).AllSucceeded(1);
        await site.StopServerAsync();
    }

    [Theory]
    [InlineData(PhoneKind.Baresip, PhoneTransport.Udp, 486)]
    [InlineData(PhoneKind.Linphone, PhoneTransport.Udp, 603)]
    public async Task A_phone_that_declines_by_its_button_ends_the_call_for_both(PhoneKind kind, PhoneTransport transport, int code)
    {
        await using var site = await TestSite.StartAsync(output);
        Phone bob = await site.AddAsync(kind, Account.Bob, transport);
        Phone alice = await site.AddAsync(PhoneKind.Baresip, Account.Alice, PhoneTransport.Tcp);

        await alice.DialAsync(Account.Bob.Uri);
        await bob.IncomingAsync();
        await alice.RingingAsync();
        await bob.HangUpAsync();

        Assert.Equal(code, await alice.RefusedAsync());
        await bob.EndedAsync();
        await site.StopServerAsync();
    }

    [Theory]
    [InlineData(PhoneKind.Baresip, PhoneTransport.Udp, PhoneKind.Baresip, PhoneTransport.Tcp)]
    [InlineData(PhoneKind.Linphone, PhoneTransport.Tcp, PhoneKind.Baresip, PhoneTransport.Udp)]
    [InlineData(PhoneKind.Baresip, PhoneTransport.Tcp, PhoneKind.Linphone, PhoneTransport.Udp)]
    public async Task A_caller_that_hangs_up_while_it_rings_stops_the_ringing(
        PhoneKind callerKind, PhoneTransport callerTransport, PhoneKind calleeKind, PhoneTransport calleeTransport)
    {
        await using var site = await TestSite.StartAsync(output);
        Phone bob = await site.AddAsync(calleeKind, Account.Bob, calleeTransport);
        Phone alice = await site.AddAsync(callerKind, Account.Alice, callerTransport);

        await alice.DialAsync(Account.Bob.Uri);
        await bob.IncomingAsync();
        await alice.RingingAsync();
        await alice.HangUpAsync();
        await bob.EndedAsync();
        await alice.EndedAsync();

        Assert.True(bob.Received("CANCEL"), bob.Evidence);
        await alice.Until(() => alice.Received(487), "487 to its INVITE");
        await site.StopServerAsync();
    }

    [Fact]
    public async Task A_cancelled_call_of_sipp_is_cancelled_at_the_callee()
    {
        await using var site = await TestSite.StartAsync(output);
        await using var bob = await Sipp.RegisterAndListenAsync(site.Server, Account.Bob, new SippRun("rings"));

        SippOutcome alice = await Sipp.PlayAsync(site.Server, new SippRun("call-cancelled"));

        alice.AllSucceeded(1);
        (await bob.EndedAsync()).AllSucceeded(1);
        await site.StopServerAsync();
    }

    [Fact]
    public async Task A_call_that_nobody_answers_ends_after_the_ring_timeout()
    {
        await using var site = await TestSite.StartAsync(output, new ServerSettings { RingTimeout = 3 });
        await using var bob = await Sipp.RegisterAndListenAsync(site.Server, Account.Bob, new SippRun("rings"));
        Phone alice = await site.AddAsync(PhoneKind.Baresip, Account.Alice, PhoneTransport.Udp);

        await alice.DialAsync(Account.Bob.Uri);
        await alice.RingingAsync();

        Assert.Equal(408, await alice.RefusedAsync(seconds: 10));
        (await bob.EndedAsync()).AllSucceeded(1);
        await site.StopServerAsync();
    }

    [Theory]
    [InlineData(PhoneKind.Baresip, PhoneTransport.Udp)]
    [InlineData(PhoneKind.Linphone, PhoneTransport.Udp)]
    public async Task A_user_that_does_not_exist_is_404(PhoneKind kind, PhoneTransport transport)
    {
        await using var site = await TestSite.StartAsync(output);
        Phone alice = await site.AddAsync(kind, Account.Alice, transport);

        await alice.DialAsync($"sip:nobody@{Account.TestDomain}");

        Assert.Equal(404, await alice.RefusedAsync());
        await site.StopServerAsync();
    }

    [Fact]
    public async Task A_user_that_has_unregistered_is_480()
    {
        await using var site = await TestSite.StartAsync(output);
        Phone bob = await site.AddAsync(PhoneKind.Baresip, Account.Bob, PhoneTransport.Udp);
        Phone alice = await site.AddAsync(PhoneKind.Baresip, Account.Alice, PhoneTransport.Udp);
        await bob.QuitAsync();

        await alice.DialAsync(Account.Bob.Uri);

        Assert.Equal(480, await alice.RefusedAsync());
        await site.StopServerAsync();
    }

    [Fact]
    public async Task A_user_whose_phone_has_died_with_its_connection_is_480()
    {
        await using var site = await TestSite.StartAsync(output);
        Phone bob = await site.AddAsync(PhoneKind.Baresip, Account.Bob, PhoneTransport.Tcp);
        Phone alice = await site.AddAsync(PhoneKind.Baresip, Account.Alice, PhoneTransport.Udp);
        bob.KillNow();

        await alice.DialAsync(Account.Bob.Uri);

        Assert.Equal(480, await alice.RefusedAsync());
        await site.StopServerAsync();
    }

    [Fact]
    public async Task A_call_without_the_right_password_is_refused()
    {
        await using var site = await TestSite.StartAsync(output);

        SippOutcome alice = await Sipp.PlayAsync(
            site.Server, new SippRun("call-refused") { Accounts = [Account.Alice with { Password = "guess" }] });

        alice.AllSucceeded(1);
        Assert.Equal(403, alice.FinalOf("INVITE")!.Code);
        await site.StopServerAsync();
    }
}

namespace Sip.B2bua.FunctionalTests;

/// <summary>How patient a fork is, and which answers end it, as <c>[module::Router]</c> says.</summary>
public sealed class ForkRulesTests : InMemoryTests
{
    [Fact]
    public void With_fork_no_global_decline_the_others_ring_on_when_one_declines()
    {
        (TestPhone alice, TestPhone[] bob) = Devices("fork-no-global-decline=true");
        bob[0].Refuses(603);
        bob[1].Accepts(TestSdp.Audio(5000));
        alice.Await(200, "INVITE", 0);
        alice.Ack();
        Server.End(alice, bob[1]);
    }

    [Fact]
    public void With_fork_no_global_decline_the_call_is_declined_when_all_have()
    {
        (TestPhone alice, TestPhone[] bob) = Devices("fork-no-global-decline=true");
        bob[0].RefusesCall(603);
        alice.Expect(100);
        alice.ExpectNothing();
        bob[1].RefusesCall(486);
        alice.Expect(603);
        Server.ExpectNothingLeft();
    }

    [Theory]
    [InlineData(415)]
    [InlineData(420)]
    [InlineData(484)]
    [InlineData(488)]
    public void An_urgent_failure_is_told_after_call_fork_urgent_timeout_when_nothing_rings(int code)
    {
        (TestPhone alice, TestPhone[] bob) = Devices("");
        bob[0].RefusesCall(code);
        alice.Expect(100);
        Server.Advance(4.9);
        alice.ExpectNothing();
        Server.Advance(0.2);
        alice.Expect(code);
        bob[1].Skip();
        bob[1].Reply(bob[1].Dialog.ReceivedInvite!, 100);
        bob[1].Expect("CANCEL");
        Cancelled(bob[1]);
        Server.ExpectNothingLeft();
    }

    [Fact]
    public void An_urgent_failure_waits_for_the_end_when_something_rings()
    {
        (TestPhone alice, TestPhone[] bob) = Devices("");
        bob[0].RefusesCall(488);
        bob[1].Reply(180);
        alice.Expect(100);
        alice.Expect(180);
        Server.Advance(30);
        alice.ExpectNothing();
        bob[1].RefusesCall(404);
        alice.Expect(488);
        Server.ExpectNothingLeft();
    }

    [Fact]
    public void After_the_time_out_an_urgent_failure_is_told_as_it_comes()
    {
        (TestPhone alice, TestPhone[] bob) = Devices("call-fork-urgent-timeout=1");
        bob[1].Reply(100);
        Server.Advance(1.1);
        bob[0].Skip();
        alice.Expect(100);
        bob[0].RefusesCall(415);
        alice.Expect(415);
        bob[1].Expect("CANCEL");
        Cancelled(bob[1]);
        Server.ExpectNothingLeft();
    }

    [Theory]
    [InlineData("", 404)]
    [InlineData("treat-all-as-urgent=true", 404)]
    [InlineData("treat-decline-as-urgent=true\nfork-no-global-decline=true", 603)]
    [InlineData("fork-no-global-decline=true", 603)]
    public void Which_failures_are_urgent_is_a_matter_of_settings(string settings, int code)
    {
        bool urgent = settings.StartsWith("treat", StringComparison.Ordinal);
        (TestPhone alice, TestPhone[] bob) = Devices(settings);
        bob[1].Reply(100);
        bob[0].RefusesCall(code);
        alice.Expect(100);
        Server.Advance(5.1);
        if (urgent)
        {
            alice.Expect(code);
            bob[1].Expect("CANCEL");
            Cancelled(bob[1]);
        }
        else
        {
            alice.ExpectNothing();
            bob[1].Reply(bob[1].Dialog.ReceivedInvite!, 486);
            bob[1].Expect("ACK");
            alice.Expect(code == 603 ? 603 : 404);
        }

        Server.ExpectNothingLeft();
    }

    [Fact]
    public void Call_fork_timeout_ends_the_ringing_with_408()
    {
        (TestPhone alice, TestPhone[] bob) = Devices("call-fork-timeout=20");
        bob[0].Reply(180);
        bob[1].Reply(180);
        alice.Await(180);
        Server.Advance(19.8);
        bob[0].ExpectNothing();
        Server.Advance(0.3);
        alice.Await(408);
        foreach (TestPhone device in bob)
        {
            device.Expect("CANCEL");
            Cancelled(device);
        }

        alice.Skip();
        Server.ExpectNothingLeft();
    }

    [Fact]
    public void Call_fork_current_branches_timeout_lets_the_next_group_in()
    {
        Start("[module::Router]\ncall-fork-current-branches-timeout=3");
        (TestPhone one, TestPhone two) = (Server.AddPhone("bob"), Server.AddPhone("bob"));
        one.Register(parameters: ";q=0.9");
        two.Register(parameters: ";q=0.1");
        TestPhone alice = Server.AddPhone("alice");
        alice.Invite(TestCalls.Bob);
        one.Expect("INVITE");
        one.Reply(180);
        Server.Advance(2.9);
        two.ExpectNothing();
        Server.Advance(0.2);
        two.Expect("INVITE");
        two.RefusesCall(486);
        one.RefusesCall(486);
        alice.Await(486);
        Server.ExpectNothingLeft();
    }

    [Fact]
    public void RFC3261_13_3_1_an_invitation_that_expires_gets_487()
    {
        (TestPhone alice, TestPhone bob) = Server.AddPair();
        alice.Invite(TestCalls.Bob, headers: "Expires: 15");
        bob.Expect("INVITE");
        bob.Reply(180);
        alice.Await(180);
        Server.Advance(15.1);
        alice.Expect(487);
        bob.Expect("CANCEL");
        Cancelled(bob);
        Server.ExpectNothingLeft();
    }

    [Fact]
    public void No_call_has_more_targets_than_max_targets()
    {
        Start("[b2bua]\nmax-targets=2\n[module::Router]\nfork-late=true");
        (TestPhone one, TestPhone two, TestPhone three) = (Server.AddPhone("bob"), Server.AddPhone("bob"), Server.AddPhone("bob"));
        one.Register();
        two.Register();
        TestPhone alice = Server.AddPhone("alice");
        alice.Invite(TestCalls.Bob);
        one.Expect("INVITE");
        two.Expect("INVITE");
        three.Register();
        three.ExpectNothing();
        one.RefusesCall(486);
        two.RefusesCall(486);
        alice.Await(486);
        Server.ExpectNothingLeft();
    }

    private static void Cancelled(TestPhone phone)
    {
        phone.Reply(200);
        phone.Reply(phone.Dialog.ReceivedInvite!, 487);
        phone.Expect("ACK");
    }

    // Two devices of bob that have just got the INVITE.
    private (TestPhone Alice, TestPhone[] Bob) Devices(string settings)
    {
        Start("[module::Router]\n" + settings);
        TestPhone[] devices = [Server.AddPhone("bob", registered: true), Server.AddPhone("bob", registered: true)];
        TestPhone alice = Server.AddPhone("alice");
        alice.Invite(TestCalls.Bob);
        foreach (TestPhone device in devices)
        {
            device.Expect("INVITE");
        }

        return (alice, devices);
    }
}

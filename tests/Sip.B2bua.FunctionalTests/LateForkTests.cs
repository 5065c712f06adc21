namespace Sip.B2bua.FunctionalTests;

/// <summary>Phones that register while a call rings (<c>fork-late</c>).</summary>
public sealed class LateForkTests : InMemoryTests
{
    [Fact]
    public void A_phone_that_registers_while_the_call_rings_joins_and_may_win()
    {
        (TestPhone alice, TestPhone bob) = Ring();
        TestPhone late = Server.AddPhone("bob", registered: true);
        late.Expect("INVITE");
        late.Accepts(TestSdp.Audio(5000));
        alice.Expect(200);
        alice.Ack();
        bob.IsCancelled();
        Server.End(alice, late);
    }

    [Fact]
    public void Without_fork_late_nobody_joins()
    {
        (TestPhone alice, TestPhone bob) = Server.AddPair();
        Server.Ring(alice, bob);
        Server.AddPhone("bob", registered: true).ExpectNothing();
        bob.RefusesCall(486);
        alice.Expect(486);
        Server.ExpectNothingLeft();
    }

    [Fact]
    public void A_phone_that_registers_after_the_answer_is_left_alone()
    {
        Late();
        (TestPhone alice, TestPhone bob) = Server.AddPair();
        Server.Call(alice, bob);
        Server.AddPhone("bob", registered: true).ExpectNothing();
        Server.End(alice, bob);
    }

    [Fact]
    public void A_phone_that_refreshes_its_registration_is_not_called_twice()
    {
        (TestPhone alice, TestPhone bob) = Ring();
        bob.Register();
        bob.ExpectNothing();
        bob.RefusesCall(486);
        alice.Expect(486);
        Server.ExpectNothingLeft();
    }

    [Fact]
    public void A_phone_that_has_refused_is_not_called_again()
    {
        Late();
        (TestPhone one, TestPhone two) = (Server.AddPhone("bob", registered: true), Server.AddPhone("bob", registered: true));
        TestPhone alice = Server.AddPhone("alice");
        alice.Invite(TestCalls.Bob);
        two.Expect("INVITE");
        two.Reply(180);
        one.Expect("INVITE");
        one.RefusesCall(486);
        one.Register();
        one.ExpectNothing();
        two.RefusesCall(486);
        alice.Await(486);
        Server.ExpectNothingLeft();
    }

    [Fact]
    public void A_phone_that_comes_back_at_another_place_is_called_there_and_no_more_where_it_was()
    {
        Late();
        const string Device = ";+sip.instance=\"<urn:uuid:1>\"";
        (TestPhone before, TestPhone after, TestPhone alice) = (Server.AddPhone("bob"), Server.AddPhone("bob"), Server.AddPhone("alice"));
        before.Register(parameters: Device);
        Server.Ring(alice, before);
        after.Register(parameters: Device);
        after.Expect("INVITE");
        before.IsCancelled();
        after.Accepts(TestSdp.Audio(5000));
        alice.Expect(200);
        alice.Ack();
        Server.End(alice, after);
    }

    [Fact]
    public void A_phone_whose_connection_is_gone_is_waited_for()
    {
        Late();
        TestPhone bob = Server.AddPhone("bob", "TCP");
        const string Device = ";+sip.instance=\"<urn:uuid:1>\"";
        bob.Register(parameters: Device);
        bob.Connection!.Close();
        Server.Settle();
        TestPhone alice = Server.AddPhone("alice");
        alice.Invite(TestCalls.Bob);
        alice.Expect(100);
        Server.Advance(20);
        alice.ExpectNothing();
        TestPhone again = Server.AddPhone("bob", "TCP");
        again.Register(parameters: Device);
        again.Expect("INVITE");
        again.Accepts(TestSdp.Audio(5000));
        alice.Expect(200);
        alice.Ack();
        Server.End(alice, again);
    }

    [Fact]
    public void A_phone_that_does_not_answer_at_all_is_waited_for_and_then_the_caller_gets_408()
    {
        Late("call-fork-timeout=60");
        (TestPhone alice, TestPhone bob) = Server.AddPair();
        alice.Invite(TestCalls.Bob);
        bob.Expect("INVITE");
        alice.Expect(100);
        Server.Advance(50);
        alice.ExpectNothing();
        Server.Advance(10.1);
        alice.Expect(408);
        bob.Skip();
        Server.ExpectNothingLeft();
    }

    [Fact]
    public void A_phone_of_lower_preference_waits_for_its_turn()
    {
        Late();
        (TestPhone alice, TestPhone bob) = Server.AddPair();
        Server.Ring(alice, bob);
        TestPhone late = Server.AddPhone("bob");
        late.Register(parameters: ";q=0.5");
        Server.Advance(9.9);
        late.ExpectNothing();
        Server.Advance(0.2);
        late.Expect("INVITE");
        late.RefusesCall(486);
        bob.RefusesCall(486);
        alice.Expect(486);
        Server.ExpectNothingLeft();
    }

    [Fact]
    public void A_phone_that_waits_for_its_turn_and_registers_with_a_better_preference_joins_at_once()
    {
        Late();
        (TestPhone alice, TestPhone bob) = Server.AddPair();
        TestPhone second = Server.AddPhone("bob");
        second.Register(parameters: ";q=0.5");
        Server.Ring(alice, bob);
        second.ExpectNothing();
        second.SendRegister();
        second.Await("INVITE", 0);
        second.Reply(180);
        Server.Advance(20);
        second.RefusesCall(486);
        bob.RefusesCall(486);
        alice.Await(486);
        Server.ExpectNothingLeft();
    }

    [Fact]
    public void A_caller_who_gives_up_is_joined_by_nobody()
    {
        (TestPhone alice, TestPhone bob) = Ring();
        alice.Cancel();
        bob.IsCancelled();
        alice.Await(487, "INVITE", 0);
        Server.AddPhone("bob", registered: true).ExpectNothing();
        Server.ExpectNothingLeft();
    }

    [Fact]
    public void A_phone_that_unregisters_rings_on()
    {
        (TestPhone alice, TestPhone bob) = Ring();
        bob.Register(expires: 0);
        bob.ExpectNothing();
        bob.Reply(bob.Dialog.ReceivedInvite!, 200, TestSdp.Audio(5000));
        bob.Expect("ACK");
        alice.Expect(200);
        alice.Ack();
        Server.End(alice, bob);
    }

    [Fact]
    public void A_call_lives_on_one_loop_and_the_registration_may_come_on_another()
    {
        Start("[global]\nevent-loops=4\n[module::Router]\nfork-late=true");
        (TestPhone alice, TestPhone bob) = Server.AddPair();
        Server.Ring(alice, bob);
        for (int i = 0; i < 8; i++)
        {
            TestPhone late = Server.AddPhone("bob", registered: true);
            late.Expect("INVITE");
            late.RefusesCall(486);
        }

        bob.RefusesCall(486);
        alice.Expect(486);
        Server.ExpectNothingLeft();
    }

    private void Late(string more = "") => Start("[module::Router]\nfork-late=true\n" + more);

    private (TestPhone Alice, TestPhone Bob) Ring()
    {
        Late();
        (TestPhone alice, TestPhone bob) = Server.AddPair();
        Server.Ring(alice, bob);
        return (alice, bob);
    }
}

namespace Sip.B2bua.FunctionalTests;

/// <summary>What a module does to an offer or answer that crosses.</summary>
public sealed class SessionTests : InMemoryTests
{
    private static readonly string Refused = TestSdp.Audio(9999);

    [Fact]
    public void A_refused_offer_ends_the_attempt_with_the_modules_words()
    {
        (TestPhone alice, TestPhone bob) = Pair();
        alice.Invite(TestCalls.Bob, Refused);
        alice.Expect(100);
        Assert.Equal("Not this port", alice.Expect(488).Reason);
        bob.ExpectNothing();
        Server.ExpectNothingLeft();
    }

    [Fact]
    public void A_refused_answer_hangs_up_the_callee()
    {
        (TestPhone alice, TestPhone bob) = Pair();
        alice.Invite(TestCalls.Bob);
        bob.Expect("INVITE");
        bob.Accepts(Refused);
        bob.IsHungUpOn();
        alice.Expect(100);
        alice.Expect(488);
        Server.ExpectNothingLeft();
    }

    [Fact]
    public void A_refused_change_leaves_the_call_as_it_was()
    {
        (TestPhone alice, TestPhone bob) = Pair();
        Server.Call(alice, bob);
        alice.Reinvite(Refused);
        alice.Expect(100);
        alice.Expect(488);
        bob.ExpectNothing();
        alice.Ask("UPDATE", Refused);
        alice.Expect(488, "UPDATE");
        alice.Reinvite(TestSdp.Audio(version: 2));
        bob.Expect("INVITE");
        bob.Accepts(TestSdp.Audio(5000));
        alice.TakesAnswer();
        Server.End(alice, bob);
    }

    [Fact]
    public void A_refused_early_session_is_left_out_and_the_call_goes_on()
    {
        (TestPhone alice, TestPhone bob) = Pair();
        alice.Invite(TestCalls.Bob);
        bob.Expect("INVITE");
        bob.Reply(183, Refused);
        alice.Expect(100);
        alice.ExpectNothing();
        bob.Accepts(TestSdp.Audio(5000));
        alice.Expect(200);
        alice.Ack();
        Server.End(alice, bob);
    }

    [Fact]
    public void A_refused_answer_in_the_ACK_ends_the_call()
    {
        (TestPhone alice, TestPhone bob) = Pair();
        alice.Invite(TestCalls.Bob, sdp: "");
        bob.Expect("INVITE");
        bob.Reply(200, TestSdp.Audio(5000));
        alice.Expect(100);
        alice.Expect(200);
        alice.Ack(Refused);
        bob.Expect("ACK");
        bob.IsHungUpOn();
        alice.IsHungUpOn();
        Server.ExpectNothingLeft();
    }

    [Fact]
    public void A_fault_in_a_module_leaves_nothing_behind()
    {
        (TestPhone alice, TestPhone bob) = Pair();
        alice.Invite(TestCalls.Bob, TestSdp.Audio(9998));
        Server.Settle();
        Server.Advance(120);
        alice.Skip();
        bob.Skip();
        Server.Advance(200);
        Server.ExpectNoState();
    }

    private (TestPhone Alice, TestPhone Bob) Pair()
    {
        Start("", typeof(RefusingModule));
        return Server.AddPair();
    }
}

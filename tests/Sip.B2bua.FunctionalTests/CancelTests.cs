namespace Sip.B2bua.FunctionalTests;

public sealed class CancelTests : InMemoryTests
{
    [Fact]
    public void A_CANCEL_while_it_rings_cancels_the_callee()
    {
        (TestPhone alice, TestPhone bob) = Server.AddPair();
        Server.Ring(alice, bob);
        alice.Cancel();
        TestMessage invite = bob.Request;
        TestMessage cancel = bob.Expect("CANCEL");
        Assert.Equal((invite.Branch, invite.RequestUri, invite.CallId), (cancel.Branch, cancel.RequestUri, cancel.CallId));
        bob.Reply(200);
        bob.Refuses(invite, 487);
        alice.Expect(200, "CANCEL");
        alice.Expect(487, "INVITE");
        Server.ExpectNothingLeft();
    }

    [Fact]
    public void A_CANCEL_carries_the_callers_Reason()
    {
        (TestPhone alice, TestPhone bob) = Server.AddPair();
        Server.Ring(alice, bob);
        alice.Cancel("Reason: SIP;cause=200;text=\"Call completed elsewhere\"");
        TestMessage invite = bob.Request;
        Assert.Equal("SIP;cause=200;text=\"Call completed elsewhere\"", bob.Expect("CANCEL").Header("Reason"));
        bob.Reply(200);
        bob.Refuses(invite, 487);
        alice.Skip();
        Server.ExpectNothingLeft();
    }

    [Fact]
    public void A_CANCEL_before_any_response_waits_for_one()
    {
        (TestPhone alice, TestPhone bob) = Server.AddPair();
        alice.Invite(TestCalls.Bob);
        TestMessage invite = bob.Expect("INVITE");
        alice.Cancel();
        alice.Expect(100);
        alice.Expect(200, "CANCEL");
        alice.Expect(487, "INVITE");
        bob.ExpectNothing();
        bob.Reply(180);
        bob.IsCancelled(invite);
        Server.ExpectNothingLeft();
    }

    [Fact]
    public void A_2xx_that_crosses_the_CANCEL_gets_ACK_and_BYE()
    {
        (TestPhone alice, TestPhone bob) = Server.AddPair();
        Server.Ring(alice, bob);
        TestMessage invite = bob.Request;
        AnswersTooLate(alice, bob, invite);
        bob.IsHungUpOn();
        alice.Expect(200, "CANCEL");
        alice.Expect(487, "INVITE");
        Server.ExpectNothingLeft();
    }

    [Fact]
    public void RFC_3261_12_2_1_1_the_BYE_to_a_2xx_that_crosses_the_CANCEL_has_no_number_of_a_PRACK()
    {
        (TestPhone alice, TestPhone bob) = Server.AddPair();
        alice.Invite(TestCalls.Bob);
        TestMessage invite = bob.Expect("INVITE");
        bob.Reply(180, headers: "Require: 100rel\nRSeq: 1");
        int prack = bob.Expect("PRACK").CSeq;
        bob.Reply(200);
        AnswersTooLate(alice, bob, invite);
        Assert.True(bob.Expect("BYE").CSeq > prack);
        bob.Reply(200);
        alice.Skip();
        Server.ExpectNothingLeft();
    }

    [Fact]
    public void A_2xx_that_crosses_the_CANCEL_and_is_repeated_gets_one_BYE_only()
    {
        (TestPhone alice, TestPhone bob) = Server.AddPair();
        Server.Ring(alice, bob);
        TestMessage invite = bob.Request;
        AnswersTooLate(alice, bob, invite);
        bob.Expect("BYE");
        bob.Accepts(invite, TestSdp.Audio(5000));
        bob.Reply(200);
        alice.Skip();
        Server.ExpectNothingLeft();
    }

    [Fact]
    public void A_CANCEL_after_the_2xx_changes_nothing()
    {
        (TestPhone alice, TestPhone bob) = Server.AddAnswered();
        alice.Cancel();
        alice.Expect(100);
        alice.Expect(200, "INVITE");
        alice.Expect(200, "CANCEL");
        alice.Ack();
        bob.ExpectNothing();
        Server.End(alice, bob);
    }

    [Fact]
    public void A_CANCEL_of_nothing_gets_481()
    {
        (TestPhone alice, TestPhone bob) = Server.AddPair();
        Server.Ring(alice, bob);
        TestMessage invite = alice.Dialog.SentInvite!;
        alice.SendRaw(invite.Text.Replace("INVITE", "CANCEL", StringComparison.Ordinal).Replace(invite.Branch, "z9hG4bK-other", StringComparison.Ordinal));
        alice.Expect(481);
        bob.ExpectNothing();
        bob.Refuses(486);
        alice.Expect(486);
        Server.ExpectNothingLeft();
    }

    [Fact]
    public void A_CANCEL_from_another_host_gets_481()
    {
        (TestPhone alice, TestPhone bob) = Server.AddPair();
        TestPhone mallory = Server.AddPhone("carol");
        Server.Ring(alice, bob);
        TestMessage invite = alice.Dialog.SentInvite!;
        mallory.SendRaw(invite.Text.Replace("INVITE", "CANCEL", StringComparison.Ordinal));
        mallory.Expect(481);
        bob.ExpectNothing();
        bob.Refuses(486);
        alice.Expect(486);
        Server.ExpectNothingLeft();
    }

    [Fact]
    public void A_BYE_of_the_caller_while_it_rings_ends_the_attempt()
    {
        (TestPhone alice, TestPhone bob) = Server.AddPair();
        Server.Ring(alice, bob);
        TestMessage invite = bob.Request;
        alice.Bye();
        bob.IsCancelled(invite);
        alice.Expect(200, "BYE");
        alice.Expect(487, "INVITE");
        Server.ExpectNothingLeft();
    }

    [Fact]
    public void A_callee_that_ignores_the_CANCEL_leaves_nothing_behind()
    {
        (TestPhone alice, TestPhone bob) = Server.AddPair();
        Server.Ring(alice, bob);
        alice.Cancel();
        alice.Expect(200, "CANCEL");
        alice.Expect(487);
        Server.Advance(64);
        bob.Skip();
        Server.ExpectNothingLeft();
    }

    // Bob has taken the call before he hears that Alice has given it up.
    private static void AnswersTooLate(TestPhone alice, TestPhone bob, TestMessage invite)
    {
        alice.Cancel();
        bob.Expect("CANCEL");
        bob.Reply(200);
        bob.Accepts(invite, TestSdp.Audio(5000));
    }
}

namespace Sip.B2bua.FunctionalTests;

public sealed class HoldTests : InMemoryTests
{
    [Fact]
    public void Hold_and_resume_cross_in_both_directions()
    {
        (TestPhone alice, TestPhone bob) = Connected();
        foreach ((TestPhone from, TestPhone to) in new[] { (alice, bob), (bob, alice) })
        {
            Change(from, to, TestSdp.Audio(4000, "sendonly", 2), TestSdp.Audio(5000, "recvonly", 2));
            Change(from, to, TestSdp.Audio(4000, "sendrecv", 3), TestSdp.Audio(5000, "sendrecv", 3));
        }

        Server.End(alice, bob);
    }

    [Fact]
    public void A_reINVITE_stays_in_the_dialog_of_each_side()
    {
        (TestPhone alice, TestPhone bob) = Connected();
        TestMessage first = bob.Dialog.ReceivedInvite!;
        alice.Reinvite(TestSdp.Audio(version: 2));
        TestMessage second = bob.Expect("INVITE");
        Assert.Equal((first.CallId, first.FromTag, bob.Dialog.LocalTag, 2), (second.CallId, second.FromTag, second.ToTag, second.CSeq));
        Assert.Equal(bob.ContactUri, second.RequestUri);
        bob.Reply(200, TestSdp.Audio(5000));
        Assert.Equal(2, bob.Expect("ACK").CSeq);
        alice.TakesAnswer();
        Server.End(alice, bob);
    }

    [Fact]
    public void A_moved_party_is_followed()
    {
        (TestPhone alice, TestPhone bob) = Connected();
        alice.Ask("UPDATE", TestSdp.Audio(version: 2), "Contact: <sip:alice@198.51.100.1:5070;room=2>");
        bob.Expect("UPDATE");
        bob.Reply(200, TestSdp.Audio(5000));
        alice.Expect(200);
        bob.Leaves();
        Assert.StartsWith("sip:alice@198.51.100.1:5070", alice.Expect("BYE").RequestUri, StringComparison.Ordinal);
        alice.Reply(200);
        Server.ExpectNothingLeft();
    }

    [Theory]
    [InlineData(488)]
    [InlineData(500)]
    [InlineData(603)]
    public void A_refused_reINVITE_leaves_the_call_as_it_was(int code)
    {
        (TestPhone alice, TestPhone bob) = Connected();
        alice.Reinvite(TestSdp.Audio(version: 2));
        bob.Expect("INVITE");
        bob.Refuses(code);
        alice.Expect(100);
        alice.Expect(code);
        Change(alice, bob, TestSdp.Audio(version: 3), TestSdp.Audio(5000, version: 3));
        Change(bob, alice, TestSdp.Audio(5000, version: 4), TestSdp.Audio(version: 4));
        Server.End(alice, bob);
    }

    [Fact]
    public void A_second_reINVITE_before_the_first_is_answered_gets_500_with_Retry_After()
    {
        (TestPhone alice, TestPhone bob) = Connected();
        TestMessage first = alice.Reinvite(TestSdp.Audio(version: 2));
        bob.Expect("INVITE");
        TestMessage invite = bob.Request;
        alice.Expect(100);
        alice.Reinvite(TestSdp.Audio(version: 3));
        Assert.InRange(int.Parse(alice.Expect(500).Header("Retry-After"), System.Globalization.CultureInfo.InvariantCulture), 0, 10);
        bob.ExpectNothing();
        alice.Dialog.SentInvite = first;
        bob.Accepts(invite, TestSdp.Audio(5000));
        alice.Expect(200);
        alice.Ack();
        Server.End(alice, bob);
    }

    [Fact]
    public void A_reINVITE_before_the_ACK_of_the_other_side_waits_for_that_ACK()
    {
        (TestPhone alice, TestPhone bob) = Server.AddAnswered();
        bob.Reinvite(TestSdp.Audio(5000, version: 2)); // some phones lock their codec at once
        bob.Expect(100);
        alice.Expect(100);
        alice.Expect(200);
        alice.ExpectNothing();
        alice.Ack();
        alice.Expect("INVITE");
        alice.Accepts(TestSdp.Audio(version: 2));
        bob.Expect(200);
        bob.Ack();
        Server.End(alice, bob);
    }

    [Fact]
    public void A_reINVITE_of_the_caller_stands_for_an_ACK_that_was_lost()
    {
        (TestPhone alice, TestPhone bob) = Server.AddAnswered();
        alice.Expect(100);
        alice.Expect(200);
        Change(alice, bob, TestSdp.Audio(version: 2), TestSdp.Audio(5000, version: 2));
        Server.End(bob, alice);
    }

    [Fact]
    public void A_reINVITE_that_waits_gets_487_when_the_call_ends()
    {
        (TestPhone alice, TestPhone bob) = Server.AddAnswered();
        bob.Reinvite(TestSdp.Audio(5000, version: 2));
        bob.Expect(100);
        alice.TakesAnswer();
        alice.Expect("INVITE");
        alice.Leaves();
        bob.Expect(487);
        bob.IsHungUpOn();
        alice.Refuses(487);
        Server.ExpectNothingLeft();
    }

    [Fact]
    public void A_CANCEL_of_a_reINVITE_crosses_and_the_call_goes_on()
    {
        (TestPhone alice, TestPhone bob, TestMessage invite) = Reinvited();
        bob.Reply(180);
        Cancels(alice);
        bob.IsCancelled(invite);
        alice.Expect(487);
        Change(alice, bob, TestSdp.Audio(version: 3), TestSdp.Audio(5000, version: 3));
        Server.End(alice, bob);
    }

    [Fact]
    public void A_CANCEL_of_a_reINVITE_that_comes_too_late_leaves_both_sides_with_the_new_session()
    {
        (TestPhone alice, TestPhone bob, TestMessage invite) = Reinvited();
        bob.Reply(180);
        Cancels(alice);
        bob.Expect("CANCEL");
        bob.Reply(200);
        bob.Accepts(invite, TestSdp.Audio(5000, version: 2));
        alice.Expect(200, "INVITE");
        alice.Ack();
        Server.End(alice, bob);
    }

    [Fact]
    public void A_BYE_overtakes_a_reINVITE()
    {
        (TestPhone alice, TestPhone bob, TestMessage invite) = Reinvited();
        bob.Reply(100);
        bob.Leaves();
        bob.IsCancelled(invite);
        alice.Expect(100);
        alice.Expect(487);
        alice.IsHungUpOn();
        Server.ExpectNothingLeft();
    }

    [Fact]
    public void A_reINVITE_that_is_never_answered_leaves_nothing_behind_after_the_BYE()
    {
        (TestPhone alice, TestPhone bob) = Connected();
        alice.Reinvite(TestSdp.Audio(version: 2));
        bob.Expect("INVITE");
        bob.Reply(100);
        alice.Expect(100);
        Server.Advance(60);
        alice.Bye();
        alice.Await(487, "INVITE", 0);
        bob.Await("BYE", 0);
        bob.Reply(200);
        Server.Advance(64);
        alice.Skip();
        bob.Skip();
        Server.ExpectNothingLeft();
    }

    [Fact]
    public void A_reINVITE_that_is_pending_when_the_dialog_turns_out_to_be_gone_gets_487()
    {
        (TestPhone alice, TestPhone bob, TestMessage invite) = Reinvited();
        bob.Reply(100);
        alice.Expect(100);
        alice.Ask("INFO");
        bob.Expect("INFO");
        bob.Reply(481);
        alice.Expect(481);
        alice.Expect(487, "INVITE");
        alice.IsHungUpOn();
        bob.Await("CANCEL", 0);
        bob.Reply(200);
        bob.Await("BYE", 0);
        bob.Reply(481);
        bob.Refuses(invite, 487);
        Server.ExpectNothingLeft();
    }

    [Fact]
    public void A_2xx_to_a_reINVITE_that_the_BYE_overtook_gets_its_ACK_and_no_second_BYE()
    {
        (TestPhone alice, TestPhone bob, TestMessage invite) = Reinvited();
        alice.Expect(100);
        alice.Bye();
        alice.Await(200, "BYE", 0);
        bob.Expect("BYE");
        TestMessage bye = bob.Request;
        bob.Accepts(invite, TestSdp.Audio(5000));
        bob.Reply(bye, 200);
        alice.Skip();
        Server.ExpectNothingLeft();
    }

    [Fact]
    public void A_reINVITE_without_offer_carries_the_answer_in_its_ACK()
    {
        (TestPhone alice, TestPhone bob) = Connected();
        bob.Reinvite("");
        Assert.Equal("", alice.Expect("INVITE").Body);
        alice.Reply(200, TestSdp.Audio(version: 2));
        alice.ExpectNothing();
        bob.Expect(100);
        Assert.Equal(TestSdp.Audio(version: 2), bob.Expect(200).Body);
        bob.Ack(TestSdp.Audio(5000, version: 2));
        Assert.Equal(TestSdp.Audio(5000, version: 2), alice.Expect("ACK").Body);
        Server.End(alice, bob);
    }

    [Fact]
    public void An_UPDATE_with_an_offer_crosses()
    {
        (TestPhone alice, TestPhone bob) = Connected();
        alice.Ask("UPDATE", TestSdp.Audio(version: 2));
        TestMessage update = bob.Expect("UPDATE");
        Assert.Equal("sip:192.0.2.1:5060", update.ContactUri);
        Assert.Equal(TestSdp.Audio(version: 2), update.Body);
        bob.Reply(200, TestSdp.Audio(5000, version: 2));
        Assert.Equal(TestSdp.Audio(5000, version: 2), alice.Expect(200).Body);
        Server.End(bob, alice);
    }

    [Fact]
    public void An_UPDATE_without_an_offer_is_answered_by_us()
    {
        (TestPhone alice, TestPhone bob) = Connected();
        alice.Ask("UPDATE");
        alice.Expect(200, "UPDATE");
        bob.ExpectNothing();
        Server.End(bob, alice);
    }

    [Fact]
    public void A_lost_dialog_that_a_reINVITE_discovers_ends_the_call()
    {
        (TestPhone alice, TestPhone bob) = Connected();
        alice.Reinvite(TestSdp.Audio(version: 2));
        bob.Expect("INVITE");
        bob.Refuses(481);
        alice.Expect(100);
        alice.Expect(481);
        alice.IsHungUpOn();
        bob.Expect("BYE");
        bob.Reply(481);
        Server.ExpectNothingLeft();
    }

    private static void Cancels(TestPhone phone)
    {
        phone.Expect(100);
        phone.Cancel();
        phone.Expect(200, "CANCEL");
    }

    // Alice wants another session, and Bob has not answered.
    private (TestPhone Alice, TestPhone Bob, TestMessage Invite) Reinvited()
    {
        (TestPhone alice, TestPhone bob) = Connected();
        alice.Reinvite(TestSdp.Audio(version: 2));
        return (alice, bob, bob.Expect("INVITE"));
    }

    private (TestPhone Alice, TestPhone Bob) Connected()
    {
        (TestPhone alice, TestPhone bob) = Server.AddPair().TakingUpdate();
        Server.Call(alice, bob);
        return (alice, bob);
    }

    private void Change(TestPhone from, TestPhone to, string offer, string answer) =>
        Assert.Equal((offer, answer), Server.Change(from, to, offer, answer));
}

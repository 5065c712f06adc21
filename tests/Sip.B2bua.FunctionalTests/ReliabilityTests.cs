namespace Sip.B2bua.FunctionalTests;

/// <summary>Reliable provisional responses (RFC 3262), on each side for itself.</summary>
public sealed class ReliabilityTests : InMemoryTests
{
    private const string Requires = "Require: 100rel";

    [Fact]
    public void The_callee_is_offered_100rel_and_never_required_to_use_it()
    {
        (TestPhone alice, TestPhone bob) = Server.AddPair();
        alice.Invite(TestCalls.Bob, headers: Requires);
        TestMessage invite = bob.Expect("INVITE");
        Assert.Contains("100rel", invite.Header("Supported"), StringComparison.Ordinal);
        Assert.False(invite.Has("Require"));
        bob.Refuses(486);
        alice.Skip();
        Server.ExpectNothingLeft();
    }

    [Fact]
    public void A_reliable_180_of_the_callee_gets_our_PRACK_and_goes_to_the_caller_as_he_likes_it()
    {
        (TestPhone alice, TestPhone bob) = Server.AddPair();
        alice.Invite(TestCalls.Bob);
        TestMessage invite = bob.Expect("INVITE");
        TestMessage ringing = bob.Reply(180, headers: "Require: 100rel\nRSeq: 17");
        TestMessage prack = bob.Expect("PRACK");
        Assert.Equal(("17 1 INVITE", invite.CallId, bob.Dialog.LocalTag, 2), (prack.Header("RAck"), prack.CallId, prack.ToTag, prack.CSeq));
        bob.Reply(200);
        alice.Expect(100);
        TestMessage told = alice.Expect(180);
        Assert.False(told.Has("Require") || told.Has("RSeq"));
        bob.Repeat(ringing);
        bob.ExpectNothing();
        alice.ExpectNothing();
        bob.Reply(invite, 183, headers: "Require: 100rel\nRSeq: 18");
        Assert.Equal("18 1 INVITE", bob.Expect("PRACK").Header("RAck"));
        bob.Reply(200);
        alice.Expect(183);
        bob.Reply(invite, 200, TestSdp.Audio(5000));
        Assert.Equal(1, bob.Expect("ACK").CSeq);
        alice.Expect(200);
        alice.Ack();
        Server.End(alice, bob);
    }

    [Fact]
    public void A_reliable_response_out_of_order_is_ignored()
    {
        (TestPhone alice, TestPhone bob) = Server.AddPair();
        alice.Invite(TestCalls.Bob);
        TestMessage invite = bob.Expect("INVITE");
        bob.Reply(180, headers: "Require: 100rel\nRSeq: 17");
        bob.Expect("PRACK");
        bob.Reply(200);
        bob.Reply(invite, 183, headers: "Require: 100rel\nRSeq: 19");
        bob.ExpectNothing();
        alice.Expect(100);
        alice.Expect(180);
        alice.ExpectNothing();
        bob.Refuses(invite, 486);
        alice.Expect(486);
        Server.ExpectNothingLeft();
    }

    [Fact]
    public void An_answer_in_a_reliable_183_reaches_the_caller_in_the_200_as_well()
    {
        (TestPhone alice, TestPhone bob) = Server.AddPair();
        alice.Invite(TestCalls.Bob);
        TestMessage invite = bob.Expect("INVITE");
        bob.Reply(183, TestSdp.Audio(5000), "Require: 100rel\nRSeq: 1");
        bob.Expect("PRACK");
        bob.Reply(200);
        bob.Reply(invite, 200); // 13.2.1: the answer was given, the 200 need not repeat it
        bob.Expect("ACK");
        alice.Expect(100);
        Assert.Equal(TestSdp.Audio(5000), alice.Expect(183).Body);
        Assert.Equal(TestSdp.Audio(5000), alice.Expect(200).Body);
        alice.Ack();
        Server.End(alice, bob);
    }

    [Fact]
    public void A_caller_that_requires_100rel_gets_180_again_until_its_PRACK()
    {
        (TestPhone alice, TestPhone bob, TestMessage invite, TestMessage ringing) = RingReliably();
        Assert.Equal("100rel", ringing.Header("Require"));
        Server.Advance(0.6);
        Assert.Equal(ringing.Text, alice.Expect(180).Text);
        alice.Prack(ringing);
        alice.Expect(200, "PRACK");
        bob.ExpectNothing();
        Server.Advance(20);
        alice.ExpectNothing();
        bob.Accepts(invite, TestSdp.Audio(5000));
        alice.Expect(200);
        alice.Ack();
        Server.End(alice, bob);
    }

    [Fact]
    public void A_PRACK_of_nothing_gets_481()
    {
        (TestPhone alice, TestPhone bob, TestMessage invite, TestMessage ringing) = RingReliably();
        alice.Ask("PRACK", headers: "RAck: 1 1 INVITE");
        alice.Expect(481);
        alice.Prack(ringing);
        alice.Expect(200, "PRACK");
        alice.Prack(ringing);
        alice.Expect(481);
        bob.Refuses(invite, 486);
        alice.Expect(486);
        Server.ExpectNothingLeft();
    }

    [Fact]
    public void The_next_news_wait_for_the_PRACK_of_the_last()
    {
        (TestPhone alice, TestPhone bob) = Server.AddPair();
        alice.Invite(TestCalls.Bob, headers: Requires);
        bob.Expect("INVITE");
        bob.Reply(180);
        bob.Reply(183, TestSdp.Audio(5000));
        bob.Accepts(TestSdp.Audio(5000));
        alice.Expect(100);
        TestMessage first = alice.Expect(180);
        alice.ExpectNothing();
        alice.Prack(first);
        alice.Expect(200, "PRACK");
        TestMessage second = alice.Expect(183);
        Assert.Equal(RSeq(first) + 1, RSeq(second));
        Assert.Equal(TestSdp.Audio(5000), second.Body);
        alice.ExpectNothing(); // 3: no 2xx before the answer in the 183 is acknowledged
        alice.Prack(second);
        alice.Expect(200, "PRACK");
        alice.Expect(200, "INVITE");
        alice.Ack();
        Server.End(alice, bob);
    }

    [Fact]
    public void Without_PRACK_the_call_is_given_up()
    {
        (TestPhone alice, TestPhone bob) = Server.AddPair();
        alice.Invite(TestCalls.Bob, headers: Requires);
        bob.Expect("INVITE");
        TestMessage invite = bob.Request;
        bob.Reply(180);
        Server.Advance(32.1);
        alice.Await(504, "INVITE", 0);
        bob.IsCancelled(invite);
        Server.ExpectNothingLeft();
    }

    [Fact]
    public void A_CANCEL_while_news_wait_ends_all()
    {
        (TestPhone alice, TestPhone bob) = Server.AddPair();
        alice.Invite(TestCalls.Bob, headers: Requires);
        bob.Expect("INVITE");
        bob.Reply(180);
        bob.Accepts(TestSdp.Audio(5000));
        alice.Expect(100);
        alice.Expect(180);
        alice.Cancel();
        alice.Expect(200, "CANCEL");
        alice.Expect(487, "INVITE");
        bob.IsHungUpOn();
        Server.ExpectNothingLeft();
    }

    [Fact]
    public void RFC_3261_13_2_1_of_the_sessions_of_two_phones_that_wait_for_PRACKs_the_caller_hears_one()
    {
        (TestPhone alice, TestPhone bob) = Server.AddPair();
        TestPhone other = Server.AddPhone("bob", registered: true);
        alice.Invite(TestCalls.Bob, headers: Requires);
        bob.Expect("INVITE");
        other.Expect("INVITE");
        bob.Reply(180);
        bob.Reply(183, TestSdp.Audio(5000));
        other.Reply(183, TestSdp.Audio(6000));
        alice.Expect(100);
        foreach ((int code, string sdp) in new[] { (180, ""), (183, TestSdp.Audio(5000)), (183, "") })
        {
            TestMessage news = alice.Expect(code);
            Assert.Equal(sdp, news.Body);
            alice.Prack(news);
            alice.Expect(200, "PRACK");
        }

        other.RefusesCall(486);
        bob.RefusesCall(486);
        alice.Expect(486);
        Server.ExpectNothingLeft();
    }

    [Fact]
    public void RFC_3261_13_2_1_a_caller_that_has_a_reliable_answer_hears_no_other_before_the_call_is_answered()
    {
        (TestPhone alice, TestPhone bob) = Server.AddPair();
        TestPhone other = Server.AddPhone("bob", registered: true);
        alice.Invite(TestCalls.Bob, headers: Requires);
        TestMessage invite = bob.Expect("INVITE");
        other.Expect("INVITE");
        bob.Reply(183, TestSdp.Audio(5000), "Require: 100rel\nRSeq: 1");
        alice.Expect(100);
        alice.Prack(alice.Expect(183));
        alice.Expect(200, "PRACK");
        bob.Expect("PRACK");
        bob.Reply(200);
        other.Reply(183, TestSdp.Audio(6000));
        TestMessage news = alice.Expect(183);
        Assert.Equal("", news.Body);
        alice.Prack(news);
        alice.Expect(200, "PRACK");
        bob.Accepts(invite, "");
        other.IsCancelled();
        alice.Expect(200, "INVITE");
        alice.Ack();
        Server.End(alice, bob);
    }

    [Fact]
    public void RFC_3261_13_2_1_a_caller_whose_reliable_answer_was_that_of_a_phone_which_has_failed_hears_the_answer_of_the_other()
    {
        (TestPhone alice, TestPhone bob) = Server.AddPair();
        TestPhone other = Server.AddPhone("bob", registered: true);
        alice.Invite(TestCalls.Bob, headers: Requires);
        TestMessage invite = bob.Expect("INVITE");
        TestMessage second = other.Expect("INVITE");
        bob.Reply(183, TestSdp.Audio(5000), "Require: 100rel\nRSeq: 1");
        alice.Expect(100);
        alice.Prack(alice.Expect(183));
        alice.Expect(200, "PRACK");
        bob.Expect("PRACK");
        bob.Reply(200);
        bob.Refuses(invite, 486);
        other.Reply(183, TestSdp.Audio(6000), "Require: 100rel\nRSeq: 1");
        TestMessage news = alice.Expect(183);
        Assert.Equal("", news.Body);
        alice.Prack(news);
        other.Expect("PRACK");
        other.Reply(200);
        alice.Expect(200, "PRACK");
        other.Accepts(second, "");
        Assert.Contains("m=audio 6000 ", alice.Expect(200, "INVITE").Body, StringComparison.Ordinal);
        alice.Ack();
        Server.End(alice, other);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void RFC_3261_13_2_2_4_the_answer_of_a_phone_does_not_wait_for_the_PRACK_of_anothers_news(bool offers)
    {
        (TestPhone alice, TestPhone bob) = Server.AddPair();
        TestPhone other = Server.AddPhone("carol");
        alice.Invite(TestCalls.Bob, offers ? null : "", "Supported: 100rel");
        TestMessage invite = bob.Expect("INVITE");
        bob.Reply(183, TestSdp.Audio(5000), "Require: 100rel\nRSeq: 1");
        alice.Expect(100);
        TestMessage news = alice.Expect(183);
        other.Invite(TestCalls.Bob, TestSdp.Audio(6000), "Replaces: " + bob.Dialog.Replaces());
        TestMessage answer = alice.Expect(200, "INVITE");
        Assert.NotEqual(news.ToTag, answer.ToTag);
        Assert.Contains("m=audio 6000", answer.Body, StringComparison.Ordinal);
        alice.Ack(offers ? "" : TestSdp.Audio());
        bob.IsCancelled(invite);
        other.TakesAnswer();
        Server.End(alice, other);
    }

    // Alice takes reliable news only, Bob sends none of these.
    private (TestPhone Alice, TestPhone Bob, TestMessage Invite, TestMessage Ringing) RingReliably()
    {
        (TestPhone alice, TestPhone bob) = Server.AddPair();
        alice.Invite(TestCalls.Bob, headers: Requires);
        TestMessage invite = bob.Expect("INVITE");
        bob.Reply(180);
        alice.Expect(100);
        return (alice, bob, invite, alice.Expect(180));
    }

    private static int RSeq(TestMessage message) => int.Parse(message.Header("RSeq"), System.Globalization.CultureInfo.InvariantCulture);
}

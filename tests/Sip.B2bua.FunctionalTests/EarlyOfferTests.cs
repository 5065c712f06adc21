namespace Sip.B2bua.FunctionalTests;

/// <summary>Offers before the call is answered: in PRACK (RFC 3262 5) and UPDATE (RFC 3311), in both directions.</summary>
public sealed class EarlyOfferTests : InMemoryTests
{
    private const string Caller = "Supported: 100rel\nAllow: INVITE, ACK, BYE, CANCEL, PRACK, UPDATE";
    private const string Reliable = "Require: 100rel\nRSeq: 7\nAllow: INVITE, ACK, BYE, CANCEL, PRACK, UPDATE";
    private static readonly string CallerSecond = TestSdp.Audio(4000, version: 2);
    private static readonly string CalleeSecond = TestSdp.Audio(5000, version: 2);

    private TestMessage invite = null!;

    [Fact]
    public void An_offer_in_PRACK_crosses_in_PRACK_and_its_answer_in_the_200()
    {
        (TestPhone alice, TestPhone bob) = Progress(out TestMessage news);
        alice.Prack(news, CallerSecond);
        TestMessage prack = bob.Expect("PRACK");
        Assert.Equal(("7 1 INVITE", CallerSecond), (prack.Header("RAck"), prack.Body));
        alice.ExpectNothing();
        bob.Reply(200, CalleeSecond);
        Assert.Equal(CalleeSecond, alice.Expect(200, "PRACK").Body);
        Answer(alice, bob);
    }

    [Fact]
    public void An_offer_in_PRACK_goes_as_UPDATE_where_the_target_waits_for_no_PRACK()
    {
        (TestPhone alice, TestPhone bob) = Progress(out TestMessage news);
        alice.Prack(news);
        alice.Expect(200);
        bob.Expect("PRACK");
        bob.Reply(200);
        bob.Reply(invite, 180, headers: "Require: 100rel\nRSeq: 8");
        bob.Expect("PRACK"); // nothing in it that the caller could have something to say to
        bob.Reply(200);
        alice.Prack(alice.Expect(180), CallerSecond);
        Assert.Equal(CallerSecond, bob.Expect("UPDATE").Body);
        bob.Reply(200, CalleeSecond);
        Assert.Equal(CalleeSecond, alice.Expect(200, "PRACK").Body);
        Answer(alice, bob);
    }

    [Fact]
    public void A_refused_offer_in_PRACK_leaves_the_session_and_the_call_as_they_were()
    {
        (TestPhone alice, TestPhone bob) = Progress(out TestMessage news);
        alice.Prack(news, CallerSecond);
        bob.Expect("PRACK");
        bob.Reply(488);
        alice.Expect(488, "PRACK");
        Update(alice, bob, TestSdp.Audio(4000, version: 3), CalleeSecond);
        Answer(alice, bob);
    }

    [Fact]
    public void An_offer_in_PRACK_before_the_first_is_answered_gets_488()
    {
        (TestPhone alice, TestPhone bob) = Server.AddPair();
        alice.Invite(TestCalls.Bob, headers: "Require: 100rel");
        invite = bob.Expect("INVITE");
        bob.Reply(180);
        alice.Expect(100);
        alice.Prack(alice.Expect(180), CallerSecond);
        alice.Expect(488, "PRACK");
        bob.ExpectNothing();
        Answer(alice, bob, TestSdp.Audio(5000));
    }

    [Fact]
    public void Unreliable_news_cross_while_an_offer_in_PRACK_waits_for_its_answer()
    {
        (TestPhone alice, TestPhone bob) = Progress(out TestMessage news);
        alice.Prack(news, CallerSecond);
        TestMessage prack = bob.Expect("PRACK");
        bob.Reply(invite, 180);
        alice.Expect(180);
        bob.Reply(prack, 200, CalleeSecond);
        alice.Expect(200, "PRACK");
        Answer(alice, bob);
    }

    [Fact]
    public void RFC_3311_an_UPDATE_crosses_before_the_answer_in_both_directions()
    {
        (TestPhone alice, TestPhone bob) = Established();
        Update(alice, bob, CallerSecond, CalleeSecond);
        Update(bob, alice, TestSdp.Audio(5000, version: 3), TestSdp.Audio(4000, version: 3));
        Answer(alice, bob);
    }

    [Fact]
    public void A_refused_UPDATE_before_the_answer_leaves_the_session_as_it_was()
    {
        (TestPhone alice, TestPhone bob) = Established();
        foreach ((TestPhone from, TestPhone to) in new[] { (alice, bob), (bob, alice) })
        {
            from.Ask("UPDATE", TestSdp.Audio(6000, version: 2));
            to.Expect("UPDATE");
            to.Reply(488);
            from.Expect(488, "UPDATE");
        }

        Update(alice, bob, CallerSecond, CalleeSecond);
        Answer(alice, bob);
    }

    [Fact]
    public void RFC_3311_5_2_an_UPDATE_while_our_own_offer_waits_gets_491()
    {
        (TestPhone alice, TestPhone bob) = Changing(out TestMessage ours);
        bob.Ask("UPDATE", CalleeSecond);
        bob.Expect(491, "UPDATE");
        bob.Reply(ours, 491);
        alice.Expect(491, "UPDATE");
        Update(bob, alice, CalleeSecond, CallerSecond);
        Answer(alice, bob);
    }

    [Fact]
    public void RFC_3311_5_2_an_UPDATE_before_the_last_is_answered_gets_500_with_Retry_After()
    {
        (TestPhone alice, TestPhone bob) = Changing(out TestMessage first);
        alice.Ask("UPDATE", TestSdp.Audio(4000, version: 3));
        Assert.InRange(int.Parse(alice.Expect(500, "UPDATE").Header("Retry-After"), System.Globalization.CultureInfo.InvariantCulture), 0, 10);
        bob.Reply(first, 200, CalleeSecond);
        alice.Expect(200, "UPDATE");
        Answer(alice, bob);
    }

    [Fact]
    public void RFC_3311_5_2_an_offer_before_the_first_is_answered_gets_500_with_Retry_After()
    {
        (TestPhone alice, TestPhone bob) = Server.AddPair();
        Server.Ring(alice, bob);
        invite = bob.Request;
        alice.Ask("UPDATE", CallerSecond);
        Assert.True(alice.Expect(500, "UPDATE").Has("Retry-After"));
        bob.Ask("UPDATE", CalleeSecond);
        bob.Expect(491, "UPDATE");
        Answer(alice, bob, TestSdp.Audio(5000));
    }

    [Fact]
    public void An_UPDATE_to_a_phone_that_takes_none_gets_488_before_the_answer()
    {
        (TestPhone alice, TestPhone bob) = Server.AddPair();
        Progress(alice, bob, "Require: 100rel\nRSeq: 7", out TestMessage news);
        Acknowledge(alice, bob, news);
        alice.Ask("UPDATE", CallerSecond);
        Assert.Contains("takes no change", alice.Expect(488, "UPDATE").Reason, StringComparison.Ordinal);
        bob.ExpectNothing();
        Update(bob, alice, CalleeSecond, CallerSecond);
        Answer(alice, bob);
    }

    [Fact]
    public void An_UPDATE_of_a_target_whose_session_the_caller_has_not_got_gets_491()
    {
        (TestPhone alice, TestPhone bob) = Server.AddPair();
        alice.Invite(TestCalls.Bob);
        invite = bob.Expect("INVITE");
        bob.Reply(183, TestSdp.Audio(5000), Reliable);
        bob.Expect("PRACK");
        bob.Reply(200);
        alice.Expect(100);
        alice.Expect(183);
        bob.Ask("UPDATE", CalleeSecond);
        bob.Expect(491, "UPDATE");
        alice.ExpectNothing();
        Answer(alice, bob);
    }

    [Fact]
    public void An_UPDATE_without_an_offer_is_answered_by_us_before_the_answer()
    {
        (TestPhone alice, TestPhone bob) = Established();
        alice.Ask("UPDATE");
        alice.Expect(200, "UPDATE");
        bob.Ask("UPDATE");
        bob.Expect(200, "UPDATE");
        Answer(alice, bob);
    }

    [Fact]
    public void RFC_3261_12_2_1_2_an_UPDATE_that_goes_to_a_phone_when_another_answers_is_not_told_that_its_dialog_is_gone()
    {
        (TestPhone alice, TestPhone bob) = Server.AddPair();
        TestPhone other = Server.AddPhone("bob", registered: true);
        Progress(alice, bob, Reliable, out TestMessage news);
        Acknowledge(alice, bob, news);
        alice.Ask("UPDATE", CallerSecond);
        TestMessage update = bob.Expect("UPDATE");
        other.Accepts(other.Expect("INVITE"), TestSdp.Audio(6000));
        alice.Expect(200, "INVITE");
        alice.Ack();
        bob.IsCancelled();
        bob.Reply(update, 481);
        alice.Expect(480, "UPDATE");
        Server.End(alice, other);
    }

    [Fact]
    public void A_CANCEL_ends_an_early_change_as_well()
    {
        (TestPhone alice, TestPhone bob) = Changing(out TestMessage update);
        alice.Cancel();
        alice.Expect(200, "CANCEL");
        alice.Expect(487, "INVITE");
        bob.IsCancelled(invite);
        bob.Reply(update, 200, CalleeSecond);
        Server.Advance(40);
        alice.Skip();
        Server.ExpectNothingLeft();
    }

    [Fact]
    public void Without_the_callers_PRACK_the_callees_news_stay_unacknowledged_and_the_call_is_given_up()
    {
        (TestPhone alice, TestPhone bob) = Progress(out _);
        Server.Advance(32.1);
        alice.Await(504, "INVITE", 0);
        bob.IsCancelled(invite);
        Server.ExpectNothingLeft();
    }

    [Fact]
    public void Who_has_left_by_a_transfer_changes_nothing_of_the_session_of_the_phone_that_had_an_early_one()
    {
        (TestPhone alice, TestPhone bob) = Established();
        TestPhone carol = Server.AddPhone("carol", registered: true);
        bob.Accepts(invite, "");
        alice.Expect(200, "INVITE");
        alice.Ack();
        alice.Refers($"<{carol.AddressOfRecord}>");
        carol.Expect("INVITE");
        carol.Accepts();
        bob.Expect("INVITE");
        bob.Accepts(CalleeSecond);
        alice.HearsOf("SIP/2.0 200 OK");
        alice.Ask("UPDATE", CallerSecond);
        alice.Expect(491, "UPDATE");
        bob.ExpectNothing();
        alice.Leaves();
        Server.End(bob, carol);
    }

    private (TestPhone Alice, TestPhone Bob) Established()
    {
        (TestPhone alice, TestPhone bob) = Progress(out TestMessage news);
        Acknowledge(alice, bob, news);
        return (alice, bob);
    }

    // The caller's UPDATE waits for its answer.
    private (TestPhone Alice, TestPhone Bob) Changing(out TestMessage update)
    {
        (TestPhone alice, TestPhone bob) = Established();
        alice.Ask("UPDATE", CallerSecond);
        update = bob.Expect("UPDATE");
        return (alice, bob);
    }

    private (TestPhone Alice, TestPhone Bob) Progress(out TestMessage news)
    {
        (TestPhone alice, TestPhone bob) = Server.AddPair();
        Progress(alice, bob, Reliable, out news);
        return (alice, bob);
    }

    private void Progress(TestPhone alice, TestPhone bob, string callee, out TestMessage news)
    {
        alice.Invite(TestCalls.Bob, headers: Caller);
        invite = bob.Expect("INVITE");
        bob.Reply(183, TestSdp.Audio(5000), callee);
        alice.Expect(100);
        news = alice.Expect(183);
    }

    private static void Acknowledge(TestPhone alice, TestPhone bob, TestMessage news)
    {
        alice.Prack(news);
        alice.Expect(200, "PRACK");
        bob.Expect("PRACK");
        bob.Reply(200);
    }

    private static void Update(TestPhone from, TestPhone to, string offer, string answer) =>
        Assert.Equal(HeardSession.WithoutVersions((offer, answer)), HeardSession.WithoutVersions(from.Update(to, offer, answer)));

    private void Answer(TestPhone alice, TestPhone bob, string sdp = "")
    {
        bob.Accepts(invite, sdp);
        alice.Expect(200, "INVITE");
        alice.Ack();
        Server.End(alice, bob);
    }
}

namespace Sip.B2bua.FunctionalTests;

/// <summary>Session timers (RFC 4028), on each side for itself.</summary>
public sealed class SessionTimerTests : InMemoryTests
{
    private const string Knows = "Supported: timer\nAllow: INVITE, ACK, BYE, CANCEL, UPDATE";

    [Fact]
    public void The_callee_is_asked_for_a_timer_and_the_caller_is_not_told_of_it()
    {
        (TestPhone alice, TestPhone bob) = Server.AddPair();
        alice.Invite(TestCalls.Bob);
        TestMessage invite = bob.Expect("INVITE");
        Assert.Equal(("1800", "90"), (invite.Header("Session-Expires"), invite.Header("Min-SE")));
        Assert.Contains("timer", invite.Header("Supported"), StringComparison.Ordinal);
        bob.Refuses(486);
        alice.Expect(100);
        Assert.False(alice.Expect(486).Has("Session-Expires"));
        Server.ExpectNothingLeft();
    }

    [Fact]
    public void With_0_nobody_is_asked_for_a_timer()
    {
        Start("[b2bua]\nsession-expires=0");
        (TestPhone alice, TestPhone bob) = Server.AddPair();
        alice.Invite(TestCalls.Bob);
        Assert.False(bob.Expect("INVITE").Has("Session-Expires"));
        bob.Accepts(TestSdp.Audio(5000));
        alice.Expect(100);
        Assert.False(alice.Expect(200).Has("Session-Expires"));
        alice.Ack();
        Server.Advance(5000);
        Server.End(alice, bob);
    }

    [Fact]
    public void A_caller_with_too_short_an_interval_gets_422_with_Min_SE()
    {
        (TestPhone alice, TestPhone bob) = Server.AddPair();
        alice.Invite(TestCalls.Bob, headers: Knows + "\nSession-Expires: 60");
        Assert.Equal("90", alice.Expect(422).Header("Min-SE"));
        bob.ExpectNothing();
        Server.ExpectNothingLeft();
    }

    [Fact]
    public void A_callee_that_wants_a_longer_interval_is_asked_again()
    {
        (TestPhone alice, TestPhone bob) = Server.AddPair();
        alice.Invite(TestCalls.Bob);
        TestMessage first = bob.Expect("INVITE");
        bob.Reply(422, headers: "Min-SE: 3600");
        bob.Expect("ACK");
        TestMessage second = bob.Expect("INVITE");
        Assert.Equal(("3600", "3600", first.Body), (second.Header("Session-Expires"), second.Header("Min-SE"), second.Body));
        bob.Accepts(TestSdp.Audio(5000));
        alice.TakesAnswer();
        Server.End(alice, bob);
    }

    [Fact]
    public void A_party_that_refreshes_keeps_the_call_and_one_that_stops_loses_it()
    {
        (TestPhone alice, TestPhone bob) = Answered(Knows + "\nSession-Expires: 300;refresher=uac", "", out TestMessage answer);
        Assert.Equal(("300;refresher=uac", "timer"), (answer.Header("Session-Expires"), answer.Header("Require")));
        for (int i = 0; i < 3; i++)
        {
            Server.Advance(150);
            alice.Ask("UPDATE", headers: Knows + "\nSession-Expires: 300;refresher=uac");
            Assert.Equal("300;refresher=uac", alice.Expect(200, "UPDATE").Header("Session-Expires"));
        }

        Server.Advance(267);
        alice.ExpectNothing();
        Server.Advance(1);
        alice.IsHungUpOn();
        bob.IsHungUpOn();
        Server.ExpectNothingLeft();
    }

    [Fact]
    public void A_callee_without_timers_is_refreshed_by_UPDATE_if_it_takes_that()
    {
        (TestPhone alice, TestPhone bob) = Answered("", "Allow: INVITE, ACK, BYE, UPDATE", out _);
        Server.Advance(899);
        bob.ExpectNothing();
        Server.Advance(1);
        TestMessage refresh = bob.Expect("UPDATE");
        Assert.Equal(("", "1800;refresher=uac"), (refresh.Body, refresh.Header("Session-Expires")));
        bob.Reply(200);
        alice.Await("INVITE", 0);
        alice.Accepts(TestSdp.Audio());
        Server.Advance(900);
        bob.Expect("UPDATE");
        bob.Reply(200);
        alice.Await("INVITE", 0);
        alice.Accepts(TestSdp.Audio());
        Server.End(alice, bob);
    }

    [Fact]
    public void A_callee_without_UPDATE_is_refreshed_by_a_reINVITE_with_the_session_as_it_is()
    {
        (TestPhone alice, TestPhone bob) = Answered(Knows + "\nSession-Expires: 7200;refresher=uac", "Allow: INVITE, ACK, BYE", out _);
        Server.Advance(900);
        TestMessage refresh = bob.Expect("INVITE");
        Assert.Equal((TestSdp.Audio(), "1800;refresher=uac"), (refresh.Body, refresh.Header("Session-Expires")));
        bob.Accepts(TestSdp.Audio(5000));
        alice.ExpectNothing();
        Server.End(alice, bob);
    }

    [Fact]
    public void A_refresh_that_is_never_answered_ends_the_call()
    {
        (TestPhone alice, TestPhone bob) = Answered(Knows + "\nSession-Expires: 7200;refresher=uac", "Allow: INVITE, UPDATE", out _);
        Server.Advance(932);
        alice.IsHungUpOn();
        Server.Advance(64);
        bob.Skip();
        Server.ExpectNothingLeft();
    }

    [Fact]
    public void A_refresh_that_is_refused_is_tried_again_and_the_call_goes_on()
    {
        (TestPhone alice, TestPhone bob) = Answered(Knows + "\nSession-Expires: 7200;refresher=uac", "Allow: INVITE, UPDATE", out _);
        Server.Advance(900);
        bob.Expect("UPDATE");
        bob.Reply(501);
        Server.Advance(10);
        bob.Expect("INVITE");
        bob.Refuses(500);
        Server.Advance(10);
        bob.Expect("INVITE");
        bob.Accepts(TestSdp.Audio(5000));
        alice.ExpectNothing();
        Server.End(alice, bob);
    }

    [Fact]
    public void RFC_4028_7_4_another_session_in_the_answer_to_a_refresh_is_told_to_the_other_party()
    {
        (TestPhone alice, TestPhone bob) = Refreshed();
        bob.Accepts(TestSdp.Audio(5002, version: 2));
        Assert.Equal(TestSdp.Audio(5002, version: 2), alice.Expect("INVITE").Body);
        alice.Accepts(TestSdp.Audio());
        bob.ExpectNothing();
        Server.Advance(900);
        bob.Expect("INVITE");
        bob.Accepts(TestSdp.Audio(5002, version: 2));
        alice.Expect("UPDATE"); // her own refresh
        alice.Reply(200);
        alice.ExpectNothing();
        Server.End(alice, bob);
    }

    [Fact]
    public void What_the_other_party_answers_to_that_is_told_in_turn()
    {
        (TestPhone alice, TestPhone bob) = Refreshed();
        bob.Accepts(TestSdp.Audio(5000, "recvonly", version: 2));
        alice.Expect("INVITE");
        alice.Accepts(TestSdp.Audio(4002, "sendonly", version: 2));
        Assert.Equal(TestSdp.Audio(4002, "sendonly", version: 2), bob.Expect("INVITE").Body);
        bob.Accepts(TestSdp.Audio(5000, "recvonly", version: 2));
        alice.ExpectNothing();
        Server.End(alice, bob);
    }

    [Theory]
    [InlineData(491)]
    [InlineData(488)]
    public void The_other_party_may_refuse_that_and_the_call_goes_on(int code)
    {
        (TestPhone alice, TestPhone bob) = Refreshed();
        bob.Accepts(TestSdp.Audio(5002, version: 2));
        alice.Expect("INVITE");
        alice.Refuses(code);
        if (code == 491)
        {
            Assert.Equal(TestSdp.Audio(5002, version: 2), alice.Await("INVITE", 4).Body); // 14.1
            alice.Accepts(TestSdp.Audio());
        }

        Server.Advance(10);
        alice.ExpectNothing();
        Server.End(alice, bob);
    }

    [Theory]
    [InlineData("INVITE")]
    [InlineData("UPDATE")]
    public void RFC_3264_8_a_refresh_after_a_refused_change_offers_what_still_holds(string method)
    {
        (TestPhone alice, TestPhone bob) = Answered(Knows + "\nSession-Expires: 7200;refresher=uac", "Allow: INVITE, ACK, BYE, " + method, out _);
        alice.ChangeInVain(bob, TestSdp.Audio(4000, "sendonly", version: 2), method);
        Server.Advance(900);
        if (method == "UPDATE")
        {
            bob.Expect("UPDATE");
            bob.Reply(501); // an UPDATE offers nothing: INVITE does
            Server.Advance(10);
        }

        Assert.Equal(TestSdp.Audio(), bob.Expect("INVITE").Body);
        bob.Accepts(TestSdp.Audio(5000));
        alice.ExpectNothing();
        Server.End(alice, bob);
    }

    [Fact]
    public void RFC_3264_8_a_change_that_is_refused_after_it_was_asked_for_with_a_longer_interval_leaves_what_still_holds()
    {
        (TestPhone alice, TestPhone bob) = Answered(Knows + "\nSession-Expires: 7200;refresher=uac", "Allow: INVITE, ACK, BYE", out _);
        alice.Reinvite(TestSdp.Audio(4000, "sendonly", version: 2));
        bob.Expect("INVITE");
        bob.Reply(422, headers: "Min-SE: 2000");
        bob.Expect("ACK");
        bob.Expect("INVITE");
        bob.Refuses(488);
        alice.Expect(100);
        alice.Expect(488, "INVITE");
        Server.Advance(900);
        Assert.Contains("a=sendrecv", bob.Expect("INVITE").Body, StringComparison.Ordinal);
        bob.Accepts(TestSdp.Audio(5000));
        alice.ExpectNothing();
        Server.End(alice, bob);
    }

    [Fact]
    public void A_refresh_that_is_answered_without_a_session_changes_nothing()
    {
        (TestPhone alice, TestPhone bob) = Refreshed();
        bob.Accepts("");
        alice.ExpectNothing();
        Server.Change(bob, alice, TestSdp.Audio(5000, version: 2), TestSdp.Audio());
        Server.End(alice, bob);
    }

    [Fact]
    public void A_session_that_nobody_asked_for_in_the_answer_to_an_UPDATE_changes_nothing()
    {
        (TestPhone alice, TestPhone bob) = Refreshed("Allow: INVITE, ACK, BYE, UPDATE", "UPDATE");
        bob.Reply(200, TestSdp.Audio(5002, version: 2));
        alice.ExpectNothing();
        Server.End(alice, bob);
    }

    [Theory]
    [InlineData("INVITE", 408)]
    [InlineData("INVITE", 481)]
    [InlineData("UPDATE", 408)]
    [InlineData("UPDATE", 481)]
    public void RFC_4028_10_a_refresh_that_gets_408_or_481_ends_the_call(string method, int code)
    {
        (TestPhone alice, TestPhone bob) = Refreshed($"Allow: INVITE, ACK, BYE, {method}", method);
        bob.Reply(code);
        if (method == "INVITE")
        {
            bob.Expect("ACK");
        }

        bob.IsHungUpOn();
        alice.IsHungUpOn();
        Server.ExpectNothingLeft();
    }

    [Theory]
    [InlineData("INVITE")]
    [InlineData("UPDATE")]
    public void RFC_3261_14_1_a_refresh_that_meets_another_change_is_tried_again_after_a_while(string method)
    {
        (TestPhone alice, TestPhone bob) = Refreshed($"Allow: INVITE, ACK, BYE, {method}", method);
        Refuse(bob, 491, "");
        Server.Advance(2);
        bob.ExpectNothing();
        bob.Await(method, 2.1);
        bob.Reply(200, method == "INVITE" ? TestSdp.Audio(5000) : "");
        bob.Skip();
        alice.ExpectNothing();
        Server.End(alice, bob);
    }

    [Theory]
    [InlineData("INVITE")]
    [InlineData("UPDATE")]
    public void RFC_3261_20_33_a_refresh_is_tried_again_when_the_phone_says(string method)
    {
        (TestPhone alice, TestPhone bob) = Refreshed($"Allow: INVITE, ACK, BYE, {method}", method);
        Refuse(bob, 500, "Retry-After: 60 (busy)");
        Server.Advance(59.9);
        bob.ExpectNothing();
        bob.Await(method, 0.2);
        bob.Reply(200, method == "INVITE" ? TestSdp.Audio(5000) : "");
        bob.Skip();
        Server.End(alice, bob);
    }

    [Theory]
    [InlineData("INVITE")]
    [InlineData("UPDATE")]
    public void RFC_4028_10_a_refresh_is_tried_again_before_the_session_is_over_whatever_the_phone_says(string method)
    {
        (TestPhone alice, TestPhone bob) = Refreshed($"Allow: INVITE, ACK, BYE, {method}", method);
        Refuse(bob, 500, "Retry-After: 3600");
        Refresh(alice);
        Server.Advance(867.9);
        bob.ExpectNothing();
        bob.Await(method, 0.2);
        bob.Reply(200, method == "INVITE" ? TestSdp.Audio(5000) : "");
        bob.Skip();
        Server.End(alice, bob);
    }

    [Fact]
    public void RFC_4028_10_a_refresh_that_is_always_refused_is_tried_less_and_less_often()
    {
        (TestPhone alice, TestPhone bob) = Refreshed();
        foreach (int seconds in new[] { 10, 20, 40, 80 })
        {
            bob.Refuses(500);
            Server.Advance(seconds - 1);
            bob.ExpectNothing();
            Server.Advance(1);
            bob.Expect("INVITE");
        }

        bob.Accepts(TestSdp.Audio(5000));
        Server.End(alice, bob);
    }

    [Theory]
    [InlineData("INVITE")]
    [InlineData("UPDATE")]
    public void RFC_4028_10_a_refresh_that_is_always_refused_is_tried_once_more_before_the_session_is_over_and_ends_the_call(string method)
    {
        (TestPhone alice, TestPhone bob) = Refreshed($"Allow: INVITE, ACK, BYE, {method}\nSupported: timer\nSession-Expires: 1800;refresher=uac", method);
        Refresh(alice);
        foreach (int seconds in new[] { 10, 20, 40, 80, 160, 320, 238 })
        {
            Refuse(bob, 500, "");
            Server.Advance(seconds - 1);
            bob.ExpectNothing();
            Server.Advance(1);
            bob.Expect(method);
        }

        Refuse(bob, 500, ""); // 32 s before the 1800 are over
        foreach (TestPhone phone in new[] { alice, bob })
        {
            Assert.Contains("the session was not refreshed", phone.Expect("BYE").Header("Reason"), StringComparison.Ordinal);
            phone.Reply(200);
        }

        Server.ExpectNothingLeft();
    }

    [Theory]
    [InlineData(488, false)]
    [InlineData(480, true)]
    [InlineData(503, true)]
    public void RFC_5057_a_party_that_counts_no_interval_may_refuse_every_refresh_unless_it_sounds_as_if_nobody_were_there(int code, bool ends)
    {
        (TestPhone alice, TestPhone bob) = Refreshed();
        foreach (int seconds in new[] { 10, 20, 40, 80, 160, 320, ends ? 238 : 320 })
        {
            Refuse(bob, code, "");
            Refresh(alice);
            bob.Await("INVITE", seconds + 0.1);
        }

        if (ends)
        {
            bob.Refuses(code);
            bob.IsHungUpOn();
            alice.IsHungUpOn();
            Server.ExpectNothingLeft();
            return;
        }

        bob.Accepts(TestSdp.Audio(5000)); // its session would be over by now
        Server.End(alice, bob);
    }

    [Fact]
    public void RFC_4028_10_a_short_session_that_is_not_refreshed_ends_in_time()
    {
        (TestPhone alice, TestPhone bob) = Answered(Knows, "Allow: INVITE, ACK, BYE\nSupported: timer\nSession-Expires: 90;refresher=uac", out _);
        Server.Advance(45);
        foreach (int seconds in new[] { 10, 5 })
        {
            bob.Expect("INVITE");
            bob.Refuses(488);
            Server.Advance(seconds);
        }

        bob.Expect("INVITE");
        bob.Refuses(488);
        bob.IsHungUpOn();
        alice.IsHungUpOn();
        Server.ExpectNothingLeft();
    }

    [Fact]
    public void A_refresh_that_is_refused_at_last_because_the_session_is_just_being_changed_ends_nothing_yet()
    {
        (TestPhone alice, TestPhone bob) = Refreshed();
        Refresh(alice);
        Refuse(bob, 500, "Retry-After: 3600");
        bob.Await("INVITE", 869);
        bob.Refuses(491);
        bob.Await("INVITE", 4.1);
        bob.Accepts(TestSdp.Audio(5000));
        alice.ExpectNothing();
        Server.End(alice, bob);
    }

    // The reason why the leak tests refresh sessions often.
    [Fact]
    public void A_call_that_its_phones_have_left_without_our_knowledge_ends_when_it_is_refreshed()
    {
        (TestPhone alice, TestPhone bob) = Server.AddPair();
        alice.Invite(TestCalls.Bob);
        TestMessage invite = bob.Expect("INVITE");
        bob.Bye(); // it overtakes the 200
        bob.Expect(481, "BYE");
        bob.Accepts(invite, TestSdp.Audio(5000));
        alice.TakesAnswer();
        Server.Advance(899);
        Assert.Equal(1, Server.Calls);
        Server.Advance(1);
        TestMessage refresh = bob.Expect("INVITE");
        alice.Expect("INVITE");
        alice.Refuses(481);
        alice.IsHungUpOn();
        bob.Reply(refresh, 481);
        bob.Await("BYE", 0);
        bob.Reply(200);
        bob.Skip();
        Server.ExpectNothingLeft();
    }

    [Fact]
    public void A_callee_that_refreshes_itself_is_left_alone()
    {
        (TestPhone alice, TestPhone bob) = Answered(
            Knows + "\nSession-Expires: 7200;refresher=uac", "Allow: INVITE, UPDATE\nRequire: timer\nSession-Expires: 1200;refresher=uas", out _);
        Server.Advance(600);
        bob.ExpectNothing();
        bob.Ask("UPDATE", headers: Knows + "\nSession-Expires: 1200;refresher=uac");
        bob.Expect(200, "UPDATE");
        Server.Advance(1167);
        bob.ExpectNothing();
        Server.Advance(1);
        bob.IsHungUpOn();
        alice.IsHungUpOn();
        Server.ExpectNothingLeft();
    }

    // The callee has just got a refresh.
    private (TestPhone Alice, TestPhone Bob) Refreshed(string calleeHeaders = "Allow: INVITE, ACK, BYE", string method = "INVITE")
    {
        (TestPhone alice, TestPhone bob) = Answered(Knows + "\nSession-Expires: 7200;refresher=uac", calleeHeaders, out _);
        Server.Advance(900);
        bob.Expect(method);
        return (alice, bob);
    }

    private static void Refresh(TestPhone caller)
    {
        caller.Ask("UPDATE", headers: Knows + "\nSession-Expires: 7200;refresher=uac");
        caller.Expect(200, "UPDATE");
    }

    private static void Refuse(TestPhone phone, int code, string headers)
    {
        string method = phone.Request.Method;
        phone.Reply(code, headers: headers);
        if (method == "INVITE")
        {
            phone.Expect("ACK");
        }
    }

    private (TestPhone Alice, TestPhone Bob) Answered(string inviteHeaders, string answerHeaders, out TestMessage answer)
    {
        (TestPhone alice, TestPhone bob) = Server.AddPair();
        alice.Invite(TestCalls.Bob, headers: inviteHeaders);
        bob.Expect("INVITE");
        bob.Reply(200, TestSdp.Audio(5000), answerHeaders);
        bob.Expect("ACK");
        alice.Expect(100);
        answer = alice.Expect(200);
        alice.Ack();
        Server.Settle();
        return (alice, bob);
    }
}

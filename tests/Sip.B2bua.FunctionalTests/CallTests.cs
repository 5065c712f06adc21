namespace Sip.B2bua.FunctionalTests;

public sealed class CallTests : InMemoryTests
{
    [Fact]
    public void A_call_is_set_up_and_the_caller_hangs_up()
    {
        (TestPhone alice, TestPhone bob) = Server.AddPair();
        alice.Invite(TestCalls.Bob);
        TestMessage invite = bob.Expect("INVITE");
        Assert.Equal(bob.ContactUri, invite.RequestUri);
        Assert.Equal(TestSdp.Audio(), invite.Body);
        bob.Reply(180);
        alice.Expect(100);
        alice.Expect(180);
        bob.Accepts(TestSdp.Audio(5000));
        Assert.Equal(TestSdp.Audio(5000), alice.Expect(200).Body);
        alice.Ack();
        alice.Bye();
        bob.IsHungUpOn();
        alice.Expect(200, "BYE");
        Server.ExpectNothingLeft();
    }

    [Fact]
    public void The_callee_may_hang_up()
    {
        (TestPhone alice, TestPhone bob) = Server.AddPair();
        Server.Call(alice, bob);
        Server.End(bob, alice);
    }

    [Theory]
    [InlineData(180)]
    [InlineData(181)]
    [InlineData(182)]
    [InlineData(183)]
    [InlineData(199)]
    public void Every_provisional_response_but_100_goes_to_the_caller_with_our_Contact(int code)
    {
        (TestPhone alice, TestPhone bob) = Server.AddPair();
        alice.Invite(TestCalls.Bob);
        bob.Expect("INVITE");
        bob.Reply(100);
        bob.Reply(code, reason: "Some News");
        alice.Expect(100);
        TestMessage progress = alice.Expect(code);
        Assert.Equal("Some News", progress.Reason);
        Assert.Equal("sip:192.0.2.1:5060", progress.ContactUri);
        Assert.NotEmpty(progress.ToTag);
        bob.Refuses(486);
        alice.Expect(486);
        Server.ExpectNothingLeft();
    }

    [Fact]
    public void Early_media_goes_to_the_caller()
    {
        (TestPhone alice, TestPhone bob) = Server.AddPair();
        alice.Invite(TestCalls.Bob);
        bob.Expect("INVITE");
        bob.Reply(183, TestSdp.Audio(5000));
        alice.Expect(100);
        Assert.Equal(TestSdp.Audio(5000), alice.Expect(183).Body);
        bob.Accepts(TestSdp.Audio(5000));
        alice.Expect(200);
        alice.Ack();
        Server.End(alice, bob);
    }

    [Fact]
    public void A_repeated_INVITE_gets_the_last_provisional_response_and_reaches_the_callee_once()
    {
        (TestPhone alice, TestPhone bob) = Server.AddPair();
        TestMessage invite = alice.Invite(TestCalls.Bob);
        bob.Expect("INVITE");
        alice.Expect(100);
        bob.Reply(180);
        alice.Expect(180);
        alice.Repeat(invite);
        alice.Expect(180);
        bob.ExpectNothing();
        bob.Refuses(486);
        alice.Expect(486);
        Server.ExpectNothingLeft();
    }

    [Fact]
    public void A_repeated_2xx_of_the_callee_gets_the_ACK_again()
    {
        (TestPhone alice, TestPhone bob) = Server.AddPair();
        Server.Call(alice, bob);
        TestMessage answer = bob.Reply(bob.Dialog.ReceivedInvite!, 200, TestSdp.Audio(5000));
        TestMessage first = bob.Expect("ACK");
        bob.Repeat(answer);
        Assert.Equal(first.Text, bob.Expect("ACK").Text);
        alice.ExpectNothing();
        Server.End(alice, bob);
    }

    [Fact]
    public void A_2xx_repeated_after_the_call_gets_its_ACK_and_nothing_else()
    {
        (TestPhone alice, TestPhone bob) = Server.AddPair();
        Server.Call(alice, bob);
        Server.HangUp(alice, bob);
        bob.Reply(bob.Dialog.ReceivedInvite!, 200, TestSdp.Audio(5000));
        bob.Expect("ACK");
        Server.ExpectNothingLeft();
    }

    [Fact]
    public void Our_2xx_is_repeated_until_the_ACK_comes()
    {
        (TestPhone alice, TestPhone bob) = Server.AddAnswered();
        alice.Expect(100);
        TestMessage answer = alice.Expect(200);
        Server.Advance(0.6);
        Assert.Equal(answer.Text, alice.Expect(200).Text);
        Server.Advance(1);
        alice.Expect(200);
        alice.Ack();
        Server.Advance(30);
        alice.ExpectNothing();
        Server.End(alice, bob);
    }

    [Fact]
    public void Without_ACK_both_sides_get_a_BYE_after_32_seconds()
    {
        (TestPhone alice, TestPhone bob) = Server.AddAnswered();
        Server.Advance(31.9);
        bob.ExpectNothing();
        Server.Advance(0.2);
        bob.IsHungUpOn();
        alice.Await("BYE", 0);
        alice.Reply(200);
        Server.ExpectNothingLeft();
    }

    [Fact]
    public void A_repeated_BYE_gets_its_200_again()
    {
        (TestPhone alice, TestPhone bob) = Server.AddPair();
        Server.Call(alice, bob);
        TestMessage bye = alice.Bye();
        bob.IsHungUpOn();
        alice.Expect(200, "BYE");
        alice.Repeat(bye);
        alice.Expect(200, "BYE");
        Server.ExpectNothingLeft();
    }

    [Fact]
    public void A_BYE_in_a_dialog_that_is_gone_gets_481()
    {
        (TestPhone alice, TestPhone bob) = Server.AddPair();
        Server.Call(alice, bob);
        Server.HangUp(alice, bob);
        alice.Bye();
        alice.Expect(481);
        Server.ExpectNothingLeft();
    }

    [Fact]
    public void BYEs_that_cross_both_get_200()
    {
        (TestPhone alice, TestPhone bob) = Server.AddPair();
        Server.Call(alice, bob);
        alice.Bye();
        bob.Expect("BYE");
        TestMessage ours = bob.Request;
        bob.Leaves();
        bob.Reply(ours, 200);
        alice.Expect(200, "BYE");
        Server.ExpectNothingLeft();
    }

    [Fact]
    public void A_BYE_that_is_never_answered_leaves_nothing_behind()
    {
        (TestPhone alice, TestPhone bob) = Server.AddPair();
        Server.Call(alice, bob);
        alice.Leaves();
        Server.Advance(40);
        Assert.Equal(11, bob.Received.Count(m => m.IsRequest && m.Method == "BYE"));
        Server.ExpectNoState();
    }

    [Theory]
    [InlineData(true, false)]
    [InlineData(false, true)]
    public void A_request_with_a_wrong_tag_gets_481_and_the_call_goes_on(bool localWrong, bool remoteWrong)
    {
        (TestPhone alice, TestPhone bob) = Server.AddPair();
        Server.Call(alice, bob);
        TestDialog d = alice.Dialog;
        (string local, string remote) = (d.LocalTag, d.RemoteTag);
        d.LocalTag = localWrong ? "guess" : local;
        d.RemoteTag = remoteWrong ? remote[..2] + new string('0', remote.Length - 2) : remote;
        alice.Bye();
        alice.Expect(481);
        bob.ExpectNothing();
        (d.LocalTag, d.RemoteTag) = (local, remote);
        Server.End(alice, bob);
    }

    [Fact]
    public void A_lower_CSeq_gets_500_and_the_call_goes_on()
    {
        (TestPhone alice, TestPhone bob) = Server.AddPair();
        Server.Call(alice, bob);
        alice.Dialog.CSeq = 10;
        alice.Ask("INFO");
        bob.Expect("INFO");
        bob.Reply(200);
        alice.Expect(200);
        alice.Dialog.CSeq = 3;
        alice.Ask("INFO");
        alice.Expect(500);
        bob.ExpectNothing();
        alice.Dialog.CSeq = 11;
        Server.End(alice, bob);
    }

    [Theory]
    [InlineData("INFO")]
    [InlineData("MESSAGE")]
    [InlineData("NOTIFY")]
    public void A_request_within_the_call_crosses_in_both_directions_with_body_and_answer(string method)
    {
        (TestPhone alice, TestPhone bob) = Server.AddPair();
        Server.Call(alice, bob);
        foreach ((TestPhone from, TestPhone to) in new[] { (alice, bob), (bob, alice) })
        {
            from.Ask(method, "Signal=5", "X-Own: 1", "application/dtmf-relay");
            TestMessage request = to.Expect(method);
            Assert.Equal(("Signal=5", "application/dtmf-relay", "1"), (request.Body, request.Header("Content-Type"), request.Header("X-Own")));
            to.Reply(202, headers: "X-Answer: yes", reason: "Taken");
            TestMessage answer = from.Expect(202);
            Assert.Equal(("Taken", "yes"), (answer.Reason, answer.Header("X-Answer")));
        }

        Server.End(alice, bob);
    }

    [Fact]
    public void A_refused_request_within_the_call_leaves_the_call()
    {
        (TestPhone alice, TestPhone bob) = Server.AddPair();
        Server.Call(alice, bob);
        alice.Ask("INFO");
        bob.Expect("INFO");
        bob.Reply(415);
        alice.Expect(415);
        Server.End(alice, bob);
    }

    [Fact]
    public void A_challenge_within_the_call_is_not_for_the_other_side()
    {
        (TestPhone alice, TestPhone bob) = Server.AddPair();
        Server.Call(alice, bob);
        alice.Ask("INFO");
        bob.Expect("INFO");
        bob.Reply(401, headers: "WWW-Authenticate: Digest realm=\"bob\", nonce=\"1\"");
        Assert.DoesNotContain("WWW-Authenticate", alice.Expect(403).Text, StringComparison.Ordinal);
        Server.End(alice, bob);
    }

    [Fact]
    public void An_unknown_Require_within_the_call_gets_420_and_the_call_goes_on()
    {
        (TestPhone alice, TestPhone bob) = Server.AddPair();
        Server.Call(alice, bob);
        alice.Ask("INFO", headers: "Require: teleport");
        Assert.Equal("teleport", alice.Expect(420).Header("Unsupported"));
        bob.ExpectNothing();
        Server.End(alice, bob);
    }

    [Fact]
    public void A_request_of_the_caller_before_the_answer_gets_480()
    {
        (TestPhone alice, TestPhone bob) = Server.AddPair();
        Server.Ring(alice, bob);
        alice.Ask("INFO");
        alice.Expect(480, "INFO");
        bob.Refuses(486);
        alice.Expect(486, "INVITE");
        Server.ExpectNothingLeft();
    }

    [Fact]
    public void A_request_of_the_callee_before_the_answer_crosses()
    {
        (TestPhone alice, TestPhone bob) = Server.AddPair();
        Server.Ring(alice, bob);
        TestMessage invite = bob.Request;
        bob.Dialog.CSeq = 100;
        bob.Ask("INFO", "x", type: "text/plain");
        alice.Expect("INFO");
        alice.Reply(200);
        bob.Expect(200, "INFO");
        bob.Refuses(invite, 486);
        alice.Expect(486, "INVITE");
        Server.ExpectNothingLeft();
    }

    [Fact]
    public void OPTIONS_within_the_call_is_answered_by_us()
    {
        (TestPhone alice, TestPhone bob) = Server.AddPair();
        Server.Call(alice, bob);
        alice.Ask("OPTIONS");
        Assert.Contains("INVITE", alice.Expect(200).Header("Allow"), StringComparison.Ordinal);
        bob.ExpectNothing();
        Server.End(alice, bob);
    }

    [Fact]
    public void A_481_within_the_call_ends_it()
    {
        (TestPhone alice, TestPhone bob) = Server.AddPair();
        Server.Call(alice, bob);
        alice.Ask("INFO");
        bob.Expect("INFO");
        bob.Reply(481);
        alice.Expect(481);
        alice.IsHungUpOn();
        bob.Expect("BYE");
        bob.Reply(481);
        Server.ExpectNothingLeft();
    }

    [Fact]
    public void The_answer_of_a_late_offer_goes_with_the_ACK()
    {
        (TestPhone alice, TestPhone bob) = Server.AddPair();
        alice.Invite(TestCalls.Bob, sdp: "");
        Assert.Equal("", bob.Expect("INVITE").Body);
        bob.Reply(200, TestSdp.Audio(5000));
        bob.ExpectNothing();
        alice.Expect(100);
        Assert.Equal(TestSdp.Audio(5000), alice.Expect(200).Body);
        alice.Ack(TestSdp.Audio(4002));
        Assert.Equal(TestSdp.Audio(4002), bob.Expect("ACK").Body);
        Server.End(alice, bob);
    }

    [Fact]
    public void Without_the_ACK_of_a_late_offer_the_callee_gets_ACK_and_BYE()
    {
        (TestPhone alice, TestPhone bob) = Server.AddPair();
        alice.Invite(TestCalls.Bob, sdp: "");
        bob.Expect("INVITE");
        bob.Reply(200, TestSdp.Audio(5000));
        alice.Expect(100);
        Server.Advance(32.1);
        bob.Expect("ACK");
        bob.IsHungUpOn();
        alice.Await("BYE", 0);
        alice.Reply(200);
        Server.ExpectNothingLeft();
    }

    [Theory]
    [InlineData("UDP", "UDP")]
    [InlineData("TCP", "UDP")]
    [InlineData("UDP", "TCP")]
    [InlineData("TCP", "TCP")]
    public void Caller_and_callee_may_use_different_transports(string a, string b)
    {
        (TestPhone alice, TestPhone bob) = Server.AddPair(a, b);
        alice.Invite(TestCalls.Bob);
        TestMessage invite = bob.Expect("INVITE");
        Assert.StartsWith($"SIP/2.0/{b} ", invite.Header("Via"), StringComparison.Ordinal);
        Assert.Equal(b == "TCP", invite.ContactUri.Contains("transport=tcp", StringComparison.Ordinal));
        bob.Accepts(TestSdp.Audio(5000));
        alice.Expect(100);
        Assert.Equal(a == "TCP", alice.Expect(200).ContactUri.Contains("transport=tcp", StringComparison.Ordinal));
        alice.Ack();
        Server.End(bob, alice);
    }

    [Fact]
    public void With_four_loops_whoever_receives_hands_over_to_the_owner()
    {
        Start("[global]\nevent-loops=4");
        for (int i = 0; i < 12; i++)
        {
            TestPhone alice = Server.AddPhone("alice");
            TestPhone bob = Server.AddPhone("bob", registered: true);
            Server.Call(alice, bob);
            Server.HangUp(i % 2 == 0 ? alice : bob, i % 2 == 0 ? bob : alice);
            bob.Register(expires: 0);
        }

        Server.ExpectNothingLeft();
    }

    [Fact]
    public void With_four_loops_TCP_and_UDP_phones_call_each_other()
    {
        Start("[global]\nevent-loops=4");
        for (int i = 0; i < 12; i++)
        {
            TestPhone alice = Server.AddPhone("alice", i % 3 == 0 ? "UDP" : "TCP");
            TestPhone bob = Server.AddPhone("bob", i % 2 == 0 ? "TCP" : "UDP", registered: true);
            Server.Call(alice, bob);
            Server.HangUp(bob, alice);
            bob.Register(expires: 0);
        }

        Server.ExpectNothingLeft();
    }

    [Fact]
    public void A_call_ends_at_its_longest_duration()
    {
        Start("[b2bua]\nmax-call-duration=60");
        (TestPhone alice, TestPhone bob) = Server.AddPair();
        Server.Call(alice, bob);
        Server.Advance(60);
        alice.IsHungUpOn();
        bob.IsHungUpOn();
        Server.ExpectNothingLeft();
    }

    [Fact]
    public void A_call_that_was_answered_leaves_one_line_in_the_log()
    {
        (TestPhone alice, TestPhone bob) = Server.AddPair();
        Server.Call(alice, bob);
        Server.Advance(7);
        Server.End(alice, bob);
        Assert.Single(Server.Log, line => line.Contains("caller", StringComparison.Ordinal) && line.Contains("hung up", StringComparison.Ordinal));
    }
}

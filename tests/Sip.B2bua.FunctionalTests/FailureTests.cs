namespace Sip.B2bua.FunctionalTests;

public sealed class FailureTests : InMemoryTests
{
    [Theory]
    [InlineData(300, 300)]
    [InlineData(302, 302)]
    [InlineData(380, 380)]
    [InlineData(400, 400)]
    [InlineData(403, 403)]
    [InlineData(404, 404)]
    [InlineData(408, 408)]
    [InlineData(415, 415)]
    [InlineData(480, 480)]
    [InlineData(486, 486)]
    [InlineData(487, 487)]
    [InlineData(488, 488)]
    [InlineData(500, 500)]
    [InlineData(501, 501)]
    [InlineData(504, 504)]
    [InlineData(600, 600)]
    [InlineData(603, 603)]
    [InlineData(606, 606)]
    [InlineData(401, 403)] // our users' passwords are for us alone
    [InlineData(407, 403)]
    [InlineData(503, 500)] // 16.7: one phone's trouble is not ours
    public void A_failure_of_the_callee_goes_to_the_caller(int given, int told)
    {
        (TestPhone alice, TestPhone bob) = Server.AddPair();
        alice.Invite(TestCalls.Bob);
        bob.Expect("INVITE");
        bob.Reply(180);
        bob.Reply(given, headers: "X-Why: 7\nRetry-After: 60", reason: "For This");
        bob.Expect("ACK");
        alice.Expect(100);
        alice.Expect(180);
        TestMessage failure = alice.Expect(told);
        Assert.Equal(("For This", "7"), (failure.Reason, failure.Header("X-Why")));
        Server.ExpectNothingLeft();
    }

    [Fact]
    public void A_challenge_of_the_callee_stays_there_and_the_log_says_why()
    {
        (TestPhone alice, TestPhone bob) = Server.AddPair();
        alice.Invite(TestCalls.Bob);
        bob.Expect("INVITE");
        bob.Reply(407, headers: "Proxy-Authenticate: Digest realm=\"x\", nonce=\"y\"", reason: "Who Are You");
        bob.Expect("ACK");
        alice.Expect(100);
        Assert.False(alice.Expect(403).Has("Proxy-Authenticate"));
        Server.ExpectNothingLeft();
        Assert.Contains(Server.Log, line => line.Contains("407", StringComparison.Ordinal) && line.Contains("Who Are You", StringComparison.Ordinal));
    }

    [Fact]
    public void A_redirection_carries_its_Contact()
    {
        (TestPhone alice, TestPhone bob) = Server.AddPair();
        alice.Invite(TestCalls.Bob);
        bob.Expect("INVITE");
        bob.Reply(302, headers: "Contact: <sip:carol@example.org>");
        bob.Expect("ACK");
        alice.Expect(100);
        Assert.Equal("sip:carol@example.org", alice.Expect(302).ContactUri);
        Server.ExpectNothingLeft();
    }

    [Fact]
    public void A_failure_is_repeated_until_the_caller_acknowledges_it()
    {
        (TestPhone alice, TestPhone bob) = Server.AddPair();
        alice.AcknowledgesFailures = false;
        alice.Invite(TestCalls.Bob);
        bob.Expect("INVITE");
        bob.Refuses(486);
        alice.Expect(100);
        alice.Expect(486);
        Server.Advance(0.6);
        alice.AcknowledgesFailures = true;
        alice.Expect(486);
        Server.Advance(2);
        alice.Await(486, "INVITE", 0);
        Server.ExpectNothingLeft();
    }

    [Fact]
    public void Somebody_who_is_not_registered_gets_480_and_somebody_unknown_404()
    {
        TestPhone alice = Server.AddPhone("alice");
        alice.Invite(TestCalls.Bob);
        alice.Expect(480);
        alice.Invite("sip:nobody@example.org");
        alice.Expect(404);
        Server.ExpectNothingLeft();
    }

    [Fact]
    public void An_unknown_Require_gets_420_with_what_is_not_supported()
    {
        (TestPhone alice, TestPhone bob) = Server.AddPair();
        alice.Invite(TestCalls.Bob, headers: "Require: teleport, path, timewarp");
        Assert.Equal("teleport, timewarp", alice.Expect(420).Header("Unsupported"));
        bob.ExpectNothing();
        Server.ExpectNothingLeft();
    }

    [Fact]
    public void Max_Forwards_0_gets_483()
    {
        (TestPhone alice, TestPhone bob) = Server.AddPair();
        alice.SendRequest("INVITE", maxForwards: 0);
        alice.Expect(483);
        bob.ExpectNothing();
        Server.ExpectNothingLeft();
    }

    [Fact]
    public void The_same_request_by_another_way_gets_482()
    {
        (TestPhone alice, TestPhone bob) = Server.AddPair();
        TestMessage invite = alice.Invite(TestCalls.Bob);
        bob.Expect("INVITE");
        alice.Expect(100);
        alice.AcknowledgesFailures = false;
        alice.Repeat(TestMessage.Read(invite.Text.Replace(invite.Branch, invite.Branch + "other", StringComparison.Ordinal)));
        alice.Expect(482);
        bob.ExpectNothing();
        alice.AcknowledgesFailures = true;
        bob.Refuses(486);
        alice.Expect(486);
        Server.ExpectNothingLeft();
    }

    [Fact]
    public void A_call_too_many_gets_503_with_Retry_After_and_those_that_exist_go_on()
    {
        Start("[global]\nmax-calls=1");
        (TestPhone alice, TestPhone bob) = Server.AddPair();
        TestPhone carol = Server.AddPhone("carol");
        Server.Call(alice, bob);
        carol.Invite(TestCalls.Bob);
        Assert.NotEmpty(carol.Expect(503).Header("Retry-After"));
        Server.HangUp(alice, bob);
        Server.Call(carol, bob);
        Server.End(carol, bob);
    }

    [Fact]
    public void A_phone_whose_connection_is_gone_counts_as_not_registered()
    {
        (TestPhone alice, TestPhone bob) = Server.AddPair(bobTransport: "TCP");
        bob.Connection!.Close();
        Server.Settle();
        alice.Invite(TestCalls.Bob);
        alice.Expect(480);
        Server.ExpectNothingLeft();
    }

    [Fact]
    public void A_connection_that_breaks_while_the_INVITE_is_on_its_way_gives_480()
    {
        (TestPhone alice, TestPhone bob) = Server.AddPair(bobTransport: "TCP");
        alice.Invite(TestCalls.Bob);
        bob.Expect("INVITE");
        bob.Connection!.Close();
        alice.Expect(100);
        alice.Expect(480);
        Server.ExpectNothingLeft();
    }

    [Fact]
    public void A_phone_that_is_unreachable_gives_480()
    {
        (TestPhone alice, TestPhone bob) = Server.AddPair();
        bob.IsUnreachable = true;
        alice.Invite(TestCalls.Bob);
        alice.Expect(100);
        alice.Expect(480);
        Server.ExpectNothingLeft();
    }

    [Fact]
    public void A_fault_of_a_module_gives_500_for_that_request_only()
    {
        Start("", typeof(FaultyModule));
        (TestPhone alice, TestPhone bob) = Server.AddPair();
        alice.Invite(TestCalls.Bob, headers: "X-Fault: request");
        Assert.Equal(500, alice.Await(500, seconds: 0).Code);
        Server.Call(alice, bob);
        Server.HangUp(alice, bob);
        Server.Advance(100);
        Server.ExpectNoState();
    }

    [Fact]
    public void A_stop_of_the_server_ends_its_calls()
    {
        (TestPhone alice, TestPhone bob) = Server.AddPair();
        TestPhone carol = Server.AddPhone("carol");
        TestPhone dave = Server.AddPhone("dave", registered: true);
        Server.Call(alice, bob);
        Server.Ring(carol, dave);
        TestMessage invite = dave.Request;
        alice.OnMessage = bob.OnMessage = null;
        foreach (TestPhone phone in new[] { alice, bob })
        {
            phone.OnMessage = message =>
            {
                phone.Reply(message, 200);
                return true;
            };
        }

        Server.Stop();
        Assert.Equal(0, Server.Calls);
        Assert.Equal("BYE", alice.Received[^1].Method);
        Assert.Equal("BYE", bob.Received[^1].Method);
        Assert.Equal(503, carol.Await(503, seconds: 0).Code);
        Assert.Equal("CANCEL", dave.Received[^1].Method);
        Assert.Equal("INVITE", invite.Method);
    }
}

namespace Sip.B2bua.FunctionalTests;

public sealed class StandaloneTests : InMemoryTests
{
    public StandaloneTests() => Start("[module::Router]\nmessage-fork-late=false");

    [Fact]
    public void A_MESSAGE_goes_to_the_phone_and_its_answer_back()
    {
        (TestPhone alice, TestPhone bob) = Server.AddPair();
        alice.AskOutside("MESSAGE", TestCalls.Bob, "hello", "X-Own: 1");
        TestMessage message = bob.Expect("MESSAGE");
        Assert.Equal(("hello", "text/plain", "1", bob.ContactUri), (message.Body, message.Header("Content-Type"), message.Header("X-Own"), message.RequestUri));
        bob.Reply(202, headers: "X-Answer: 2", reason: "Later");
        TestMessage answer = alice.Expect(202);
        Assert.Equal(("Later", "2"), (answer.Reason, answer.Header("X-Answer")));
        Server.ExpectNothingLeft();
    }

    [Fact]
    public void A_MESSAGE_to_two_devices_gets_the_first_success()
    {
        TestPhone one = Server.AddPhone("bob", registered: true);
        TestPhone two = Server.AddPhone("bob", "TCP", registered: true);
        TestPhone alice = Server.AddPhone("alice");
        alice.AskOutside("MESSAGE", TestCalls.Bob, "hello");
        one.Expect("MESSAGE");
        two.Expect("MESSAGE");
        one.Reply(480);
        alice.ExpectNothing();
        two.Reply(200);
        alice.Expect(200);
        Server.ExpectNothingLeft();
    }

    [Fact]
    public void When_all_devices_refuse_a_MESSAGE_the_best_failure_goes_back()
    {
        (TestPhone alice, TestPhone one, TestPhone two) = SendToTwo();
        one.Expect("MESSAGE");
        one.Reply(415, headers: "Accept: text/html");
        two.Expect("MESSAGE");
        two.Reply(480);
        Assert.Equal("text/html", alice.Expect(415).Header("Accept"));
        Server.ExpectNothingLeft();
    }

    [Fact]
    public void A_6xx_of_one_device_is_the_answer()
    {
        (TestPhone alice, TestPhone one, TestPhone two) = SendToTwo();
        one.Expect("MESSAGE");
        one.Reply(603);
        alice.Expect(603);
        two.Expect("MESSAGE");
        two.Reply(200);
        Server.ExpectNothingLeft();
    }

    [Fact]
    public void A_repeated_MESSAGE_reaches_the_phone_once()
    {
        (TestPhone alice, TestPhone bob) = Server.AddPair();
        alice.AskOutside("MESSAGE", TestCalls.Bob, "hello");
        alice.Repeat();
        bob.Expect("MESSAGE");
        bob.ExpectNothing();
        bob.Reply(200);
        alice.Expect(200);
        alice.Repeat();
        alice.Expect(200);
        Server.ExpectNothingLeft();
    }

    [Fact]
    public void A_MESSAGE_to_a_silent_phone_gets_a_failure()
    {
        (TestPhone alice, TestPhone bob) = Server.AddPair();
        alice.AskOutside("MESSAGE", TestCalls.Bob, "hello");
        Server.Advance(32.1);
        alice.Expect(408);
        bob.Skip();
        Server.ExpectNothingLeft();
    }

    [Theory]
    [InlineData("sip:nobody@example.org", 404)]
    [InlineData("sip:carol@example.org", 480)]
    public void A_MESSAGE_to_nobody_says_why(string uri, int code)
    {
        TestPhone alice = Server.AddPhone("alice");
        alice.AskOutside("MESSAGE", uri, "hello");
        alice.Expect(code);
        Server.ExpectNothingLeft();
    }

    [Fact]
    public void OPTIONS_to_a_user_goes_to_the_phone()
    {
        (TestPhone alice, TestPhone bob) = Server.AddPair();
        alice.AskOutside("OPTIONS", TestCalls.Bob);
        bob.Expect("OPTIONS");
        bob.Reply(200, headers: "Accept: application/sdp");
        Assert.Equal("application/sdp", alice.Expect(200).Header("Accept"));
        Server.ExpectNothingLeft();
    }

    [Fact]
    public void OPTIONS_to_the_server_is_answered_by_it()
    {
        TestPhone alice = Server.AddPhone("alice");
        alice.AskOutside("OPTIONS", "sip:192.0.2.1:5060");
        Assert.Contains("INVITE", alice.Expect(200).Header("Allow"), StringComparison.Ordinal);
        Server.ExpectNothingLeft();
    }

    [Fact]
    public void A_method_that_nobody_knows_goes_to_the_phone()
    {
        (TestPhone alice, TestPhone bob) = Server.AddPair();
        alice.AskOutside("FROBNICATE", TestCalls.Bob, "hello");
        bob.Expect("FROBNICATE");
        bob.Reply(200);
        alice.Expect(200, "FROBNICATE");
        Server.ExpectNothingLeft();
    }

    [Fact]
    public void A_challenge_of_the_phone_stays_there()
    {
        (TestPhone alice, TestPhone bob) = Server.AddPair();
        alice.AskOutside("MESSAGE", TestCalls.Bob, "hello");
        bob.Expect("MESSAGE");
        bob.Reply(401, headers: "WWW-Authenticate: Digest realm=\"x\", nonce=\"y\"");
        Assert.False(alice.Expect(403).Has("WWW-Authenticate"));
        Server.ExpectNothingLeft();
    }

    [Fact]
    public void Nothing_is_relayed_to_a_foreign_host_for_a_stranger()
    {
        TestPhone alice = Server.AddPhone("alice");
        alice.AskOutside("MESSAGE", "sip:victim@203.0.113.5", "hello");
        alice.Expect(403);
        Server.ExpectNothingLeft();
    }

    // Alice writes to Bob, who has two devices.
    private (TestPhone Alice, TestPhone One, TestPhone Two) SendToTwo()
    {
        TestPhone one = Server.AddPhone("bob", registered: true);
        TestPhone two = Server.AddPhone("bob", registered: true);
        TestPhone alice = Server.AddPhone("alice");
        alice.AskOutside("MESSAGE", TestCalls.Bob, "hello");
        return (alice, one, two);
    }
}

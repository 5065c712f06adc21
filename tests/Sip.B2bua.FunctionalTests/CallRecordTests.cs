namespace Sip.B2bua.FunctionalTests;

/// <summary>What is told of a call when it is over.</summary>
public sealed class CallRecordTests : IDisposable
{
    private readonly TestServer server;

    public CallRecordTests()
    {
        WitnessModule.Clear();
        server = TestServer.Start("", 1, typeof(WitnessModule));
    }

    public void Dispose() => server.Dispose();

    [Fact]
    public void An_answered_call_tells_its_times_and_who_hung_up()
    {
        (TestPhone alice, TestPhone bob) = server.AddPair();
        server.Ring(alice, bob);
        server.Advance(2);
        bob.Reply(200, TestSdp.Audio(5000));
        bob.Expect("ACK");
        alice.Expect(200);
        alice.Ack();
        server.Advance(60);
        server.HangUp(bob, alice);
        CallRecord call = Assert.Single(WitnessModule.Calls);
        Assert.Equal("sip:alice@example.org", call.Caller);
        Assert.Equal("sip:bob@example.org", call.Called);
        Assert.Equal("bob@example.org", call.AnsweredBy);
        Assert.Equal((200, "callee", "hung up"), (call.Code, call.EndedBy, call.Reason));
        Assert.InRange((call.Answered!.Value - call.Rang!.Value).TotalSeconds, 1.9, 2.5);
        Assert.InRange((call.Ended!.Value - call.Answered.Value).TotalSeconds, 59, 62);
        Assert.NotEmpty(call.Trail);
        Assert.Equal(["0 sip:alice@example.org 200", "1 bob@example.org 200"], WitnessModule.Legs.Order());
    }

    [Fact]
    public void Each_target_of_a_fork_tells_its_own_end()
    {
        TestPhone alice = server.AddPhone("alice");
        TestPhone desk = server.AddPhone("bob", registered: true);
        TestPhone mobile = server.AddPhone("bob", registered: true);
        alice.Invite(TestCalls.Bob);
        desk.Expect("INVITE");
        desk.Reply(486);
        desk.Expect("ACK");
        mobile.Expect("INVITE");
        mobile.Reply(200, TestSdp.Audio(5000));
        mobile.Expect("ACK");
        alice.Expect(100);
        alice.Expect(200);
        alice.Ack();
        server.HangUp(alice, mobile);
        Assert.Equal(3, WitnessModule.Legs.Count);
        Assert.Contains(WitnessModule.Legs, leg => leg.EndsWith("bob@example.org 486 no Call-ID", StringComparison.Ordinal)); // no dialog came to be
        Assert.Contains(WitnessModule.Legs, leg => leg.EndsWith("bob@example.org 200", StringComparison.Ordinal));
    }

    [Fact]
    public void A_call_that_fails_tells_the_code_that_the_caller_got()
    {
        (TestPhone alice, TestPhone bob) = server.AddPair();
        alice.Invite(TestCalls.Bob);
        bob.Expect("INVITE");
        bob.Reply(486);
        bob.Expect("ACK");
        alice.Expect(100);
        alice.Expect(486);
        server.Settle();
        CallRecord call = Assert.Single(WitnessModule.Calls);
        Assert.Equal((486, "callee", "Because"), (call.Code, call.EndedBy, call.Reason));
        Assert.Null(call.Answered);
        Assert.Contains("0 sip:alice@example.org 486", WitnessModule.Legs);
    }

    [Fact]
    public void A_caller_who_gives_up_is_told_as_cancelled()
    {
        (TestPhone alice, TestPhone bob) = server.AddPair();
        server.Ring(alice, bob);
        alice.Cancel();
        alice.Expect(200, "CANCEL");
        alice.Expect(487);
        TestMessage invite = bob.Request;
        bob.Expect("CANCEL");
        bob.Reply(200);
        bob.Refuses(invite, 487);
        server.Settle();
        CallRecord call = Assert.Single(WitnessModule.Calls);
        Assert.Equal((487, "caller", "cancelled"), (call.Code, call.EndedBy, call.Reason));
    }

    [Fact]
    public void An_INVITE_that_never_became_a_call_is_told_with_its_reason()
    {
        TestPhone alice = server.AddPhone("alice");
        alice.Invite("sip:nobody@example.org");
        TestMessage refusal = alice.Expect(404);
        CallRecord call = Assert.Single(WitnessModule.Calls);
        Assert.Equal((404, refusal.Reason), (call.Code, call.Reason));
    }
}

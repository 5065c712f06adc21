namespace Sip.B2bua.FunctionalTests;

public sealed class TimeoutTests : InMemoryTests
{
    [Fact]
    public void When_nobody_answers_the_caller_gets_408_and_the_callee_CANCEL()
    {
        (TestPhone alice, TestPhone bob) = Server.AddPair();
        Server.Ring(alice, bob);
        TestMessage invite = bob.Request;
        Server.Advance(89.9);
        alice.ExpectNothing();
        Server.Advance(0.2);
        alice.Expect(408);
        Assert.Contains("cause=408", bob.Expect("CANCEL").Header("Reason"), StringComparison.Ordinal);
        bob.Reply(200);
        bob.Refuses(invite, 487);
        Server.ExpectNothingLeft();
    }

    [Fact]
    public void The_ring_timeout_is_a_setting()
    {
        Start("[b2bua]\nring-timeout=20");
        (TestPhone alice, TestPhone bob) = Server.AddPair();
        Server.Ring(alice, bob);
        TestMessage invite = bob.Request;
        Server.Advance(20.1);
        alice.Expect(408);
        bob.IsCancelled(invite);
        Server.ExpectNothingLeft();
    }

    [Fact]
    public void A_silent_phone_gets_the_INVITE_seven_times_and_the_caller_480()
    {
        (TestPhone alice, TestPhone bob) = Server.AddPair();
        alice.Invite(TestCalls.Bob);
        alice.Expect(100);
        Server.Advance(32.1);
        alice.Expect(480);
        Assert.Equal(7, bob.Received.Count(m => m.IsRequest && m.Method == "INVITE"));
        bob.Skip();
        Server.ExpectNothingLeft();
    }

    [Fact]
    public void A_phone_that_is_silent_within_the_call_ends_it()
    {
        (TestPhone alice, TestPhone bob) = Server.AddPair();
        Server.Call(alice, bob);
        alice.Ask("INFO");
        Server.Advance(32.1);
        alice.Expect(408);
        alice.IsHungUpOn();
        Server.Advance(64);
        bob.Skip();
        Server.ExpectNothingLeft();
    }

    [Fact]
    public void Over_TCP_nothing_is_repeated_but_the_2xx()
    {
        (TestPhone alice, TestPhone bob) = Server.AddPair("TCP", "TCP");
        alice.Invite(TestCalls.Bob);
        bob.Expect("INVITE");
        Server.Advance(10);
        bob.ExpectNothing();
        bob.Accepts(TestSdp.Audio(5000));
        alice.Expect(100);
        alice.Expect(200);
        Server.Advance(0.6);
        alice.Expect(200);
        alice.Ack();
        Server.End(alice, bob);
    }

    [Fact]
    public void A_registration_that_runs_out_makes_the_phone_unreachable()
    {
        (TestPhone alice, TestPhone bob) = Server.AddPair();
        bob.Register(expires: 120);
        Server.Advance(119);
        alice.Invite(TestCalls.Bob);
        bob.Expect("INVITE");
        bob.Refuses(486);
        alice.Expect(100);
        alice.Expect(486);
        Server.Advance(2);
        alice.Invite(TestCalls.Bob);
        alice.Expect(480);
        Server.ExpectNothingLeft();
    }
}

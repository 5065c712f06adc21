namespace Sip.B2bua.FunctionalTests;

public sealed class ForkTests : InMemoryTests
{
    [Fact]
    public void All_devices_ring_and_the_first_answer_wins()
    {
        (TestPhone alice, TestPhone[] bob) = Devices(2);
        alice.Invite(TestCalls.Bob);
        TestMessage one = bob[0].Expect("INVITE");
        TestMessage two = bob[1].Expect("INVITE");
        Assert.NotEqual(one.CallId, two.CallId);
        bob[0].Reply(180);
        bob[1].Reply(180);
        alice.Expect(100);
        alice.Expect(180);
        alice.Expect(180);
        bob[1].Accepts(TestSdp.Audio(5000));
        alice.Expect(200);
        alice.Ack();
        Assert.Equal("SIP;cause=200;text=\"Call completed elsewhere\"", bob[0].Expect("CANCEL").Header("Reason"));
        bob[0].Reply(200);
        bob[0].Refuses(one, 487);
        Server.End(alice, bob[1]);
    }

    [Fact]
    public void Of_two_answers_at_once_the_later_gets_ACK_and_BYE()
    {
        (TestPhone alice, TestPhone[] bob) = Devices(2);
        alice.Invite(TestCalls.Bob);
        TestMessage one = bob[0].Expect("INVITE");
        bob[1].Expect("INVITE");
        bob[1].Reply(200, TestSdp.Audio(5001));
        bob[0].Reply(one, 200, TestSdp.Audio(5000));
        alice.Expect(100);
        Assert.Equal(TestSdp.Audio(5001), alice.Expect(200).Body);
        alice.Ack();
        bob[1].Expect("ACK");
        bob[0].Expect("ACK");
        bob[0].IsHungUpOn();
        alice.ExpectNothing();
        Server.End(alice, bob[1]);
    }

    [Fact]
    public void A_6xx_of_one_device_ends_all()
    {
        (TestPhone alice, TestPhone[] bob) = Devices(2);
        alice.Invite(TestCalls.Bob);
        TestMessage one = bob[0].Expect("INVITE");
        bob[0].Reply(180);
        bob[1].Expect("INVITE");
        bob[1].Refuses(603);
        Assert.Equal("SIP;cause=600;text=\"Busy Everywhere\"", bob[0].Expect("CANCEL").Header("Reason"));
        bob[0].Reply(200);
        bob[0].Refuses(one, 487);
        alice.Expect(100);
        alice.Expect(180);
        alice.Expect(603);
        Server.ExpectNothingLeft();
    }

    [Theory]
    [InlineData(486, 404, 486)]
    [InlineData(500, 486, 486)]
    [InlineData(408, 486, 486)]
    [InlineData(480, 486, 486)]
    [InlineData(486, 415, 415)]
    [InlineData(302, 486, 302)]
    [InlineData(404, 503, 404)]
    [InlineData(503, 500, 500)]
    [InlineData(486, 401, 486)]
    public void The_best_of_the_failures_goes_to_the_caller_when_the_last_has_come(int first, int second, int told)
    {
        (TestPhone alice, TestPhone[] bob) = Devices(2);
        alice.Invite(TestCalls.Bob);
        bob[0].Expect("INVITE");
        bob[0].Reply(first);
        bob[0].Expect("ACK");
        alice.Expect(100);
        alice.ExpectNothing();
        bob[1].Expect("INVITE");
        bob[1].Reply(second);
        bob[1].Expect("ACK");
        alice.Expect(told);
        Server.ExpectNothingLeft();
    }

    [Fact]
    public void A_device_of_lower_preference_rings_when_the_better_has_failed()
    {
        (TestPhone alice, TestPhone[] bob) = Devices(2, ";q=0.8", ";q=0.3");
        alice.Invite(TestCalls.Bob);
        bob[0].Expect("INVITE");
        bob[1].ExpectNothing();
        bob[0].Refuses(486);
        bob[1].Expect("INVITE");
        bob[1].Accepts(TestSdp.Audio(5000));
        alice.TakesAnswer();
        Server.End(bob[1], alice);
    }

    [Fact]
    public void A_device_of_lower_preference_joins_after_a_while()
    {
        (TestPhone alice, TestPhone[] bob) = Devices(2, ";q=0.8", ";q=0.3");
        alice.Invite(TestCalls.Bob);
        TestMessage one = bob[0].Expect("INVITE");
        bob[0].Reply(180);
        Server.Advance(9.9);
        bob[1].ExpectNothing();
        Server.Advance(0.2);
        bob[1].Expect("INVITE");
        bob[1].Accepts(TestSdp.Audio(5000));
        bob[0].Expect("CANCEL");
        bob[0].Reply(200);
        bob[0].Refuses(one, 487);
        alice.Expect(100);
        alice.Expect(180);
        alice.Expect(200);
        alice.Ack();
        Server.End(alice, bob[1]);
    }

    [Fact]
    public void A_CANCEL_of_the_caller_cancels_all_devices()
    {
        (TestPhone alice, TestPhone[] bob) = Devices(3);
        alice.Invite(TestCalls.Bob);
        foreach (TestPhone device in bob)
        {
            device.Expect("INVITE");
            device.Reply(180);
        }

        Server.Settle();
        alice.Cancel();
        foreach (TestPhone device in bob)
        {
            TestMessage invite = device.Request;
            device.IsCancelled(invite);
        }

        alice.Await(487, "INVITE", 0);
        Server.ExpectNothingLeft();
    }

    [Fact]
    public void A_device_that_sends_BYE_instead_of_a_failure_is_out_and_the_others_ring_on()
    {
        (TestPhone alice, TestPhone[] bob) = Devices(2);
        alice.Invite(TestCalls.Bob);
        TestMessage one = bob[0].Expect("INVITE");
        bob[0].Reply(180);
        bob[1].Expect("INVITE");
        bob[0].Bye();
        bob[0].Expect(200, "BYE");
        bob[0].Expect("CANCEL");
        bob[0].Reply(200);
        bob[0].Refuses(one, 487);
        bob[1].Accepts(TestSdp.Audio(5000));
        alice.Await(200, "INVITE", 0);
        alice.Ack();
        Server.End(alice, bob[1]);
    }

    [Fact]
    public void A_silent_device_does_not_keep_the_others_failure_for_ever()
    {
        (TestPhone alice, TestPhone[] bob) = Devices(2);
        alice.Invite(TestCalls.Bob);
        bob[0].Expect("INVITE");
        bob[0].Refuses(486);
        alice.Expect(100);
        Server.Advance(32.1);
        alice.Expect(486);
        bob[1].Skip();
        Server.ExpectNothingLeft();
    }

    [Fact]
    public void A_second_answer_from_behind_one_target_gets_ACK_and_BYE()
    {
        (TestPhone alice, TestPhone bob) = Server.AddPair();
        Server.Call(alice, bob);
        bob.Reply(bob.Dialog.ReceivedInvite!, 200, TestSdp.Audio(6000), toTag: "another");
        TestMessage ack = bob.Expect("ACK");
        TestMessage bye = bob.Expect("BYE");
        Assert.Equal(("another", "another"), (ack.ToTag, bye.ToTag));
        bob.Reply(200);
        Server.End(alice, bob);
    }

    private (TestPhone Alice, TestPhone[] Bob) Devices(int count, params string[] parameters)
    {
        TestPhone[] devices = new TestPhone[count];
        for (int i = 0; i < count; i++)
        {
            devices[i] = Server.AddPhone("bob");
            devices[i].Register(parameters: parameters.ElementAtOrDefault(i) ?? "");
        }

        return (Server.AddPhone("alice"), devices);
    }
}

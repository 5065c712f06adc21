namespace Sip.B2bua.FunctionalTests;

/// <summary>A BYE ends the call whatever else is under way, and who waits for an answer gets one (RFC 3261 15).</summary>
public sealed class EndingTests : InMemoryTests
{
    private const string Reliable = "Require: 100rel\nRSeq: 7\nAllow: INVITE, ACK, BYE, CANCEL, PRACK, UPDATE";

    // What is asked, and as what it comes to a phone that takes UPDATE, or takes none.
    public static TheoryData<string, string, bool, bool> Overtaken
    {
        get
        {
            TheoryData<string, string, bool, bool> rows = [];
            foreach ((string method, string arrives) in new[] { ("UPDATE", "UPDATE"), ("UPDATE", "INVITE"), ("INFO", "INFO"), ("MESSAGE", "MESSAGE"), ("INVITE", "INVITE") })
            {
                foreach (bool callerAsks in new[] { true, false })
                {
                    rows.Add(method, arrives, callerAsks, true);
                    rows.Add(method, arrives, callerAsks, false);
                }
            }

            return rows;
        }
    }

    [Theory]
    [MemberData(nameof(Overtaken))]
    public void RFC_3261_15_1_2_a_request_that_the_BYE_overtakes_gets_487(string method, string arrives, bool callerAsks, bool askerHangsUp)
    {
        (TestPhone alice, TestPhone bob) = Connected(takesUpdate: arrives == "UPDATE");
        (TestPhone asker, TestPhone asked) = callerAsks ? (alice, bob) : (bob, alice);
        Ask(asker, method);
        TestMessage pending = asked.Expect(arrives);
        asker.Skip(); // 100
        if (askerHangsUp)
        {
            asker.Bye();
            asker.Pick(message => message.Code == 200 && message.Method == "BYE", "200 to its BYE", 0);
            Assert.Equal(487, asker.Pick(message => message.Code > 0 && message.Method == method, "its answer", 0).Code);
            asked.Pick(message => message.Method == "BYE", "BYE", 0);
        }
        else
        {
            asked.Bye();
            asked.Pick(message => message.Code == 200 && message.Method == "BYE", "200 to its BYE", 0);
            asker.Expect(487, method);
            asker.Expect("BYE");
        }

        (askerHangsUp ? asked : asker).Reply(200);
        asked.Skip(); // the CANCEL of an INVITE
        asked.Reply(pending, arrives == "INVITE" ? 487 : 200);
        Server.Settle();
        asked.Skip();
        Server.ExpectNothingLeft();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_PRACK_with_an_offer_that_the_end_of_the_call_overtakes_gets_487(bool cancels)
    {
        (TestPhone alice, TestPhone bob) = Server.AddPair();
        alice.Invite(TestCalls.Bob, headers: "Supported: 100rel");
        TestMessage invite = bob.Expect("INVITE");
        bob.Reply(183, TestSdp.Audio(5000), Reliable);
        alice.Expect(100);
        TestMessage news = alice.Expect(183);
        alice.Prack(news, TestSdp.Audio(version: 2));
        TestMessage prack = bob.Expect("PRACK");
        if (cancels)
        {
            alice.Cancel();
        }
        else
        {
            alice.Dialog.RemoteTag = news.ToTag;
            alice.Bye(); // 15: a caller may end an early dialog so
        }

        alice.Expect(200, cancels ? "CANCEL" : "BYE");
        alice.Pick(message => message is { Code: 487, Method: "INVITE" }, "487 to the INVITE", 0);
        alice.Pick(message => message is { Code: 487, Method: "PRACK" }, "487 to the PRACK", 0);
        bob.IsCancelled(invite);
        bob.Reply(prack, 200, TestSdp.Audio(5000, version: 2));
        Server.ExpectNothingLeft();
    }

    [Fact]
    public void A_caller_may_hang_up_before_its_ACK()
    {
        (TestPhone alice, TestPhone bob) = Answered();
        alice.Bye();
        bob.IsHungUpOn();
        alice.Expect(200, "BYE");
        Server.Advance(3);
        alice.ExpectNothing(); // the answer is not repeated any more
        alice.Ack();
        Server.ExpectNothingLeft();
    }

    [Fact]
    public void RFC_3261_15_a_caller_that_was_hung_up_on_gets_the_BYE_after_its_ACK()
    {
        (TestPhone alice, TestPhone bob) = Answered();
        bob.Leaves();
        alice.ExpectNothing();
        Server.Advance(0.6);
        alice.Expect(200, "INVITE");
        alice.Ack();
        alice.IsHungUpOn();
        Server.ExpectNothingLeft();
    }

    [Fact]
    public void RFC_3261_13_3_1_4_a_caller_that_was_hung_up_on_and_never_sends_its_ACK_gets_the_BYE_when_the_time_is_over()
    {
        (TestPhone alice, TestPhone bob) = Answered();
        bob.Leaves();
        Server.Advance(31.9);
        Assert.DoesNotContain(alice.Received, message => message.Method == "BYE");
        Server.Advance(0.2);
        alice.Await("BYE", 0);
        alice.Reply(200);
        Server.ExpectNothingLeft();
    }

    [Fact]
    public void Both_may_hang_up_before_the_ACK()
    {
        (TestPhone alice, TestPhone bob) = Answered();
        bob.Leaves();
        alice.Leaves();
        Server.ExpectNothingLeft();
    }

    [Fact]
    public void A_callee_whose_late_offer_is_not_answered_yet_may_hang_up()
    {
        (TestPhone alice, TestPhone bob) = Server.AddPair();
        alice.Invite(TestCalls.Bob, sdp: "");
        bob.Expect("INVITE");
        bob.Reply(200, TestSdp.Audio(5000));
        alice.Expect(100);
        alice.Expect(200);
        bob.Bye();
        bob.Pick(message => message is { Code: 200, Method: "BYE" }, "200 to its BYE", 0);
        alice.ExpectNothing();
        alice.Ack(TestSdp.Audio());
        alice.IsHungUpOn();
        bob.Skip(); // an ACK for its answer
        Server.ExpectNothingLeft();
    }

    private static void Ask(TestPhone phone, string method)
    {
        if (method == "INVITE")
        {
            phone.Reinvite(TestSdp.Audio(version: 2));
        }
        else
        {
            phone.Ask(method, method == "UPDATE" ? TestSdp.Audio(version: 2) : "");
        }
    }

    private (TestPhone Alice, TestPhone Bob) Connected(bool takesUpdate = true)
    {
        (TestPhone alice, TestPhone bob) = Server.AddPair();
        alice.Allow = bob.Allow = takesUpdate ? TestCalls.WithUpdate : "";
        Server.Call(alice, bob);
        return (alice, bob);
    }

    // Bob has answered, and Alice has not acknowledged it.
    private (TestPhone Alice, TestPhone Bob) Answered()
    {
        (TestPhone alice, TestPhone bob) = Server.AddAnswered();
        alice.Expect(100);
        alice.Expect(200);
        return (alice, bob);
    }
}

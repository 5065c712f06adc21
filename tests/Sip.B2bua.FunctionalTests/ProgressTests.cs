namespace Sip.B2bua.FunctionalTests;

/// <summary>What a caller sees before the answer.</summary>
public sealed class ProgressTests : InMemoryTests
{
    [Theory]
    [InlineData(181)]
    [InlineData(182)]
    [InlineData(199)]
    public void Every_news_of_the_callee_crosses(int code)
    {
        (TestPhone alice, TestPhone bob) = Server.AddPair();
        Server.Ring(alice, bob);
        bob.Reply(code);
        alice.Expect(code);
        Answer(alice, bob);
    }

    [Fact]
    public void Early_media_after_ringing_crosses_in_the_same_dialog()
    {
        (TestPhone alice, TestPhone bob) = Server.AddPair();
        Server.Ring(alice, bob);
        bob.Reply(183, TestSdp.Audio(5000));
        TestMessage early = alice.Expect(183);
        Assert.Equal(TestSdp.Audio(5000), early.Body);
        Assert.Equal(early.ToTag, Answer(alice, bob).ToTag);
    }

    [Fact]
    public void RFC3261_13_2_1_another_answer_than_the_early_one_comes_in_a_dialog_of_its_own()
    {
        TestPhone alice = Server.AddPhone("alice");
        (TestPhone one, TestPhone two) = (Server.AddPhone("bob", registered: true), Server.AddPhone("bob", registered: true));
        alice.Invite(TestCalls.Bob);
        one.Expect("INVITE");
        one.Reply(183, TestSdp.Audio(4000));
        TestMessage early = alice.Await(183);
        two.Expect("INVITE");
        TestMessage answer = Answer(alice, two, hangUp: false);
        Assert.Equal(TestSdp.Audio(5000), answer.Body);
        Assert.NotEqual(early.ToTag, answer.ToTag);
        one.Expect("CANCEL");
        one.Reply(200);
        one.Reply(one.Dialog.ReceivedInvite!, 487);
        one.Expect("ACK");
        Server.End(two, alice);
    }

    [Fact]
    public void A_callee_that_answers_otherwise_than_it_said_early_is_understood()
    {
        (TestPhone alice, TestPhone bob) = Server.AddPair();
        alice.Invite(TestCalls.Bob);
        bob.Expect("INVITE");
        bob.Reply(183, TestSdp.Audio(4000));
        TestMessage early = alice.Await(183);
        Assert.NotEqual(early.ToTag, Answer(alice, bob).ToTag);
    }

    [Fact]
    public void The_same_session_with_another_version_of_its_origin_is_the_same_answer()
    {
        (TestPhone alice, TestPhone bob) = Server.AddPair();
        alice.Invite(TestCalls.Bob);
        bob.Expect("INVITE");
        bob.Reply(183, TestSdp.Audio(5000, version: 7));
        TestMessage early = alice.Await(183);
        Assert.Equal(early.ToTag, Answer(alice, bob).ToTag);
    }

    [Fact]
    public void RFC3326_the_callers_reason_to_cancel_crosses()
    {
        (TestPhone alice, TestPhone bob) = Server.AddPair();
        Server.Ring(alice, bob);
        alice.Cancel("Reason: SIP;cause=200;text=\"Call completed elsewhere\"");
        Assert.Equal("SIP;cause=200;text=\"Call completed elsewhere\"", bob.Expect("CANCEL").Header("Reason"));
        bob.Reply(200);
        bob.Reply(bob.Dialog.ReceivedInvite!, 487);
        bob.Expect("ACK");
        alice.Await(487, "INVITE", 0);
        Server.ExpectNothingLeft();
    }

    private TestMessage Answer(TestPhone alice, TestPhone bob, bool hangUp = true)
    {
        bob.Reply(bob.Dialog.ReceivedInvite!, 200, TestSdp.Audio(5000));
        bob.Expect("ACK");
        TestMessage answer = alice.Await(200, "INVITE", 0);
        alice.Ack();
        if (hangUp)
        {
            Server.End(alice, bob);
        }

        return answer;
    }
}

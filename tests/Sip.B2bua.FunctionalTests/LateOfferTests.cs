namespace Sip.B2bua.FunctionalTests;

/// <summary>
/// Where the offer is: in the INVITE or later; and whether the news of each side are reliable (RFC 3262 5, RFC 6337 2.2). Each side is
/// told what it can be told.
/// </summary>
public sealed class LateOfferTests : InMemoryTests
{
    private const string Requires = "Require: 100rel";
    private const string Supports = "Supported: 100rel";
    private const string Reliable = "Require: 100rel\nRSeq: 7";
    private static readonly string Callee = TestSdp.Audio(5000);

    [Theory]
    [InlineData("", false)]
    [InlineData("", true)]
    [InlineData(Supports, false)]
    [InlineData(Supports, true)]
    [InlineData(Requires, false)]
    [InlineData(Requires, true)]
    public void Early_offer_with_every_combination_of_100rel(string caller, bool calleeIsReliable)
    {
        (TestPhone alice, TestPhone bob) = Server.AddPair();
        alice.Invite(TestCalls.Bob, headers: caller);
        TestMessage invite = bob.Expect("INVITE");
        Assert.Contains("100rel", invite.Header("Supported"), StringComparison.Ordinal);
        bob.Reply(183, Callee, calleeIsReliable ? Reliable : "");
        alice.Expect(100);
        TestMessage news = alice.Expect(183);
        Assert.Equal(Callee, news.Body);
        bool isReliable = caller == Requires || (caller == Supports && calleeIsReliable);
        Assert.Equal(isReliable, news.Has("RSeq"));
        if (isReliable)
        {
            bob.ExpectNothing(); // our PRACK waits for the caller's
            alice.Prack(news);
            alice.Expect(200, "PRACK");
        }

        if (calleeIsReliable)
        {
            Assert.Equal("7 1 INVITE", bob.Expect("PRACK").Header("RAck"));
            bob.Reply(200);
        }

        bob.Reply(invite, 200, calleeIsReliable ? "" : Callee);
        bob.Expect("ACK");
        Assert.Equal(isReliable && calleeIsReliable ? "" : Callee, alice.Expect(200).Body);
        alice.Ack();
        Server.End(alice, bob);
    }

    [Theory]
    [InlineData(Supports)]
    [InlineData(Requires)]
    public void RFC_3262_5_a_late_offer_goes_in_reliable_news_and_its_answer_in_the_PRACK(string caller)
    {
        (TestPhone alice, TestPhone bob) = Server.AddPair();
        alice.Invite(TestCalls.Bob, sdp: "", headers: caller);
        TestMessage invite = bob.Expect("INVITE");
        Assert.Contains("100rel", invite.Header("Supported"), StringComparison.Ordinal);
        bob.Reply(183, Callee, Reliable);
        alice.Expect(100);
        TestMessage news = alice.Expect(183);
        Assert.Equal(("100rel", Callee), (news.Header("Require"), news.Body));
        bob.ExpectNothing();
        alice.Prack(news, TestSdp.Audio());
        alice.Expect(200, "PRACK");
        Assert.Equal(TestSdp.Audio(), bob.Expect("PRACK").Body);
        bob.Reply(200);
        bob.Reply(invite, 200, Callee); // a copy of the offer: RFC 3261 13.2.1
        Assert.Equal("", bob.Expect("ACK").Body);
        Assert.Equal("", alice.Expect(200, "INVITE").Body);
        alice.Ack();
        bob.ExpectNothing();
        Server.End(alice, bob);
    }

    [Theory]
    [InlineData("", false)]
    [InlineData(Supports, false)]
    [InlineData(Requires, false)]
    [InlineData("", true)]
    public void A_late_offer_that_nobody_sends_reliably_comes_in_the_200(string caller, bool calleeIsReliable)
    {
        (TestPhone alice, TestPhone bob) = Server.AddPair();
        alice.Invite(TestCalls.Bob, sdp: "", headers: caller);
        TestMessage invite = bob.Expect("INVITE");
        Assert.Equal(caller.Length > 0, invite.Header("Supported").Contains("100rel", StringComparison.Ordinal));
        bob.Reply(180, headers: calleeIsReliable ? Reliable : "");
        if (calleeIsReliable)
        {
            bob.Expect("PRACK");
            bob.Reply(200);
        }

        alice.Expect(100);
        if (caller != Requires)
        {
            Assert.False(alice.Expect(180).Has("RSeq"));
        }

        alice.ExpectNothing(); // an unreliable 180 is not wanted, and a reliable one would have to carry the offer
        bob.Reply(invite, 200, Callee);
        bob.ExpectNothing();
        Assert.Equal(Callee, alice.Expect(200).Body);
        alice.Ack(TestSdp.Audio());
        Assert.Equal(TestSdp.Audio(), bob.Expect("ACK").Body);
        Server.End(alice, bob);
    }

    [Fact]
    public void A_late_offer_to_several_targets_stays_out_of_the_news()
    {
        (TestPhone alice, TestPhone bob) = Server.AddPair();
        TestPhone second = Server.AddPhone("bob", registered: true);
        alice.Invite(TestCalls.Bob, sdp: "", headers: Supports);
        foreach (TestPhone phone in new[] { bob, second })
        {
            Assert.DoesNotContain("100rel", phone.Expect("INVITE").Header("Supported"), StringComparison.Ordinal);
            phone.Refuses(486);
        }

        alice.Skip();
        Server.ExpectNothingLeft();
    }

    [Fact]
    public void RFC_6337_3_1_1_what_an_unreliable_183_said_may_change_until_the_200()
    {
        (TestPhone alice, TestPhone bob) = Server.AddPair();
        alice.Invite(TestCalls.Bob);
        TestMessage invite = bob.Expect("INVITE");
        bob.Reply(183, TestSdp.Audio(5000));
        bob.Accepts(invite, TestSdp.Audio(5002));
        alice.Expect(100);
        Assert.Equal(TestSdp.Audio(5000), alice.Expect(183).Body);
        Assert.Equal(TestSdp.Audio(5002), alice.Expect(200).Body);
        alice.Ack();
        Server.End(alice, bob);
    }
}

namespace Sip.B2bua.FunctionalTests;

/// <summary>To whom an UPDATE comes as an UPDATE (RFC 3311 4), and how long it may take where it comes as a re-INVITE (RFC 3311 5.2).</summary>
public sealed class UpdateTests : InMemoryTests
{
    private const string With = "Allow: " + TestCalls.WithUpdate;
    private const string Without = "Allow: INVITE, ACK, BYE, CANCEL";
    private const string Answer = "v=0\r\no=- 1 2 IN IP4 203.0.113.2\r\ns=-\r\nc=IN IP4 203.0.113.2\r\nt=0 0\r\nm=audio 5000 RTP/AVP 0\r\n";

    [Theory]
    [InlineData("other", "", "INVITE")]
    [InlineData("other", Without, "INVITE")]
    [InlineData("other", With, "UPDATE")]
    [InlineData(null, "", "UPDATE")]
    [InlineData(null, Without, "INVITE")]
    public void RFC_3261_20_5_The_last_Allow_of_the_dialog_counts(string? tag, string allow, string arrives)
    {
        (TestPhone alice, TestPhone bob) = Server.AddPair();
        alice.Invite(TestCalls.Bob);
        bob.Expect("INVITE");
        bob.Reply(180, headers: With);
        alice.Expect(100);
        alice.Expect(180);
        bob.Dialog.LocalTag = tag ?? bob.Dialog.LocalTag; // another phone behind the same target
        bob.Reply(200, TestSdp.Audio(5000), allow);
        bob.Expect("ACK");
        alice.Expect(200);
        alice.Ack();
        Update(alice, bob, arrives);
        Server.End(alice, bob);
    }

    [Fact]
    public void RFC_3261_20_5_Who_lists_UPDATE_no_more_is_sent_none()
    {
        (TestPhone alice, TestPhone bob) = Server.AddPair().TakingUpdate();
        Server.Call(alice, bob);
        bob.Allow = "INVITE, ACK, BYE, CANCEL";
        Server.Change(bob, alice, TestSdp.Audio(5000, version: 2), TestSdp.Audio(version: 2));
        Update(alice, bob, "INVITE", version: 3);
        Server.End(alice, bob);
    }

    [Theory]
    [InlineData(405)]
    [InlineData(501)]
    public void RFC_3261_21_4_6_Who_does_not_know_UPDATE_after_all_is_sent_no_other(int code)
    {
        (TestPhone alice, TestPhone bob) = Server.AddPair().TakingUpdate();
        Server.Call(alice, bob);
        alice.Ask("UPDATE", TestSdp.Audio(version: 2));
        bob.Expect("UPDATE");
        bob.Reply(code);
        alice.Expect(code, "UPDATE");
        bob.Allow = "";
        Update(alice, bob, "INVITE", version: 3);
        Server.End(alice, bob);
    }

    [Theory]
    [InlineData(TestCalls.WithUpdate, "UPDATE")]
    [InlineData("", "INVITE")]
    public void What_a_party_takes_is_known_to_the_next_call_as_well(string allow, string arrives)
    {
        (TestPhone alice, TestPhone bob) = Server.AddPair();
        TestPhone carol = Server.AddPhone("carol", registered: true);
        Server.Call(alice, bob);
        TestDialog first = bob.Dialog;
        carol.Allow = allow;
        Server.Call(carol, bob);
        carol.Allow = "";
        TestDialog second = bob.Dialog;
        bob.Dialog = first;
        bob.Refers($"<sip:carol@example.org?Replaces={Uri.EscapeDataString(second.Replaces())}>");
        bob.IsReplacedBy(carol, alice, first);
        Update(alice, carol, arrives, version: 7);
        Server.End(carol, alice);
    }

    [Fact]
    public void RFC_3311_5_2_What_nobody_agrees_to_within_10_seconds_gets_504()
    {
        (TestPhone alice, TestPhone bob) = Asked(out TestMessage invite);
        Server.Advance(9.9);
        bob.ExpectNothing();
        Server.Advance(0.2);
        bob.IsCancelled(invite);
        alice.Expect(504, "UPDATE");
        Update(alice, bob, "INVITE", version: 3);
        Server.Advance(30);
        Server.End(alice, bob);
    }

    [Fact]
    public void What_somebody_agrees_to_while_the_reINVITE_is_cancelled_is_the_answer()
    {
        (TestPhone alice, TestPhone bob) = Asked(out TestMessage invite);
        Server.Advance(10);
        bob.Expect("CANCEL");
        bob.Reply(200);
        bob.Accepts(invite, Answer);
        Assert.Equal(Answer, alice.Expect(200, "UPDATE").Body);
        Server.End(alice, bob);
    }

    [Fact]
    public void A_phone_that_answers_not_even_the_CANCEL_does_not_keep_an_UPDATE_waiting()
    {
        (TestPhone alice, TestPhone bob) = Asked(out TestMessage invite);
        Server.Advance(20);
        bob.Expect("CANCEL");
        bob.Skip();
        alice.Expect(504, "UPDATE");
        bob.Refuses(invite, 487);
        alice.ExpectNothing();
        Server.HangUp(alice, bob);
    }

    // Alice's UPDATE has come to Bob as a re-INVITE, and the phone asks him.
    private (TestPhone Alice, TestPhone Bob) Asked(out TestMessage invite)
    {
        (TestPhone alice, TestPhone bob) = Server.AddPair();
        Server.Call(alice, bob);
        alice.Ask("UPDATE", TestSdp.Audio(version: 2));
        invite = bob.Expect("INVITE");
        bob.Reply(180);
        return (alice, bob);
    }

    private static void Update(TestPhone from, TestPhone to, string arrives, int version = 2)
    {
        from.Ask("UPDATE", TestSdp.Audio(from.MediaPort(), version: version));
        to.Expect(arrives);
        to.Reply(200, TestSdp.Audio(to.MediaPort(), version: version));
        if (arrives == "INVITE")
        {
            to.Expect("ACK");
        }

        from.Expect(200, "UPDATE");
    }
}

namespace Sip.B2bua.FunctionalTests;

/// <summary>RFC 3264 8: whoever speaks to a phone in the course of a call, in each of its dialogs it hears of one session.</summary>
public sealed class OriginTests : InMemoryTests
{
    private readonly SaidSessions said = new();
    private readonly List<TestPhone> phones = [];

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Across_a_blind_transfer(bool relayed)
    {
        (TestPhone alice, TestPhone bob, TestPhone carol) = Connected(relayed);
        HoldAndResume(alice, bob);
        Change(alice, bob, "sendonly", "recvonly");
        alice.Refers($"<{carol.AddressOfRecord}>");
        Join(carol, bob);
        alice.HearsOf("SIP/2.0 200 OK");
        alice.Leaves();
        HoldAndResume(carol, bob);
        HoldAndResume(bob, carol);
        End(bob, carol);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Across_a_transfer_that_fails(bool relayed)
    {
        (TestPhone alice, TestPhone bob, TestPhone carol) = Connected(relayed);
        alice.Refers($"<{carol.AddressOfRecord}>");
        carol.Expect("INVITE");
        carol.Accepts(said.Audio(carol));
        bob.Expect("INVITE");
        bob.Refuses(488);
        carol.IsHungUpOn();
        alice.HearsOf("SIP/2.0 488 Not Acceptable Here");
        HoldAndResume(alice, bob);
        HoldAndResume(bob, alice);
        End(alice, bob);
    }

    [Theory]
    [InlineData(true, 1)]
    [InlineData(false, 1)]
    [InlineData(true, 2)]
    [InlineData(false, 2)]
    public void Across_a_transfer_with_consultation(bool relayed, int loops)
    {
        (TestPhone alice, TestPhone bob, TestPhone carol) = Connected(relayed, $"[global]\nevent-loops={loops}");
        TestDialog first = alice.Dialog;
        Change(alice, bob, "sendonly", "recvonly");
        Call(alice, carol);
        TestDialog second = alice.Dialog;
        HoldAndResume(carol, alice);
        alice.Dialog = first;
        alice.Refers($"<{carol.AddressOfRecord}?Replaces={Uri.EscapeDataString(second.Replaces())}>");
        alice.IsHungUpOn();
        Join(carol, bob);
        alice.HearsOf("SIP/2.0 200 OK");
        alice.Dialog = first;
        alice.Leaves();
        HoldAndResume(carol, bob);
        HoldAndResume(bob, carol);
        End(carol, bob);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Across_an_INVITE_that_replaces(bool relayed)
    {
        (TestPhone alice, TestPhone bob, TestPhone carol) = Connected(relayed);
        carol.Invite("sip:bob@example.org", said.Audio(carol), "Replaces: " + alice.Dialog.Replaces());
        bob.Expect("INVITE");
        bob.Accepts(said.Audio(bob));
        carol.TakesAnswer();
        alice.IsHungUpOn();
        HoldAndResume(carol, bob);
        HoldAndResume(bob, carol);
        End(bob, carol);
    }

    [Theory]
    [InlineData(true, true)]
    [InlineData(true, false)]
    [InlineData(false, true)]
    [InlineData(false, false)]
    public void Across_targets_that_each_have_a_session_while_they_ring(bool relayed, bool firstAnswers)
    {
        (TestPhone alice, TestPhone bob, _) = Phones(relayed);
        TestPhone second = Server.AddPhone("bob", registered: true);
        alice.Invite(bob.AddressOfRecord, said.Audio(alice));
        TestMessage invite = bob.Expect("INVITE");
        TestMessage other = second.Expect("INVITE");
        (string early, string otherEarly) = (said.Audio(bob), said.Next(second, "m=audio 5500 RTP/AVP 8"));
        bob.Reply(invite, 183, early);
        second.Reply(other, 183, otherEarly);
        alice.Expect(100);
        alice.Expect(183);
        alice.Expect(183);
        (TestPhone winner, TestPhone loser) = firstAnswers ? (bob, second) : (second, bob);
        winner.Reply(firstAnswers ? invite : other, 200, firstAnswers ? early : otherEarly);
        winner.Expect("ACK");
        loser.IsCancelled(firstAnswers ? other : invite);
        alice.Expect(200);
        alice.Ack();
        HoldAndResume(alice, winner);
        HoldAndResume(winner, alice);
        End(alice, winner);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Across_late_offers(bool relayed)
    {
        (TestPhone alice, TestPhone bob, _) = Phones(relayed);
        alice.Invite(bob.AddressOfRecord, "");
        bob.Expect("INVITE");
        bob.Reply(200, said.Audio(bob));
        alice.Expect(100);
        alice.Expect(200);
        alice.Ack(said.Audio(alice));
        bob.Expect("ACK");
        foreach ((TestPhone from, TestPhone to) in new[] { (alice, bob), (bob, alice) })
        {
            from.Reinvite("");
            to.Expect("INVITE");
            to.Reply(200, said.Audio(to));
            from.Expect(100);
            from.Expect(200);
            from.Ack(said.Audio(from));
            to.Expect("ACK");
            HoldAndResume(from, to);
        }

        End(alice, bob);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Across_an_offer_that_is_refused_before_it_crosses(bool relayed)
    {
        (TestPhone alice, TestPhone bob, _) = Connected(relayed);
        bob.Reinvite(said.Audio(bob, "sendonly"));
        TestMessage offer = alice.Expect("INVITE");
        alice.Reinvite(said.Audio(alice, "inactive"));
        alice.Expect(491);
        alice.Accepts(offer, said.Audio(alice, "recvonly"));
        bob.TakesAnswer();
        HoldAndResume(alice, bob);
        End(alice, bob);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Across_an_offer_that_meets_another_change_of_the_same_party(bool relayed)
    {
        (TestPhone alice, TestPhone bob, _) = Connected(relayed);
        alice.Reinvite(said.Audio(alice, "sendonly"));
        TestMessage offer = bob.Expect("INVITE");
        alice.Ask("UPDATE", said.Audio(alice, "inactive"));
        alice.Expect(100);
        Assert.True(alice.Expect(500, "UPDATE").Has("Retry-After"));
        bob.Accepts(offer, said.Audio(bob, "recvonly"));
        alice.Expect(200);
        alice.Ack();
        HoldAndResume(alice, bob);
        HoldAndResume(bob, alice);
        End(alice, bob);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Across_an_offer_that_the_other_phone_refuses(bool relayed)
    {
        (TestPhone alice, TestPhone bob, _) = Connected(relayed);
        alice.Reinvite(said.Audio(alice, "sendonly"));
        bob.Expect("INVITE");
        bob.Refuses(488);
        alice.Expect(100);
        alice.Expect(488);
        HoldAndResume(alice, bob);
        HoldAndResume(bob, alice);
        End(alice, bob);
    }

    [Fact]
    public void Across_a_refresh_after_an_offer_that_was_refused()
    {
        (TestPhone alice, TestPhone bob, _) = Connected(relayed: false, "[b2bua]\nsession-expires=90");
        alice.Reinvite(said.Audio(alice, "sendonly"));
        bob.Expect("INVITE");
        bob.Refuses(488);
        alice.Expect(100);
        alice.Expect(488);
        foreach (TestPhone phone in new[] { alice, bob })
        {
            phone.Await("INVITE", 45);
            phone.Accepts(phone.MediaPort() == 4000 ? TestSdp.Of(3, "m=audio 4000 RTP/AVP 0 101", "a=sendrecv") : said.Audio(bob));
        }

        bob.ExpectNothing();
        alice.Reinvite(TestSdp.Of(4, "m=audio 4000 RTP/AVP 0 101", "a=inactive"));
        Assert.Contains("o=- 7 3 ", bob.Expect("INVITE").Body, StringComparison.Ordinal);
        bob.Accepts(said.Audio(bob, "inactive"));
        alice.Skip();
        alice.Ack();
        Server.End(alice, bob);
    }

    // The new party takes the call, and the one who stays its session.
    private void Join(TestPhone joined, TestPhone staying)
    {
        joined.Expect("INVITE");
        joined.Accepts(said.Audio(joined));
        staying.Expect("INVITE");
        staying.Accepts(said.Audio(staying));
    }

    private void HoldAndResume(TestPhone from, TestPhone to)
    {
        Change(from, to, "sendonly", "recvonly");
        Change(from, to, "inactive", "inactive");
        Change(from, to, "sendrecv", "sendrecv");
    }

    private void Change(TestPhone from, TestPhone to, string offer, string answer) =>
        Server.Change(from, to, said.Audio(from, offer), said.Audio(to, answer));

    private void Call(TestPhone from, TestPhone to)
    {
        from.Invite(to.AddressOfRecord, said.Audio(from));
        to.Expect("INVITE");
        to.Accepts(said.Audio(to));
        from.TakesAnswer();
    }

    private (TestPhone Alice, TestPhone Bob, TestPhone Carol) Connected(bool relayed, string configuration = "")
    {
        (TestPhone alice, TestPhone bob, TestPhone carol) = Phones(relayed, configuration);
        Call(alice, bob);
        return (alice, bob, carol);
    }

    private (TestPhone Alice, TestPhone Bob, TestPhone Carol) Phones(bool relayed, string configuration = "")
    {
        if (relayed)
        {
            StartRelay("127.39.1.3", configuration);
        }
        else
        {
            Start(configuration);
        }

        foreach (string user in new[] { "alice", "bob", "carol" })
        {
            phones.Add(Server.AddPhone(user, registered: true));
        }

        return (phones[0], phones[1], phones[2]);
    }

    private void End(TestPhone first, TestPhone second)
    {
        phones.ForEach(phone => phone.HasOneSessionInEachDialog());
        Server.End(first, second);
    }
}

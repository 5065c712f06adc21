namespace Sip.B2bua.FunctionalTests;

/// <summary>Changes that cross each other (RFC 3261 14.1, RFC 3311 5.2), and how long each side waits before it tries again.</summary>
public sealed class GlareTests : InMemoryTests
{
    // RFC 3261 14.1: who has made the Call-ID waits 2.1 to 4 seconds, the other one up to 2. To the called phone that is the server.
    [Fact]
    public void RFC_3261_14_1_after_491_both_phones_try_again_and_do_not_meet_twice()
    {
        (TestPhone alice, TestPhone bob) = Connected();
        alice.Reinvite(TestSdp.Audio(version: 2));
        TestMessage crossing = bob.Expect("INVITE");
        bob.Reinvite(TestSdp.Audio(5000, version: 2));
        bob.Expect(491);
        bob.Refuses(crossing, 491);
        alice.Expect(100);
        alice.Expect(491);
        Server.Advance(1.99);
        Change(bob, alice, TestSdp.Audio(5000, version: 3), TestSdp.Audio(version: 3));
        Server.Advance(0.11);
        Change(alice, bob, TestSdp.Audio(version: 4), TestSdp.Audio(5000, version: 4));
        Server.End(alice, bob);
    }

    [Theory]
    [InlineData("INVITE", "INVITE", "UPDATE")]
    [InlineData("UPDATE", "UPDATE", "INVITE")]
    [InlineData("UPDATE", "UPDATE", "UPDATE")]
    [InlineData("UPDATE", "INVITE", "INVITE")]
    [InlineData("UPDATE", "INVITE", "UPDATE")]
    public void RFC_3311_5_2_offers_that_cross_both_get_491_whatever_carries_them(string first, string arrives, string second)
    {
        (TestPhone alice, TestPhone bob) = Server.AddPair();
        bob.Allow = arrives == "UPDATE" ? TestCalls.WithUpdate : "";
        Server.Call(alice, bob);
        Offer(alice, first, TestSdp.Audio(version: 2));
        TestMessage crossing = bob.Expect(arrives);
        Offer(bob, second, TestSdp.Audio(5000, version: 2));
        bob.Expect(491, second);
        bob.Reply(crossing, 491);
        if (arrives == "INVITE")
        {
            bob.Expect("ACK");
        }

        if (first == "INVITE")
        {
            alice.Expect(100);
        }

        alice.Expect(491, first);
        Change(bob, alice, TestSdp.Audio(5000, version: 3), TestSdp.Audio(version: 3));
        Change(alice, bob, TestSdp.Audio(version: 4), TestSdp.Audio(5000, version: 4));
        Server.End(alice, bob);
    }

    [Fact]
    public void A_party_that_has_accepted_one_change_may_make_the_next_at_once()
    {
        (TestPhone alice, TestPhone bob) = Connected();
        alice.Reinvite(TestSdp.Audio(version: 2));
        bob.Expect("INVITE");
        bob.Accepts(TestSdp.Audio(5000, version: 2));
        bob.Reinvite(TestSdp.Audio(5000, version: 3)); // the ACK of the other side is still to come
        bob.Expect(100);
        alice.TakesAnswer();
        alice.Expect("INVITE");
        alice.Accepts(TestSdp.Audio(version: 3));
        bob.Expect(200);
        bob.Ack();
        Server.End(alice, bob);
    }

    // To the caller the server is the one who did not make the Call-ID, to the called party the one who did.
    [Theory]
    [InlineData(true, 0, 2)]
    [InlineData(false, 2.1, 4)]
    public void RFC_3261_14_1_a_change_of_our_own_that_gets_491_is_made_again_after_the_right_time(bool callerStays, double least, double most)
    {
        (TestPhone alice, TestPhone bob) = Connected();
        TestPhone carol = Server.AddPhone("carol", registered: true);
        (TestPhone staying, TestPhone transferor) = callerStays ? (alice, bob) : (bob, alice);
        transferor.Refers($"<{carol.AddressOfRecord}>");
        carol.Expect("INVITE");
        carol.Accepts();
        TimeSpan refused = staying.Expect("INVITE").At;
        staying.Refuses(491);
        TestMessage again = staying.Await("INVITE", 5);
        Assert.InRange((again.At - refused).TotalSeconds, least, most + 0.01);
        staying.Accepts();
        transferor.Await("NOTIFY", 0);
        transferor.Reply(200);
        transferor.Leaves();
        Server.End(staying, carol);
    }

    [Theory]
    [InlineData(true, 0, 2)]
    [InlineData(false, 2.1, 4)]
    public void RFC_3261_14_1_a_refresh_of_the_session_that_gets_491_is_made_again_after_the_right_time(bool caller, double least, double most)
    {
        Start("[b2bua]\nsession-expires=90");
        (TestPhone alice, TestPhone bob) = Connected();
        (TestPhone refreshed, TestPhone other) = caller ? (alice, bob) : (bob, alice);
        other.OnMessage = message => Answers(other, message);
        TimeSpan refused = refreshed.Await("INVITE", 60).At;
        refreshed.Refuses(491);
        TestMessage again = refreshed.Await("INVITE", 5);
        Assert.InRange((again.At - refused).TotalSeconds, least, most + 0.01);
        refreshed.Accepts();
        other.OnMessage = null;
        Server.End(alice, bob);
    }

    [Theory]
    [InlineData(true, 200)]
    [InlineData(true, 491)]
    [InlineData(false, 200)]
    [InlineData(false, 491)]
    public void A_change_that_meets_a_refresh_of_the_other_phone_waits_until_that_is_done(bool callerChanges, int code)
    {
        Start("[b2bua]\nsession-expires=90");
        (TestPhone alice, TestPhone bob) = Connected();
        (TestPhone from, TestPhone to) = callerChanges ? (alice, bob) : (bob, alice);
        from.OnMessage = message => Answers(from, message);
        TestMessage refresh = to.Await("INVITE", 60);
        from.OnMessage = null;
        string offer = TestSdp.Audio(from.MediaPort(), "sendonly", 2);
        from.Reinvite(offer);
        from.Expect(100);
        to.ExpectNothing();
        to.Reply(refresh, code, code == 200 ? TestSdp.Audio(to.MediaPort()) : "");
        to.Expect("ACK");
        Assert.Equal(offer, to.Expect("INVITE").Body);
        to.Accepts();
        from.Expect(200);
        from.Ack();
        Server.End(from, to);
    }

    // A phone that agrees to every refresh.
    private static bool Answers(TestPhone phone, TestMessage message)
    {
        if (message is not { IsRequest: true, Method: "INVITE" })
        {
            return message is { IsRequest: true, Method: "ACK" };
        }

        phone.Reply(message, 200, TestSdp.Audio(phone.MediaPort()));
        return true;
    }

    private static void Offer(TestPhone phone, string method, string sdp)
    {
        if (method == "INVITE")
        {
            phone.Reinvite(sdp);
        }
        else
        {
            phone.Ask(method, sdp);
        }
    }

    private void Change(TestPhone from, TestPhone to, string offer, string answer) =>
        Assert.Equal(HeardSession.WithoutVersions((offer, answer)), HeardSession.WithoutVersions(Server.Change(from, to, offer, answer)));

    private (TestPhone Alice, TestPhone Bob) Connected()
    {
        (TestPhone alice, TestPhone bob) = Server.AddPair();
        Server.Call(alice, bob);
        return (alice, bob);
    }
}

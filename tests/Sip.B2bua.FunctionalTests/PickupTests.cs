using Sip.B2bua.Plugins.MediaRelay;

namespace Sip.B2bua.FunctionalTests;

/// <summary>A call that rings at one phone is picked up by another, which names the ringing dialog in Replaces (RFC 3891 3 and 7.1).</summary>
public sealed class PickupTests : InMemoryTests
{
    [Theory]
    [InlineData("", 1)]
    [InlineData(";early-only", 1)]
    [InlineData(";early-only", 3)]
    public void RFC_3891_3_A_call_that_rings_elsewhere_is_picked_up(string parameters, int loops)
    {
        (TestPhone alice, TestPhone bob, TestPhone carol) = Ringing(loops);
        carol.Invite(TestCalls.Bob, TestSdp.Audio(6000), Replaces(bob) + parameters);
        IsCancelled(bob);
        Assert.Contains("m=audio 6000 ", alice.Expect(200).Body, StringComparison.Ordinal);
        alice.Ack();
        carol.Expect(100);
        Assert.Contains("m=audio 4000 ", carol.Expect(200).Body, StringComparison.Ordinal);
        carol.Ack();
        Server.HangUp(alice, carol);
        Server.ExpectNothingLeft();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void RFC_3264_8_What_each_has_offered_is_another_session_than_what_was_left_of_it(bool callerOffers)
    {
        SaidSessions said = new();
        (TestPhone alice, TestPhone bob) = Server.AddPair();
        TestPhone carol = Server.AddPhone("carol");
        alice.Invite(TestCalls.Bob, said.Next(alice, "m=audio 4000 RTP/AVP 0 8"));
        bob.Expect("INVITE");
        bob.Reply(180);
        carol.Invite(TestCalls.Bob, said.Next(carol, "m=audio 6000 RTP/AVP 0 3"), Replaces(bob));
        IsCancelled(bob);
        alice.Expect(100);
        alice.Expect(180);
        alice.Expect(200);
        alice.Ack();
        carol.TakesAnswer();
        (TestPhone from, TestPhone to) = callerOffers ? (alice, carol) : (carol, alice);
        Server.Change(from, to, said.Next(from, callerOffers ? "m=audio 4000 RTP/AVP 0 8" : "m=audio 6000 RTP/AVP 0 3"), said.Next(to, $"m=audio {to.MediaPort()} RTP/AVP 0"));
        alice.HasOneSessionInEachDialog();
        carol.HasOneSessionInEachDialog();
        Server.End(alice, carol);
    }

    [Fact]
    public void RFC_3891_3_Who_picks_up_must_be_known_where_callers_are_asked_who_they_are()
    {
        Start("[module::Authentication]\nenabled=true\ntrusted-hosts=198.51.100.1");
        (TestPhone alice, TestPhone bob) = Server.AddPair(); // Alice's address is trusted
        TestPhone carol = Server.AddPhone("carol");
        Server.Ring(alice, bob);
        string replaces = Replaces(bob);
        carol.Invite(TestCalls.Bob, TestSdp.Audio(6000), replaces);
        TestMessage challenge = carol.Expect(407);
        bob.ExpectNothing();
        string own = TestDigest.Authorization(challenge, "INVITE", TestCalls.Bob, "carol", "carol-secret");
        carol.Invite(TestCalls.Bob, TestSdp.Audio(6000), $"{replaces}\r\n{own}");
        IsCancelled(bob);
        Connected(alice, carol);
        Server.HangUp(alice, carol);
        Server.ExpectNothingLeft();
    }

    [Fact]
    public void All_phones_that_ring_stop_when_one_is_picked_up()
    {
        (TestPhone alice, TestPhone bob) = Server.AddPair();
        TestPhone second = Server.AddPhone("bob", registered: true);
        TestPhone carol = Server.AddPhone("carol");
        Server.Ring(alice, bob);
        second.Expect("INVITE");
        second.Reply(180);
        alice.Expect(180);
        carol.Invite(TestCalls.Bob, TestSdp.Audio(6000), Replaces(second));
        IsCancelled(bob);
        IsCancelled(second);
        Connected(alice, carol);
        Server.HangUp(carol, alice);
        Server.ExpectNothingLeft();
    }

    [Fact]
    public void RFC_3891_7_1_A_call_that_was_answered_meanwhile_stays_where_it_is()
    {
        (TestPhone alice, TestPhone bob, TestPhone carol) = Ringing();
        bob.Reply(200, TestSdp.Audio(5000));
        bob.Expect("ACK");
        carol.Invite(TestCalls.Bob, TestSdp.Audio(6000), Replaces(bob) + ";early-only");
        carol.Expect(486);
        alice.Expect(200);
        alice.Ack();
        Server.HangUp(alice, bob);
        Server.ExpectNothingLeft();
    }

    [Fact]
    public void RFC_3891_3_A_phone_that_has_nothing_in_common_with_the_caller_is_refused_and_the_other_rings_on()
    {
        (TestPhone alice, TestPhone bob, TestPhone carol) = Ringing();
        carol.Invite(TestCalls.Bob, TestSdp.Audio(6000).Replace("RTP/AVP 0 101", "RTP/AVP 18 101", StringComparison.Ordinal), Replaces(bob));
        carol.Expect(100);
        carol.Expect(488);
        bob.Reply(200, TestSdp.Audio(5000));
        bob.Expect("ACK");
        alice.Expect(200);
        alice.Ack();
        Server.HangUp(alice, bob);
        Server.ExpectNothingLeft();
    }

    [Fact]
    public void Who_picks_up_without_an_offer_is_offered_the_callers_session()
    {
        (TestPhone alice, TestPhone bob, TestPhone carol) = Ringing();
        carol.Invite(TestCalls.Bob, sdp: "", headers: Replaces(bob));
        carol.Expect(100);
        Assert.Contains("m=audio 4000 ", carol.Expect(200).Body, StringComparison.Ordinal);
        bob.ExpectNothing();
        carol.Ack(TestSdp.Audio(6000));
        IsCancelled(bob);
        Assert.Contains("m=audio 6000 ", alice.Expect(200).Body, StringComparison.Ordinal);
        alice.Ack();
        Server.HangUp(alice, carol);
        Server.ExpectNothingLeft();
    }

    [Fact]
    public void A_caller_without_an_offer_is_offered_the_session_of_who_picks_up()
    {
        TestPhone alice = Server.AddPhone("alice");
        TestPhone bob = Server.AddPhone("bob", registered: true);
        TestPhone carol = Server.AddPhone("carol");
        alice.Invite(TestCalls.Bob, sdp: "");
        bob.Expect("INVITE");
        bob.Reply(180);
        alice.Expect(100);
        alice.Expect(180);
        carol.Invite(TestCalls.Bob, TestSdp.Audio(6000), Replaces(bob));
        IsCancelled(bob);
        Assert.Contains("m=audio 6000 ", alice.Expect(200).Body, StringComparison.Ordinal);
        carol.Expect(100);
        carol.ExpectNothing();
        alice.Ack(TestSdp.Audio());
        Assert.Contains("m=audio 4000 ", carol.Expect(200).Body, StringComparison.Ordinal);
        carol.Ack();
        Server.HangUp(alice, carol);
        Server.ExpectNothingLeft();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void RFC_3261_13_2_1_A_caller_who_has_answered_an_early_offer_is_offered_the_session_of_who_picks_up_in_another_dialog(bool takerOffers)
    {
        TestPhone alice = Server.AddPhone("alice");
        TestPhone bob = Server.AddPhone("bob", registered: true);
        TestPhone carol = Server.AddPhone("carol");
        alice.Invite(TestCalls.Bob, sdp: "", headers: "Supported: 100rel");
        bob.Expect("INVITE");
        bob.Reply(183, TestSdp.Audio(5000), "Require: 100rel\nRSeq: 7");
        alice.Expect(100);
        TestMessage news = alice.Expect(183);
        alice.Prack(news, TestSdp.Audio());
        alice.Expect(200, "PRACK");
        Assert.Equal(TestSdp.Audio(), bob.Expect("PRACK").Body);
        bob.Reply(200);
        carol.Invite(TestCalls.Bob, takerOffers ? TestSdp.Audio(6000) : "", Replaces(bob));
        carol.Expect(100);
        if (!takerOffers)
        {
            Assert.Contains("m=audio 4000 ", carol.Expect(200).Body, StringComparison.Ordinal);
            carol.Ack(TestSdp.Audio(6000));
        }

        IsCancelled(bob);
        TestMessage answer = alice.Expect(200, "INVITE");
        Assert.Contains("m=audio 6000 ", answer.Body, StringComparison.Ordinal);
        Assert.NotEqual(news.ToTag, answer.ToTag);
        alice.Ack(TestSdp.Audio(version: 2));
        if (takerOffers)
        {
            Assert.Contains("m=audio 4000 ", carol.Expect(200).Body, StringComparison.Ordinal);
            carol.Ack();
        }

        Server.Hold(alice, carol, version: 3);
        Server.HangUp(alice, carol);
        Server.ExpectNothingLeft();
    }

    [Fact]
    public void Where_nobody_makes_an_offer_the_call_rings_on()
    {
        (TestPhone alice, TestPhone bob, TestPhone carol) = RingingWithoutOffer();
        carol.Invite(TestCalls.Bob, sdp: "", headers: Replaces(bob));
        carol.Expect(100);
        carol.Expect(488);
        GiveUp(alice, bob);
        Server.ExpectNothingLeft();
    }

    [Fact]
    public void Who_picks_up_and_hangs_up_before_it_has_answered_leaves_the_call_ringing()
    {
        (TestPhone alice, TestPhone bob, TestPhone carol) = Ringing();
        carol.Invite(TestCalls.Bob, sdp: "", headers: Replaces(bob));
        carol.Expect(100);
        carol.Expect(200);
        carol.Ack();
        carol.Expect("BYE");
        carol.Reply(200);
        GiveUp(alice, bob);
        Server.ExpectNothingLeft();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_caller_who_gives_up_leaves_nothing_with_who_is_picking_up(bool otherAnswers)
    {
        (TestPhone alice, TestPhone bob, TestPhone carol) = Ringing();
        carol.Invite(TestCalls.Bob, sdp: "", headers: Replaces(bob));
        carol.Expect(100);
        carol.Expect(200);
        if (otherAnswers)
        {
            bob.Reply(200, TestSdp.Audio(5000));
            bob.Expect("ACK");
            alice.Expect(200);
            alice.Ack();
        }
        else
        {
            GiveUp(alice, bob);
        }

        carol.Ack(TestSdp.Audio(6000));
        carol.Expect("BYE");
        carol.Reply(200);
        if (otherAnswers)
        {
            Server.HangUp(bob, alice);
        }

        Server.ExpectNothingLeft();
    }

    [Fact]
    public void A_REFER_that_overtakes_the_ACK_for_which_whoever_picked_up_waits_is_to_come_again()
    {
        (TestPhone alice, TestPhone bob, TestPhone carol) = RingingWithoutOffer();
        carol.Invite(TestCalls.Bob, TestSdp.Audio(6000), "Replaces: " + bob.Dialog.Replaces());
        bob.IsCancelled();
        alice.Expect(200, "INVITE");
        alice.Ask("REFER", headers: "Refer-To: <sip:dave@example.org>");
        alice.Expect(491, "REFER");
        alice.Ack(TestSdp.Audio());
        carol.TakesAnswer();
        Server.End(alice, carol);
    }

    [Fact]
    public void A_transfer_that_rings_is_picked_up()
    {
        (TestPhone alice, TestPhone bob) = Server.AddPair();
        TestPhone carol = Server.AddPhone("carol", registered: true);
        TestPhone dave = Server.AddPhone("dave");
        Server.Call(alice, bob);
        bob.Refers("<sip:carol@example.org>");
        carol.Expect("INVITE");
        carol.Reply(180);
        bob.HearsOf("SIP/2.0 180 Ringing");
        dave.Invite("sip:carol@example.org", TestSdp.Audio(7000), Replaces(carol));
        IsCancelled(carol);
        dave.Expect(100);
        Assert.Contains("m=audio 4000 ", dave.Expect(200).Body, StringComparison.Ordinal);
        dave.Ack();
        Assert.Contains("m=audio 7000 ", alice.Expect("INVITE").Body, StringComparison.Ordinal);
        alice.Reply(200, TestSdp.Audio());
        alice.Expect("ACK");
        bob.HearsOf("SIP/2.0 200 OK");
        bob.Bye();
        bob.Expect(200);
        Server.HangUp(alice, dave);
        Server.ExpectNothingLeft();
    }

    [Fact]
    public void The_media_relay_stands_between_the_caller_and_who_picks_up()
    {
        StartAt("127.38.3.1", "", typeof(MediaRelayModule));
        (TestPhone alice, TestPhone bob) = Server.AddPair();
        TestPhone carol = Server.AddPhone("carol");
        Server.Ring(alice, bob);
        carol.Invite(TestCalls.Bob, TestSdp.Audio(6000), Replaces(bob));
        IsCancelled(bob);
        string toAlice = alice.Expect(200).Body;
        alice.Ack();
        carol.Expect(100);
        string toCarol = carol.Expect(200).Body;
        carol.Ack();
        foreach (string body in new[] { toAlice, toCarol })
        {
            Assert.Contains("c=IN IP4 127.38.3.1", body, StringComparison.Ordinal);
            Assert.DoesNotContain("m=audio 6000 ", body, StringComparison.Ordinal);
            Assert.DoesNotContain("m=audio 4000 ", body, StringComparison.Ordinal);
        }

        Server.HangUp(alice, carol);
        Server.ExpectNothingLeft();
    }

    [Theory]
    [MemberData(nameof(Seeds))]
    public void A_call_is_picked_up_while_datagrams_are_lost(int seed)
    {
        Start(seed, "[global]\nevent-loops=2");
        (TestPhone alice, TestPhone bob) = Server.AddPair();
        TestPhone carol = Server.AddPhone("carol");
        foreach (TestPhone phone in new[] { alice, bob, carol })
        {
            phone.Repeats = true;
        }

        Server.Network.Conditions = TestCalls.BadNetwork;
        alice.Invite(TestCalls.Bob);
        TestMessage invite = bob.Await("INVITE");
        bob.Reply(180);
        Server.Advance(3);
        bob.Reply(invite, 180);
        Server.Advance(3);
        bool isKnown = seed % 2 == 0;
        carol.Invite(TestCalls.Bob, TestSdp.Audio(6000), Replaces(bob) + (isKnown ? ";early-only" : ""));
        alice.Await(200, "INVITE");
        alice.Ack();
        carol.Await(200, "INVITE");
        carol.Ack();
        bob.Await("CANCEL");
        bob.Reply(200);
        bob.Reply(invite, 487);
        Server.Advance(40);
        alice.Bye();
        carol.Await("BYE");
        carol.Reply(200);
        alice.Await(200, "BYE");
        Server.Advance(300);
        Server.ExpectNoState();
        Assert.DoesNotContain(Server.Log, line => line.StartsWith("Error", StringComparison.Ordinal));
    }

    public static TheoryData<int> Seeds => [.. Enumerable.Range(1, 20)];

    private (TestPhone Alice, TestPhone Bob, TestPhone Carol) RingingWithoutOffer()
    {
        (TestPhone alice, TestPhone bob) = Server.AddPair();
        alice.Invite(TestCalls.Bob, sdp: "");
        bob.Expect("INVITE");
        bob.Reply(180);
        alice.Expect(100);
        alice.Expect(180);
        return (alice, bob, Server.AddPhone("carol"));
    }

    private static string Replaces(TestPhone phone) => "Replaces: " + phone.Dialog.Replaces();

    private static void IsCancelled(TestPhone phone)
    {
        TestMessage invite = phone.Dialog.ReceivedInvite!;
        Assert.Contains("cause=200", phone.Expect("CANCEL").Header("Reason"), StringComparison.Ordinal);
        phone.Reply(200);
        phone.Reply(invite, 487);
        phone.Expect("ACK");
    }

    private static void GiveUp(TestPhone alice, TestPhone bob)
    {
        alice.Cancel();
        alice.Expect(200, "CANCEL");
        alice.Expect(487, "INVITE");
        bob.IsCancelled();
    }

    private void Connected(TestPhone alice, TestPhone carol)
    {
        alice.Expect(200);
        alice.Ack();
        carol.Expect(100);
        carol.Expect(200);
        carol.Ack();
        Server.Settle();
    }

    private (TestPhone Alice, TestPhone Bob, TestPhone Carol) Ringing(int loops = 1)
    {
        Start($"[global]\nevent-loops={loops}");
        (TestPhone alice, TestPhone bob) = Server.AddPair();
        TestPhone carol = Server.AddPhone("carol");
        Server.Ring(alice, bob);
        return (alice, bob, carol);
    }
}

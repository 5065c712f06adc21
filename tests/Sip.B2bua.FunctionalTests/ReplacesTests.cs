namespace Sip.B2bua.FunctionalTests;

/// <summary>An INVITE that takes the place of a party of a call: RFC 3891, with the server as the user agent that receives it.</summary>
public sealed class ReplacesTests : InMemoryTests
{
    [Theory]
    [InlineData(true, 1)]
    [InlineData(false, 1)]
    [InlineData(true, 3)]
    [InlineData(false, 3)]
    public void A_new_phone_takes_the_place_of_a_party(bool callerIsReplaced, int loops)
    {
        (TestPhone replaced, TestPhone staying, TestPhone carol) = Connected(callerIsReplaced, loops);
        carol.Invite("sip:192.0.2.1", TestSdp.Audio(6000), Replaces(replaced));
        Assert.Contains("m=audio 6000 ", staying.Expect("INVITE").Body, StringComparison.Ordinal);
        staying.Accepts(TestSdp.Audio(5500, version: 2));
        carol.Expect(100);
        Assert.Contains("m=audio 5500 ", carol.Expect(200).Body, StringComparison.Ordinal);
        carol.Ack();
        replaced.IsHungUpOn();
        Server.End(carol, staying);
    }

    [Fact]
    public void RFC_3264_6_and_8_who_takes_a_place_with_fewer_streams_hears_of_as_many_as_it_has_offered_and_the_other_of_all()
    {
        TestPhone alice = Server.AddPhone("alice");
        TestPhone bob = Server.AddPhone("bob", registered: true);
        TestPhone carol = Server.AddPhone("carol");
        alice.Invite(TestCalls.Bob, AndVideo(4000));
        bob.Accepts(bob.Expect("INVITE"), AndVideo(5000));
        alice.Expect(100);
        alice.Expect(200);
        alice.Ack();
        carol.Invite("sip:192.0.2.1", TestSdp.Audio(6000), Replaces(alice));
        Assert.Equal(["6000", "0"], Ports(bob.Expect("INVITE").Body));
        bob.Accepts(AndVideo(5000, video: 0, version: 2));
        carol.Expect(100);
        Assert.Equal(["5000"], Ports(carol.Expect(200).Body));
        carol.Ack();
        alice.IsHungUpOn();
        carol.Reinvite(TestSdp.Audio(6000, "sendonly", version: 2));
        Assert.Equal(["6000", "0"], Ports(bob.Expect("INVITE").Body));
        bob.Accepts(AndVideo(5000, video: 0, version: 3));
        carol.Expect(100);
        Assert.Equal(["5000"], Ports(carol.Expect(200).Body));
        carol.Ack();
        bob.Reinvite(AndVideo(5000, version: 4));
        Assert.Equal(["5000", "5002"], Ports(carol.Expect("INVITE").Body));
        carol.Accepts(AndVideo(6000, version: 3));
        bob.Expect(100);
        Assert.Equal(["6000", "6002"], Ports(bob.Expect(200).Body));
        bob.Ack();
        Server.End(carol, bob);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public void An_INVITE_that_replaces_can_be_cancelled(int loops)
    {
        (TestPhone replaced, TestPhone staying, TestPhone carol) = Connected(true, loops);
        carol.Invite("sip:192.0.2.1", TestSdp.Audio(6000), Replaces(replaced));
        TestMessage offer = staying.Expect("INVITE");
        staying.Reply(180);
        carol.Expect(100);
        carol.Cancel();
        carol.Expect(200, "CANCEL");
        carol.Expect(487, "INVITE");
        staying.IsCancelled(offer);
        Server.End(staying, replaced);
    }

    [Fact]
    public void A_session_that_the_other_party_refuses_leaves_the_call_as_it_was()
    {
        (TestPhone replaced, TestPhone staying, TestPhone carol) = Connected(true, 1);
        carol.Invite("sip:192.0.2.1", TestSdp.Audio(6000), Replaces(replaced));
        staying.Expect("INVITE");
        staying.Refuses(488);
        carol.Expect(100);
        carol.Expect(488);
        Server.End(replaced, staying);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_new_phone_without_an_offer_is_offered_what_the_party_that_stays_offers(bool callerIsReplaced)
    {
        (TestPhone replaced, TestPhone staying, TestPhone carol) = Connected(callerIsReplaced, 1);
        carol.Invite("sip:192.0.2.1", sdp: "", headers: Replaces(replaced));
        Assert.Equal("", staying.Expect("INVITE").Body);
        staying.Reply(200, TestSdp.Audio(5500, version: 2));
        staying.ExpectNothing(); // its ACK waits for the answer
        carol.Expect(100);
        Assert.Contains("m=audio 5500 ", carol.Expect(200).Body, StringComparison.Ordinal);
        carol.Ack(TestSdp.Audio(6000));
        Assert.Contains("m=audio 6000 ", staying.Expect("ACK").Body, StringComparison.Ordinal);
        replaced.Expect("BYE");
        replaced.Reply(200);
        Server.HangUp(carol, staying);
        Server.ExpectNothingLeft();
    }

    [Fact]
    public void RFC_3261_12_2_1_2_what_the_replaced_phone_was_asked_and_did_not_answer_in_time_ends_no_dialog()
    {
        (TestPhone replaced, TestPhone staying, TestPhone carol) = Connected(true, 1);
        staying.Ask("INFO");
        TestMessage asked = replaced.Expect("INFO");
        carol.Invite("sip:192.0.2.1", TestSdp.Audio(6000), Replaces(replaced));
        staying.Expect("INVITE");
        staying.Accepts(TestSdp.Audio(staying.MediaPort(), version: 2));
        carol.TakesAnswer();
        replaced.IsHungUpOn();
        replaced.Reply(asked, 200);
        staying.Expect(480, "INFO");
        Server.End(carol, staying);
    }

    [Fact]
    public void A_new_phone_without_an_offer_that_gives_up_leaves_the_session_as_it_was()
    {
        (TestPhone replaced, TestPhone staying, TestPhone carol) = Connected(true, 1);
        carol.Invite("sip:192.0.2.1", sdp: "", headers: Replaces(replaced));
        TestMessage asked = staying.Expect("INVITE");
        staying.Reply(180);
        carol.Expect(100);
        carol.Cancel();
        carol.Expect(200, "CANCEL");
        carol.Expect(487, "INVITE");
        staying.Expect("CANCEL");
        staying.Reply(200);
        staying.Reply(asked, 200, TestSdp.Audio(5500, version: 2)); // it had answered before the CANCEL came
        Assert.Contains("m=audio 4000 ", staying.Expect("ACK").Body, StringComparison.Ordinal);
        Server.HangUp(staying, replaced);
        Server.ExpectNothingLeft();
    }

    [Fact]
    public void A_new_phone_that_does_not_answer_the_offer_ends_the_call()
    {
        (TestPhone replaced, TestPhone staying, TestPhone carol) = Connected(true, 1);
        carol.Invite("sip:192.0.2.1", sdp: "", headers: Replaces(replaced));
        staying.Expect("INVITE");
        staying.Reply(200, TestSdp.Audio(5500, version: 2));
        replaced.Expect("BYE");
        replaced.Reply(200);
        carol.Expect(100);
        carol.Expect(200);
        Server.Advance(33);
        carol.Await("BYE");
        carol.Reply(200);
        staying.Await("BYE");
        staying.Reply(200);
        carol.Skip();
        staying.Skip();
        Server.ExpectNothingLeft();
    }

    [Fact]
    public void Where_no_sessions_are_kept_a_new_phone_that_comes_to_nothing_ends_the_call()
    {
        Start("[b2bua]\ntransfer=pass", typeof(RefusingModule));
        (TestPhone replaced, TestPhone staying) = Server.AddPair();
        TestPhone carol = Server.AddPhone("carol");
        Server.Call(replaced, staying);
        carol.Invite("sip:192.0.2.1", TestSdp.Audio(6000), Replaces(replaced));
        staying.Expect("INVITE");
        staying.Accepts(TestSdp.Audio(9999, version: 2));
        carol.Expect(100);
        carol.Expect(488);
        Server.Advance(0.1);
        replaced.IsHungUpOn();
        staying.IsHungUpOn();
        Server.ExpectNothingLeft();
    }

    [Theory]
    [InlineData(";early-only", 486)]
    [InlineData("1", 481)]
    public void What_cannot_be_replaced_is_refused(string parameters, int code)
    {
        (TestPhone replaced, TestPhone staying, TestPhone carol) = Connected(true, 1);
        carol.Invite("sip:bob@example.org", TestSdp.Audio(6000), Replaces(replaced) + parameters);
        carol.Expect(code);
        Server.End(replaced, staying);
    }

    [Fact]
    public void A_call_that_has_just_ended_gets_603()
    {
        (TestPhone replaced, TestPhone staying, TestPhone carol) = Connected(true, 1);
        string replaces = Replaces(staying);
        replaced.Leaves();
        staying.Expect("BYE");
        carol.Invite("sip:bob@example.org", TestSdp.Audio(6000), replaces);
        carol.Expect(603);
        staying.Reply(200);
        Server.ExpectNothingLeft();
    }

    [Fact]
    public void A_call_that_its_own_party_has_not_answered_yet_is_not_replaced()
    {
        TestPhone alice = Server.AddPhone("alice");
        TestPhone bob = Server.AddPhone("bob", registered: true);
        TestPhone carol = Server.AddPhone("carol");
        Server.Ring(alice, bob);
        alice.Dialog.RemoteTag = alice.Received[^1].ToTag;
        carol.Invite("sip:bob@example.org", TestSdp.Audio(6000), Replaces(alice));
        carol.Expect(481);
        alice.Cancel();
        alice.Expect(200);
        alice.Expect(487);
        TestMessage invite = bob.Request;
        bob.IsCancelled(invite);
        Server.ExpectNothingLeft();
    }

    [Fact]
    public void What_is_no_call_of_ours_is_left_to_the_target()
    {
        TestPhone alice = Server.AddPhone("alice");
        TestPhone bob = Server.AddPhone("bob", registered: true);
        alice.Invite(bob.AddressOfRecord, headers: "Require: replaces\r\nReplaces: 7@elsewhere;to-tag=a;from-tag=b");
        TestMessage invite = bob.Expect("INVITE");
        Assert.Equal(("7@elsewhere;to-tag=a;from-tag=b", "replaces"), (invite.Header("Replaces"), invite.Header("Require")));
        bob.Refuses(481);
        alice.Expect(100);
        alice.Expect(481);
        Server.ExpectNothingLeft();
    }

    [Theory]
    [InlineData("INVITE", "Replaces: nonsense")]
    [InlineData("INVITE", "Replaces: 7@elsewhere;to-tag=a;from-tag=b\r\nReplaces: 8@elsewhere;to-tag=a;from-tag=b")]
    [InlineData("INVITE", "Replaces: 7@elsewhere;to-tag=a;from-tag=b\r\nJoin: 8@elsewhere;to-tag=a;from-tag=b")]
    [InlineData("MESSAGE", "Replaces: 7@elsewhere;to-tag=a;from-tag=b")]
    public void Replaces_that_is_out_of_place_or_cannot_be_read_gets_400(string method, string header)
    {
        TestPhone alice = Server.AddPhone("alice");
        if (method == "INVITE")
        {
            alice.Invite("sip:bob@example.org", headers: header);
        }
        else
        {
            alice.AskOutside(method, "sip:bob@example.org", headers: header);
        }

        alice.Expect(400);
        Server.ExpectNothingLeft();
    }

    [Fact]
    public void A_REFER_outside_a_call_is_refused()
    {
        TestPhone alice = Server.AddPhone("alice");
        TestPhone bob = Server.AddPhone("bob", registered: true);
        alice.AskOutside("REFER", bob.AddressOfRecord, headers: "Refer-To: <sip:carol@example.org>");
        alice.Expect(403);
        bob.ExpectNothing();
        Server.ExpectNothingLeft();
    }

    private static string AndVideo(int port, int? video = null, int version = 1) =>
        TestSdp.Of(version, $"m=audio {port} RTP/AVP 0", $"m=video {video ?? port + 2} RTP/AVP 96", "a=rtpmap:96 VP8/90000");

    private static IEnumerable<string> Ports(string sdp) => sdp.Split("\r\n").Where(line => line.StartsWith("m=", StringComparison.Ordinal)).Select(line => line.Split(' ')[1]);

    private static string Replaces(TestPhone phone) => "Replaces: " + phone.Dialog.Replaces();

    private (TestPhone Replaced, TestPhone Staying, TestPhone Carol) Connected(bool callerIsReplaced, int loops)
    {
        Start($"[global]\nevent-loops={loops}");
        (TestPhone alice, TestPhone bob) = Server.AddPair();
        TestPhone carol = Server.AddPhone("carol");
        Server.Call(alice, bob);
        return callerIsReplaced ? (alice, bob, carol) : (bob, alice, carol);
    }
}

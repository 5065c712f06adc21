using System.Composition;

namespace Sip.B2bua.FunctionalTests;

/// <summary>
/// A phone that takes no INVITE without an offer (<c>late-offer=false</c>) gets one of the server's; the caller, who has made none, gets
/// what that phone answers (RFC 3725 4.2, without its flaw: whoever has heard all gets nothing more).
/// </summary>
public sealed class OwnOfferTests : InMemoryTests
{
    private const string Relay = "127.39.1.9";
    private const string Reliable = "Require: 100rel\nRSeq: 7\nAllow: INVITE, ACK, BYE, CANCEL, PRACK, UPDATE";
    private static readonly string[] BobsAudio = ["m=audio 5000 RTP/AVP 0 8 101", "a=rtpmap:101 telephone-event/8000"];
    private static readonly string[] AlicesAudio = ["m=audio 4000 RTP/AVP 0 8 101", "a=rtpmap:101 telephone-event/8000"];

    private readonly string file = Path.GetTempFileName();
    private readonly SaidSessions said = new();
    private TestPhone alice = null!;
    private TestPhone bob = null!;

    protected override void Dispose(bool disposing)
    {
        base.Dispose(disposing);
        File.Delete(file);
    }

    [Fact]
    public void The_offer_has_the_usual_codecs_and_leads_nowhere_without_a_relay()
    {
        Begin();
        alice.Invite(TestCalls.Bob, sdp: "");
        TestMessage invite = bob.Expect("INVITE");
        Assert.Equal("application/sdp", invite.Header("Content-Type"));
        Assert.Equal("audio 9 RTP/AVP 0 8 9 96 101", Assert.Single(HeardSession.MediaLines(invite.Body)));
        Assert.Contains("c=IN IP4 192.0.2.1\r\n", invite.Body, StringComparison.Ordinal);
        Assert.Contains("a=rtpmap:96 opus/48000/2\r\na=fmtp:96 useinbandfec=1\r\na=rtpmap:101 telephone-event/8000\r\n", invite.Body, StringComparison.Ordinal);
        Assert.EndsWith("a=inactive\r\n", invite.Body, StringComparison.Ordinal);
        bob.Refuses(486);
        alice.Expect(100);
        alice.Expect(486);
        Server.ExpectNothingLeft();
    }

    [Fact]
    public void What_is_offered_can_be_chosen()
    {
        Begin(configuration: "offered-codecs=opus g729 AMR-WB/16000");
        alice.Invite(TestCalls.Bob, sdp: "");
        string offer = bob.Expect("INVITE").Body;
        Assert.Equal("audio 9 RTP/AVP 96 18 97", Assert.Single(HeardSession.MediaLines(offer)));
        Assert.Contains("a=rtpmap:97 AMR-WB/16000\r\n", offer, StringComparison.Ordinal);
        bob.Refuses(486);
        alice.Skip();
        Server.ExpectNothingLeft();
    }

    [Fact]
    public void Without_a_relay_the_phone_is_told_by_reINVITE_where_the_caller_is()
    {
        Begin();
        CallWithoutOffer([.. BobsAudio, "a=inactive"]);
        alice.Expect(100);
        string offer = alice.Expect(200).Body;
        Assert.Contains("m=audio 5000 RTP/AVP 0 8 101\r\n", offer, StringComparison.Ordinal);
        Assert.DoesNotContain("a=inactive", offer, StringComparison.Ordinal);
        alice.Ack(said.Next(alice, AlicesAudio));
        Assert.Contains("m=audio 4000 RTP/AVP 0 8 101\r\n", bob.Expect("INVITE").Body, StringComparison.Ordinal);
        bob.Accepts(said.Next(bob, BobsAudio));
        alice.ExpectNothing();
        HoldAndEnd();
    }

    [Fact]
    public void Modules_see_each_offer_and_each_answer_once()
    {
        ShownModule.Shown.Clear();
        Begin(modules: typeof(ShownModule));
        CallWithoutOfferAndRelay();
        bob.Accepts(said.Next(bob, BobsAudio));
        alice.ExpectNothing();
        Assert.Equal(["offer of 0", "answer of 1", "offer of 0", "answer of 1"], ShownModule.Shown);
        HoldAndEnd();
    }

    [Fact]
    public void The_caller_is_told_in_turn_what_the_phone_says_otherwise_in_the_end()
    {
        Begin();
        CallWithoutOfferAndRelay();
        bob.Accepts(said.Next(bob, ["m=audio 5002 RTP/AVP 0"]));
        Assert.Equal("audio 5002 RTP/AVP 0", Assert.Single(HeardSession.MediaLines(alice.Expect("INVITE").Body)));
        alice.Accepts(said.Next(alice, ["m=audio 4000 RTP/AVP 0"]));
        bob.ExpectNothing();
        HoldAndEnd();
    }

    [Fact]
    public void With_a_relay_nobody_is_told_anything_more()
    {
        Begin(relayed: true);
        alice.Invite(TestCalls.Bob, sdp: "");
        string offer = bob.Expect("INVITE").Body;
        Assert.Contains($"c=IN IP4 {Relay}\r\n", offer, StringComparison.Ordinal);
        Assert.DoesNotContain("a=inactive", offer, StringComparison.Ordinal);
        Assert.NotEqual(9, HeardSession.PortOf(HeardSession.MediaLines(offer)[0]));
        bob.Accepts(said.Next(bob, BobsAudio));
        alice.Expect(100);
        Assert.Contains($"c=IN IP4 {Relay}\r\n", alice.Expect(200).Body, StringComparison.Ordinal);
        alice.Ack(said.Next(alice, AlicesAudio));
        bob.ExpectNothing();
        HoldAndEnd();
    }

    [Fact]
    public void With_a_relay_the_phone_is_told_of_codecs_that_the_caller_has_not_taken()
    {
        Begin(relayed: true);
        CallWithoutOffer(BobsAudio);
        alice.TakesOffer(said.Next(alice, "m=audio 4000 RTP/AVP 0"));
        Assert.EndsWith("RTP/AVP 0", HeardSession.MediaLines(bob.Expect("INVITE").Body)[0], StringComparison.Ordinal);
        bob.Accepts(said.Next(bob, "m=audio 5000 RTP/AVP 0"));
        alice.ExpectNothing();
        HoldAndEnd();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_reliable_183_makes_the_offer_and_its_PRACK_answers(bool relayed)
    {
        Begin(relayed);
        alice.Invite(TestCalls.Bob, sdp: "", headers: "Supported: 100rel");
        TestMessage invite = bob.Expect("INVITE");
        bob.Reply(183, said.Next(bob, BobsAudio), Reliable);
        alice.Expect(100);
        TestMessage news = alice.Expect(183);
        Assert.Single(HeardSession.MediaLines(news.Body));
        bob.ExpectNothing();
        alice.Prack(news, said.Next(alice, AlicesAudio));
        alice.Expect(200, "PRACK");
        Assert.Equal("", bob.Expect("PRACK").Body);
        bob.Reply(200);
        bob.Reply(invite, 200);
        bob.Expect("ACK");
        Assert.Equal("", alice.Expect(200, "INVITE").Body);
        alice.Ack();
        if (!relayed)
        {
            Assert.Contains("m=audio 4000", bob.Expect("INVITE").Body, StringComparison.Ordinal);
            bob.Accepts(said.Next(bob, BobsAudio));
        }

        HoldAndEnd();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void RFC_3261_13_2_2_4_the_ACK_answers_the_phone_that_has_answered_though_another_was_answered_before(bool redirected)
    {
        Begin();
        TestPhone carol = Server.AddPhone("carol", registered: true);
        alice.Invite(TestCalls.Bob, sdp: "", headers: "Supported: 100rel");
        TestMessage invite = bob.Expect("INVITE");
        bob.Reply(183, said.Next(bob, [.. BobsAudio, "a=inactive"]), Reliable);
        alice.Expect(100);
        alice.Prack(alice.Expect(183), said.Next(alice, AlicesAudio));
        alice.Expect(200, "PRACK");
        bob.Expect("PRACK");
        bob.Reply(200);
        string carols = said.Next(carol, "m=audio 6000 RTP/AVP 0 8 101");
        if (redirected)
        {
            bob.Reply(invite, 302, headers: "Contact: <sip:carol@example.org>");
            bob.Expect("ACK");
            Assert.Equal("", carol.Expect("INVITE").Body);
            carol.Reply(200, carols);
        }
        else
        {
            carol.Invite(TestCalls.Bob, carols, "Replaces: " + bob.Dialog.Replaces());
            bob.IsCancelled(invite);
            carol.Expect(100);
        }

        Assert.Contains("m=audio 6000", alice.Expect(200, "INVITE").Body, StringComparison.Ordinal);
        alice.Ack(said.Next(alice, AlicesAudio));
        TestMessage answer = redirected ? carol.Expect("ACK") : carol.Expect(200, "INVITE");
        Assert.Contains("m=audio 4000", answer.Body, StringComparison.Ordinal);
        if (!redirected)
        {
            carol.Ack();
        }

        Server.End(alice, carol);
    }

    [Fact]
    public void A_reliable_183_for_a_caller_that_takes_none_makes_the_offer_in_the_200()
    {
        Begin(relayed: true);
        alice.Invite(TestCalls.Bob, sdp: "");
        TestMessage invite = bob.Expect("INVITE");
        bob.Reply(183, said.Next(bob, BobsAudio), Reliable);
        bob.Expect("PRACK");
        bob.Reply(200);
        bob.Reply(invite, 200);
        bob.Expect("ACK");
        alice.Expect(100);
        Assert.False(alice.Expect(183).Has("RSeq"));
        Assert.Single(HeardSession.MediaLines(alice.Expect(200).Body));
        alice.Ack(said.Next(alice, AlicesAudio));
        HoldAndEnd();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_reINVITE_without_an_offer_repeats_the_phones_own(bool relayed)
    {
        Begin(relayed);
        alice.Invite(TestCalls.Bob, said.Next(alice, AlicesAudio));
        string first = bob.Expect("INVITE").Body;
        bob.Accepts(said.Next(bob, BobsAudio));
        alice.TakesAnswer();
        alice.Reinvite("");
        Assert.Equal(first, bob.Expect("INVITE").Body);
        bob.Accepts(said.Next(bob, BobsAudio));
        alice.Expect(100);
        Assert.Contains("RTP/AVP 0 8 101", alice.Expect(200).Body, StringComparison.Ordinal);
        alice.Ack(said.Next(alice, AlicesAudio));
        bob.ExpectNothing();
        alice.Reinvite("");
        bob.Expect("INVITE");
        bob.Accepts(said.Next(bob, BobsAudio));
        alice.TakesOffer(said.Next(alice, [.. AlicesAudio, "a=sendonly"])); // it answers with hold
        Assert.Contains("a=sendonly", bob.Expect("INVITE").Body, StringComparison.Ordinal);
        bob.Accepts(said.Next(bob, [.. BobsAudio, "a=recvonly"]));
        alice.ExpectNothing(); // that it is on hold by its own wish it knows
        HoldAndEnd();
    }

    [Fact]
    public void A_reINVITE_without_an_offer_that_the_phone_refuses_is_refused()
    {
        Begin();
        Connect();
        alice.Reinvite("");
        bob.Expect("INVITE");
        bob.Refuses(488);
        alice.Expect(100);
        alice.Expect(488);
        HoldAndEnd();
    }

    [Fact]
    public void A_reINVITE_of_the_called_phone_without_an_offer_gets_one_of_the_callers_where_it_is_the_caller_that_takes_none()
    {
        Begin();
        bob.Invite("sip:alice@example.org", said.Next(bob, BobsAudio), "User-Agent: OldPhone/1");
        alice.Expect("INVITE");
        alice.Accepts(said.Next(alice, AlicesAudio));
        bob.TakesAnswer();
        alice.Reinvite("");
        Assert.Single(HeardSession.MediaLines(bob.Expect("INVITE").Body));
        bob.Accepts(said.Next(bob, BobsAudio));
        alice.TakesOffer(said.Next(alice, AlicesAudio));
        bob.ExpectNothing();
        HoldAndEnd();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Of_two_targets_either_may_answer_and_only_one_is_offered_anything(bool oldAnswers)
    {
        Begin();
        TestPhone other = Server.AddPhone("bob", registered: true);
        alice.Invite(TestCalls.Bob, sdp: "");
        TestMessage offered = bob.Expect("INVITE");
        TestMessage asked = other.Expect("INVITE");
        Assert.Equal((true, false), (offered.Body.Length > 0, asked.Body.Length > 0));
        bob.Reply(offered, 183, said.Next(bob, [.. BobsAudio, "a=inactive"]));
        alice.Expect(100);
        alice.Expect(183);
        other.Reply(asked, 180);
        alice.Expect(180);
        if (oldAnswers)
        {
            bob.Accepts(offered, said.Next(bob, [.. BobsAudio, "a=inactive"]));
            other.IsCancelled(asked);
            alice.Expect(200);
            alice.Ack(said.Next(alice, AlicesAudio));
            bob.Expect("INVITE");
            bob.Accepts(said.Next(bob, BobsAudio));
            HoldAndEnd();
        }
        else
        {
            other.Reply(asked, 200, said.Next(other, BobsAudio));
            bob.IsCancelled(offered);
            alice.Expect(200);
            alice.Ack(said.Next(alice, AlicesAudio));
            Assert.Single(HeardSession.MediaLines(other.Expect("ACK").Body));
            Server.End(alice, other);
        }
    }

    [Fact]
    public void A_caller_that_never_acknowledges_ends_the_call()
    {
        Begin(relayed: true);
        CallWithoutOffer(BobsAudio);
        Server.Advance(32.1);
        bob.IsHungUpOn();
        alice.Await("BYE", 1);
        alice.Reply(200);
        alice.Skip();
        Server.ExpectNothingLeft();
    }

    [Fact]
    public void An_ACK_without_an_answer_ends_the_call()
    {
        Begin(relayed: true);
        CallWithoutOffer(BobsAudio);
        alice.TakesAnswer();
        alice.IsHungUpOn();
        bob.IsHungUpOn();
        Server.ExpectNothingLeft();
    }

    [Fact]
    public void RFC_3725_6_a_phone_that_does_not_take_what_the_caller_answers_is_hung_up_on()
    {
        Begin();
        CallWithoutOfferAndRelay();
        bob.Refuses(488);
        alice.IsHungUpOn();
        bob.IsHungUpOn();
        Server.ExpectNothingLeft();
    }

    [Theory]
    [InlineData(491, "", 4)]
    [InlineData(500, "Retry-After: 6", 6.1)]
    [InlineData(500, "Retry-After: 3600;duration=60", 10.1)]
    public void A_phone_that_changes_its_session_at_the_same_time_is_told_later(int code, string headers, double seconds)
    {
        Begin();
        CallWithoutOfferAndRelay();
        bob.Reply(code, headers: headers);
        bob.Expect("ACK");
        Assert.Contains("m=audio 4000", bob.Await("INVITE", seconds).Body, StringComparison.Ordinal);
        bob.Accepts(said.Next(bob, BobsAudio));
        HoldAndEnd();
    }

    [Fact]
    public void A_target_behind_a_name_gets_the_offer_as_well()
    {
        Begin(more: "[module::Authentication]\nenabled=true\ntrusted-hosts=198.51.100.0/24", profile: "[old]\ndomain=old.example.net\nlate-offer=false");
        Server.Network.Dns.Add("A old.example.net 203.0.113.7");
        TestPhone old = Server.AddPhoneAt("203.0.113.7:5060", "old");
        alice.Invite("sip:x@old.example.net", sdp: "");
        TestMessage invite = old.Expect("INVITE");
        Assert.Equal(("application/sdp", 1), (invite.Header("Content-Type"), HeardSession.MediaLines(invite.Body).Length));
        old.Refuses(486);
        alice.Skip();
        Server.ExpectNothingLeft();
    }

    private void Begin(bool relayed = false, string configuration = "", string more = "", string profile = "[old]\nuser-agent=OldPhone\nlate-offer=false", params Type[] modules)
    {
        File.WriteAllText(file, profile);
        string text = $"[b2bua]\npeer-profiles={file}\n{configuration}\n{more}";
        if (relayed)
        {
            StartRelay(Relay, text);
        }
        else
        {
            Start(text, modules);
        }

        alice = Server.AddPhone("alice", registered: true);
        bob = Server.AddPhone("bob");
        bob.SendRegister(headers: "User-Agent: OldPhone/1");
        bob.Await(200);
    }

    private void Connect()
    {
        alice.Invite(TestCalls.Bob, said.Next(alice, AlicesAudio));
        bob.Expect("INVITE");
        bob.Accepts(said.Next(bob, BobsAudio));
        alice.TakesAnswer();
    }

    // Alice makes no offer, and Bob takes that of the server.
    private void CallWithoutOffer(string[] answer)
    {
        alice.Invite(TestCalls.Bob, sdp: "");
        bob.Expect("INVITE");
        bob.Accepts(said.Next(bob, answer));
    }

    // The offer leads nowhere: when Alice has answered, Bob is asked again.
    private void CallWithoutOfferAndRelay()
    {
        CallWithoutOffer([.. BobsAudio, "a=inactive"]);
        alice.TakesOffer(said.Next(alice, AlicesAudio));
        bob.Expect("INVITE");
    }

    private void HoldAndEnd()
    {
        foreach ((TestPhone from, TestPhone to) in new[] { (alice, bob), (bob, alice) })
        {
            foreach ((string offer, string answer) in new[] { ("sendonly", "recvonly"), ("sendrecv", "sendrecv") })
            {
                (string offered, string answered) = Server.Change(from, to, said.Audio(from, offer), said.Audio(to, answer));
                Assert.Contains("a=" + offer, offered, StringComparison.Ordinal);
                Assert.Contains("a=" + answer, answered, StringComparison.Ordinal);
            }
        }

        alice.HasOneSessionInEachDialog();
        bob.HasOneSessionInEachDialog();
        Server.End(alice, bob);
    }

    /// <summary>Writes down whose offers and answers cross. The whole server runs on the test's own thread.</summary>
    [SipModule("Shown", Stage.Media, 90)]
    [Shared]
    internal sealed class ShownModule : SipModule
    {
        [ThreadStatic]
        private static List<string>? shown;

        public static List<string> Shown => shown ??= [];

        public override void OnSession(SessionContext context) => Shown.Add($"{(context.IsOffer ? "offer" : "answer")} of {context.From.Number}");
    }
}

namespace Sip.B2bua.FunctionalTests;

/// <summary>
/// An INVITE that takes the place of a party (RFC 3891) and makes no offer, while the party that stays takes no INVITE without one
/// (<c>late-offer=false</c>): that is offered what it has, and its answer is the offer to who has come.
/// </summary>
public sealed class OwnOfferReplacesTests : InMemoryTests
{
    private static readonly string[] BobsAudio = ["m=audio 5000 RTP/AVP 0 8 101", "a=rtpmap:101 telephone-event/8000"];

    private readonly string file = Path.GetTempFileName();
    private readonly SaidSessions said = new();
    private TestPhone alice = null!;
    private TestPhone bob = null!;
    private TestPhone carol = null!;

    protected override void Dispose(bool disposing)
    {
        base.Dispose(disposing);
        File.Delete(file);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Who_takes_somebodys_place_without_an_offer_gets_what_the_phone_answers_to_its_own_session(bool relayed)
    {
        Connect(relayed);
        string first = bob.Dialog.ReceivedInvite!.Body;
        carol.Invite("sip:192.0.2.1", sdp: "", headers: "Replaces: " + alice.Dialog.Replaces());
        string offer = bob.Expect("INVITE").Body;
        Assert.Equal(HeardSession.MediaLines(first), HeardSession.MediaLines(offer));
        bob.Accepts(said.Next(bob, BobsAudio));
        alice.IsHungUpOn();
        string offered = carol.TakesOffer(said.Next(carol, "m=audio 6000 RTP/AVP 0 8 101", "a=rtpmap:101 telephone-event/8000"));
        Assert.Equal("audio RTP/AVP 0 8 101", HeardSession.WithoutPort(Assert.Single(HeardSession.MediaLines(offered))));
        if (!relayed)
        {
            Assert.Contains("m=audio 6000 ", bob.Expect("INVITE").Body, StringComparison.Ordinal);
            bob.Accepts(said.Next(bob, BobsAudio));
        }

        carol.ExpectNothing();
        bob.HasOneSessionInEachDialog();
        Server.Change(carol, bob, said.Audio(carol, "sendonly"), said.Audio(bob, "recvonly"));
        Server.End(carol, bob);
    }

    [Fact]
    public void Who_takes_somebodys_place_without_an_offer_and_gives_up_leaves_the_session_as_it_was()
    {
        Connect();
        carol.Invite("sip:192.0.2.1", sdp: "", headers: "Replaces: " + alice.Dialog.Replaces());
        TestMessage asked = bob.Expect("INVITE");
        bob.Reply(180);
        carol.Expect(100);
        carol.Cancel();
        carol.Expect(200, "CANCEL");
        carol.Expect(487, "INVITE");
        bob.Expect("CANCEL");
        bob.Reply(200);
        bob.Accepts(asked, said.Next(bob, BobsAudio)); // it had answered before the CANCEL came
        Assert.Contains("m=audio 4000 ", bob.Await("INVITE", 1).Body, StringComparison.Ordinal);
        bob.Accepts(said.Next(bob, BobsAudio));
        Server.Change(alice, bob, said.Audio(alice, "sendonly"), said.Audio(bob, "recvonly"));
        bob.HasOneSessionInEachDialog();
        Server.End(alice, bob);
    }

    [Fact]
    public void Who_takes_somebodys_place_and_answers_no_offer_ends_the_call()
    {
        Connect();
        carol.Invite("sip:192.0.2.1", sdp: "", headers: "Replaces: " + alice.Dialog.Replaces());
        bob.Expect("INVITE");
        bob.Accepts(said.Next(bob, BobsAudio));
        alice.IsHungUpOn();
        carol.Expect(100);
        carol.Expect(200, "INVITE");
        carol.Ack();
        carol.IsHungUpOn();
        bob.IsHungUpOn();
        Server.ExpectNothingLeft();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void RFC_3261_13_2_1_Who_takes_somebodys_place_without_an_offer_gets_no_2xx_without_one(bool takesLateOffer)
    {
        Connect(takesLateOffer: takesLateOffer);
        carol.Invite("sip:192.0.2.1", sdp: "", headers: "Replaces: " + alice.Dialog.Replaces());
        Assert.Equal(takesLateOffer, bob.Expect("INVITE").Body.Length == 0);
        bob.Reply(200);
        bob.Expect("ACK");
        carol.Expect(100);
        carol.Expect(488);
        if (!takesLateOffer)
        {
            Assert.Contains("m=audio 4000 ", bob.Await("INVITE", 1).Body, StringComparison.Ordinal);
            bob.Accepts(said.Next(bob, BobsAudio));
        }

        Server.Change(alice, bob, said.Audio(alice, "sendonly"), said.Audio(bob, "recvonly"));
        Server.End(alice, bob);
    }

    // Alice has called Bob's old phone; Carol knows of it.
    private void Connect(bool relayed = false, bool takesLateOffer = false)
    {
        File.WriteAllText(file, $"[old]\nuser-agent=OldPhone\nlate-offer={(takesLateOffer ? "true" : "false")}");
        string text = $"[b2bua]\npeer-profiles={file}";
        if (relayed)
        {
            StartRelay("127.39.1.11", text);
        }
        else
        {
            Start(text);
        }

        alice = Server.AddPhone("alice", registered: true);
        bob = Server.AddPhone("bob");
        bob.SendRegister(headers: "User-Agent: OldPhone/1");
        bob.Await(200);
        carol = Server.AddPhone("carol");
        alice.Invite(TestCalls.Bob, said.Next(alice, "m=audio 4000 RTP/AVP 0 8 101", "a=rtpmap:101 telephone-event/8000"));
        bob.Expect("INVITE");
        bob.Accepts(said.Next(bob, BobsAudio));
        alice.TakesAnswer();
    }
}

namespace Sip.B2bua.FunctionalTests;

/// <summary>A trunk that asks within the call once more who we are (401, 407): what was asked of it is asked again just so.</summary>
public sealed class ChallengedChangeTests : IDisposable
{
    private const string Number = "sip:+4930555@example.org";
    private static readonly string[] TrunksAudio = ["m=audio 5000 RTP/AVP 0 8"];
    private static readonly string[] AlicesAudio = ["m=audio 4000 RTP/AVP 0 8"];

    private readonly string file = Path.GetTempFileName();
    private readonly SaidSessions said = new();
    private TrunkSite? site;
    private TestPhone alice = null!;
    private TestPhone trunk = null!;

    public void Dispose()
    {
        site?.Dispose();
        File.Delete(file);
    }

    [Theory]
    [InlineData(407)]
    [InlineData(422)]
    public void A_change_that_nobody_has_asked_for_is_made_again(int code)
    {
        Start("late-offer=false");
        alice.Invite(Number, sdp: "");
        trunk.Expect("INVITE");
        trunk.Accepts(said.Next(trunk, [.. TrunksAudio, "a=inactive"]));
        alice.TakesOffer(said.Next(alice, AlicesAudio));
        Assert.Contains("m=audio 4000", trunk.Expect("INVITE").Body, StringComparison.Ordinal);
        Refuse(code);
        Assert.Contains("m=audio 4000", trunk.Expect("INVITE").Body, StringComparison.Ordinal);
        trunk.Accepts(said.Next(trunk, TrunksAudio));
        alice.ExpectNothing();
        End();
    }

    [Fact]
    public void An_UPDATE_leaves_room_for_the_next_change()
    {
        Start();
        trunk.Allow = TestCalls.WithUpdate;
        Connect();
        alice.Ask("UPDATE", said.Audio(alice, "sendonly"));
        string offer = trunk.Expect("UPDATE").Body;
        Challenge();
        TestMessage again = trunk.Expect("UPDATE");
        Assert.Equal(offer, again.Body);
        TrunkSite.ExpectCredentials(again, "Proxy-Authorization", "acc7", "provider.example", "pass7");
        trunk.Reply(200, said.Audio(trunk, "recvonly"));
        alice.Expect(200, "UPDATE");
        End();
    }

    [Fact]
    public void RFC_3262_7_2_a_PRACK_names_the_INVITE_that_has_answered_the_challenge_and_answers_one_itself()
    {
        Start();
        TestMessage invite = Ring("");
        TestMessage prack = trunk.Expect("PRACK");
        Assert.Equal($"7 {invite.CSeq} INVITE", prack.Header("RAck"));
        TrunkSite.ExpectCredentials(prack, "Proxy-Authorization", "acc7", "provider.example", "pass7");
        Challenge("n2");
        TestMessage again = trunk.Expect("PRACK");
        Assert.Equal(prack.Header("RAck"), again.Header("RAck"));
        Assert.Equal("n2", TrunkSite.ExpectCredentials(again, "Proxy-Authorization", "acc7", "provider.example", "pass7"));
        trunk.Reply(200);
        alice.Expect(183);
        Answer(invite);
    }

    [Fact]
    public void An_offer_in_a_PRACK_is_made_again()
    {
        Start();
        TestMessage invite = Ring("Supported: 100rel");
        alice.Prack(alice.Expect(183), said.Audio(alice, "sendonly"));
        TestMessage prack = trunk.Expect("PRACK");
        Challenge("n2");
        TestMessage again = trunk.Expect("PRACK");
        Assert.Equal(($"7 {invite.CSeq} INVITE", prack.Body), (again.Header("RAck"), again.Body));
        string answer = said.Audio(trunk, "recvonly");
        trunk.Reply(200, answer);
        Assert.Equal(answer, alice.Expect(200, "PRACK").Body);
        Answer(invite);
    }

    // The trunk asks who calls, and rings reliably.
    private TestMessage Ring(string headers)
    {
        alice.Invite(Number, said.Next(alice, AlicesAudio), headers);
        Assert.Equal(1, trunk.Expect("INVITE").CSeq);
        Refuse(407);
        TestMessage invite = trunk.Expect("INVITE");
        Assert.Equal(2, invite.CSeq);
        trunk.Reply(183, said.Next(trunk, TrunksAudio), "Require: 100rel\nRSeq: 7");
        alice.Expect(100);
        return invite;
    }

    private void Answer(TestMessage invite)
    {
        trunk.Reply(invite, 200);
        Assert.Equal(invite.Header("Proxy-Authorization"), trunk.Expect("ACK").Header("Proxy-Authorization")); // RFC 3261 22.1
        alice.Expect(200, "INVITE");
        alice.Ack();
        End();
    }

    private void Start(string profile = "100rel=true")
    {
        File.WriteAllText(file, $"[old]\ndomain=provider.example\n{profile}");
        site = new TrunkSite(TrunkSite.Provider, TrunkSite.AllNumbers, configuration: $"[b2bua]\npeer-profiles={file}");
        trunk = site.AddServer("203.0.113.9:5060");
        site.Server.Settle();
        alice = site.Server.AddPhone("alice");
    }

    private void Connect()
    {
        alice.Invite(Number, said.Next(alice, AlicesAudio));
        trunk.Expect("INVITE");
        trunk.Reply(200, said.Next(trunk, TrunksAudio), "Allow: INVITE, ACK, BYE, CANCEL, UPDATE");
        trunk.Expect("ACK");
        alice.TakesAnswer();
    }

    private void Challenge(string nonce = "n1") =>
        trunk.Reply(407, headers: $"Proxy-Authenticate: Digest realm=\"provider.example\", nonce=\"{nonce}\", stale={(nonce == "n1" ? "false" : "true")}, qop=\"auth\", algorithm=MD5");

    private void Refuse(int code)
    {
        if (code == 407)
        {
            Challenge();
        }
        else
        {
            trunk.Reply(code, headers: "Min-SE: 7000");
        }

        trunk.Expect("ACK");
    }

    // Both sides may change the session, whatever was before.
    private void End()
    {
        site!.Server.Change(alice, trunk, said.Audio(alice), said.Audio(trunk));
        site.Server.Change(trunk, alice, said.Audio(trunk, "sendonly"), said.Audio(alice, "recvonly"));
        trunk.HasOneSessionInEachDialog();
        site.Server.End(alice, trunk);
    }
}

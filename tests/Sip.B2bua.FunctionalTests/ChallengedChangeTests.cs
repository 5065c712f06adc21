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

    private void Challenge() => trunk.Reply(407, headers: "Proxy-Authenticate: Digest realm=\"provider.example\", nonce=\"n1\", qop=\"auth\", algorithm=MD5");

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

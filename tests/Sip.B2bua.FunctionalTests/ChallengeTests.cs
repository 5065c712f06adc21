namespace Sip.B2bua.FunctionalTests;

/// <summary>Challenges of those who are called (401, 407).</summary>
public sealed class ChallengeTests : InMemoryTests
{
    private const string Foreign = "sip:x@192.0.2.77";

    [Fact]
    public void By_default_a_foreign_challenge_is_a_refusal()
    {
        (TestPhone alice, TestPhone foreign) = Call("refuse", "other.example");
        TestMessage refused = alice.Await(403);
        Assert.False(refused.Has("Proxy-Authenticate"));
        foreign.ExpectNothing();
        Server.ExpectNothingLeft();
    }

    [Fact]
    public void With_challenges_pass_the_caller_is_asked_and_its_answer_goes_there_without_its_own_credentials()
    {
        (TestPhone alice, TestPhone foreign) = Call("pass", "other.example");
        Assert.Contains("other.example", alice.Await(407).Header("Proxy-Authenticate"));
        string own = Own(alice, "Proxy-Authorization: Digest username=\"a\", realm=\"other.example\", nonce=\"abc\", uri=\"" + Foreign + "\", response=\"00000000000000000000000000000000\"");
        Assert.Contains("realm=\"example.org\"", own);
        TestMessage invite = foreign.Expect("INVITE");
        Assert.Contains("other.example", Assert.Single(invite.Headers("Proxy-Authorization")));
        Assert.False(invite.Has("Authorization"));
        foreign.Reply(404);
        foreign.Expect("ACK");
        alice.Await(404);
        Server.ExpectNothingLeft();
    }

    [Theory]
    [InlineData("example.org")]
    [InlineData("EXAMPLE.org")]
    [InlineData("exampl\\e.org")]
    public void A_challenge_for_our_own_realm_never_crosses(string realm)
    {
        (TestPhone alice, _) = Call("pass", realm);
        Assert.False(alice.Await(403).Has("Proxy-Authenticate"));
        Server.ExpectNothingLeft();
    }

    [Fact]
    public void A_phone_of_ours_challenges_nobody()
    {
        Start("[b2bua]\nchallenges=pass");
        (TestPhone alice, TestPhone bob) = Server.AddPair();
        alice.Invite(TestCalls.Bob, headers: "Authorization: Digest username=\"a\", realm=\"other.example\", nonce=\"abc\", uri=\"sip:x\", response=\"0\"");
        Assert.False(bob.Expect("INVITE").Has("Authorization"));
        bob.Reply(401, headers: "WWW-Authenticate: Digest realm=\"other.example\", nonce=\"abc\"");
        bob.Expect("ACK");
        alice.Await(403);
        Server.ExpectNothingLeft();
    }

    // Alice, who is known, calls a foreign server, which challenges her.
    private (TestPhone Alice, TestPhone Foreign) Call(string policy, string realm)
    {
        Start($"[b2bua]\nchallenges={policy}\n[module::Authentication]\nenabled=true");
        TestPhone foreign = Server.AddPhoneAt("192.0.2.77:5060", "x");
        TestPhone alice = Server.AddPhone("alice");
        Own(alice, "");
        Assert.False(foreign.Expect("INVITE").Has("Proxy-Authorization"));
        foreign.Reply(407, headers: $"Proxy-Authenticate: Digest realm=\"{realm}\", nonce=\"abc\", algorithm=MD5");
        foreign.Expect("ACK");
        return (alice, foreign);
    }

    // An INVITE with credentials for our own server.
    private static string Own(TestPhone alice, string headers)
    {
        alice.Invite(Foreign);
        TestMessage challenge = alice.Expect(407);
        string own = TestDigest.Authorization(challenge, "INVITE", Foreign, "alice", "alice-secret");
        alice.Invite(Foreign, headers: headers.Length > 0 ? own.TrimEnd() + "\r\n" + headers : own);
        return own;
    }
}

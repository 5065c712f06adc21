namespace Sip.B2bua.FunctionalTests;

public sealed class TrunkTests : IDisposable
{
    private const string Number = "sip:+4930555@example.org";
    private const string Challenge = "Digest realm=\"provider.example\", nonce=\"n1\", qop=\"auth\", algorithm=MD5";

    private TrunkSite? site;

    public void Dispose() => site?.Dispose();

    [Fact]
    public void A_call_to_a_number_goes_to_the_trunk_under_its_account()
    {
        (TestPhone alice, TestPhone provider) = Start();
        alice.Invite(Number);
        TestMessage invite = provider.Expect("INVITE");
        Assert.Equal("sip:+4930555@provider.example", invite.RequestUri);
        Assert.Equal("<sip:203.0.113.9;lr>", invite.Header("Route"));
        Assert.StartsWith("<sip:49301000@provider.example>", invite.Header("From"), StringComparison.Ordinal);
        Assert.Equal("<sip:+4930555@provider.example>", invite.Header("To"));
        Assert.False(invite.Has("P-Asserted-Identity"));
        Answer(alice, provider);
        site!.Server.HangUp(alice, provider);
        Assert.Equal(0, site.Server.Calls);
    }

    [Fact]
    public void A_server_that_is_called_as_the_account_s_domain_needs_no_route()
    {
        (TestPhone alice, TestPhone provider) = Start(TrunkSite.Provider.Replace("domain=provider.example", "domain=203.0.113.9", StringComparison.Ordinal));
        alice.Invite(Number);
        TestMessage invite = provider.Expect("INVITE");
        Assert.Equal("sip:+4930555@203.0.113.9", invite.RequestUri);
        Assert.False(invite.Has("Route"));
    }

    [Fact]
    public void Rfc3261_22_2_A_challenge_of_the_trunk_is_answered_with_its_account()
    {
        (TestPhone alice, TestPhone provider) = Start();
        alice.Invite(Number);
        TestMessage first = provider.Expect("INVITE");
        provider.Reply(407, headers: $"Proxy-Authenticate: {Challenge}");
        provider.Expect("ACK");
        TestMessage second = provider.Expect("INVITE");
        Assert.Equal("n1", TrunkSite.ExpectCredentials(second, "Proxy-Authorization", "acc7", "provider.example", "pass7"));

        // 8.1.3.5: the same Call-ID, From and To, and a higher CSeq.
        Assert.Equal((first.CallId, first.FromTag, first.CSeq + 1), (second.CallId, second.FromTag, second.CSeq));
        provider.Reply(200, TestSdp.Audio(5000));

        // 22.1: the ACK has the credentials of the INVITE.
        Assert.Equal(second.Header("Proxy-Authorization"), provider.Expect("ACK").Header("Proxy-Authorization"));
        alice.Expect(100);
        alice.Expect(200);
        alice.Ack();
        site!.Server.Settle();
        alice.Bye();
        TrunkSite.ExpectCredentials(provider.Expect("BYE"), "Proxy-Authorization", "acc7", "provider.example", "pass7");
        provider.Reply(200);
        alice.Expect(200, "BYE");
    }

    [Fact]
    public void A_challenge_of_another_realm_gets_no_credentials()
    {
        (TestPhone alice, TestPhone provider) = Start();
        alice.Invite(Number);
        provider.Expect("INVITE");
        provider.Reply(401, headers: "WWW-Authenticate: Digest realm=\"evil.example\", nonce=\"n1\", qop=\"auth\"");
        provider.Expect("ACK");
        provider.ExpectNothing();
        alice.Expect(100);
        alice.Expect(403);
        Assert.Contains(site!.Server.Log, line => line.Contains("its realm is not provider.example", StringComparison.Ordinal));
    }

    [Fact]
    public void Rfc3261_22_2_Credentials_that_were_refused_are_not_sent_again()
    {
        (TestPhone alice, TestPhone provider) = Start();
        alice.Invite(Number);
        for (int i = 0; i < 2; i++)
        {
            provider.Expect("INVITE");
            provider.Reply(401, headers: $"WWW-Authenticate: {Challenge}");
            provider.Expect("ACK");
        }

        provider.ExpectNothing();
        alice.Expect(100);
        alice.Expect(403);
    }

    [Theory]
    [InlineData(401, "WWW-Authenticate", "Authorization")]
    [InlineData(407, "Proxy-Authenticate", "Proxy-Authorization")]
    public void Rfc7616_3_3_A_stale_nonce_is_replaced_by_the_new_one(int code, string asked, string answer)
    {
        (TestPhone alice, TestPhone provider) = Start();
        alice.Invite(Number);
        provider.Expect("INVITE");
        provider.Reply(code, headers: $"{asked}: {Challenge}");
        provider.Expect("ACK");
        provider.Expect("INVITE");
        provider.Reply(code, headers: $"{asked}: " + Challenge.Replace("n1", "n2", StringComparison.Ordinal) + ", stale=true");
        provider.Expect("ACK");
        TestMessage third = provider.Expect("INVITE");
        Assert.Equal("n2", TrunkSite.ExpectCredentials(third, answer, "acc7", "provider.example", "pass7"));
        Assert.Single(third.Headers(answer));
        Answer(alice, provider);
        site!.Server.HangUp(alice, provider);
    }

    [Fact]
    public void RFC_8760_2_4_Of_the_challenges_of_a_realm_the_best_is_answered_and_no_more_than_four_realms()
    {
        (TestPhone alice, TestPhone provider) = Start(TrunkSite.Provider.Replace("realm=provider.example", "realm=*", StringComparison.Ordinal));
        alice.AskOutside("MESSAGE", Number, "x");
        provider.Expect("MESSAGE");
        string[] challenges = ["realm=\"r1\", nonce=\"a\", algorithm=MD5", "realm=\"r2\", nonce=\"b\", algorithm=SHA-256", "realm=\"r1\", nonce=\"c\", algorithm=SHA-256",
            "realm=\"r1\", nonce=\"d\", algorithm=SHA-256", "realm=\"r3\", nonce=\"e\", algorithm=TEST", "realm=\"r4\", nonce=\"f\"", "realm=\"r5\", nonce=\"g\"",
            "realm=\"r6\", nonce=\"h\"", "realm=\"r7\", nonce=\"i\""];
        provider.Reply(407, headers: string.Join("\r\n", challenges.Select(challenge => "Proxy-Authenticate: Digest " + challenge)));
        IEnumerable<string> answers = provider.Expect("MESSAGE").Headers("Proxy-Authorization");
        Assert.Equal(
            ["r1 c SHA-256", "r2 b SHA-256", "r4 f MD5", "r5 g MD5"],
            answers.Select(answer => $"{Value(answer, "realm=\"")} {Value(answer, "nonce=\"")} {Value(answer, "algorithm=")}"));
        provider.Reply(200);
        alice.Expect(200);

        static string Value(string answer, string name) => answer[(answer.IndexOf(name, StringComparison.Ordinal) + name.Length)..].Split('"', ',')[0];
    }

    [Fact]
    public void A_phone_of_ours_never_gets_the_credentials_of_a_trunk()
    {
        (TestPhone alice, _) = Start();
        TestPhone bob = site!.Server.AddPhone("bob", registered: true);
        alice.Invite(TestCalls.Bob);
        bob.Expect("INVITE");
        bob.Reply(407, headers: $"Proxy-Authenticate: {Challenge}");
        bob.Expect("ACK");
        bob.ExpectNothing();
        alice.Expect(100);
        alice.Expect(403);
    }

    [Fact]
    public void A_silent_server_is_left_for_the_next_one()
    {
        (TestPhone alice, TestPhone first) = Start(TrunkSite.Provider.Replace("203.0.113.9", "203.0.113.9 sip:203.0.113.10", StringComparison.Ordinal));
        TestPhone second = site!.AddServer("203.0.113.10:5060", "second");
        alice.Invite(Number);
        first.Expect("INVITE");
        alice.Expect(100);
        site.Server.Advance(4.1);
        Assert.Equal("<sip:203.0.113.10;lr>", second.Expect("INVITE").Header("Route"));
        second.Reply(200, TestSdp.Audio(5000));
        second.Expect("ACK");
        alice.Expect(200);
        alice.Ack();
        site.Server.HangUp(alice, second);
    }

    [Theory]
    [InlineData(503)]
    [InlineData(500)]
    [InlineData(408)]
    public void A_server_that_cannot_is_left_for_the_next_one(int code)
    {
        (TestPhone alice, TestPhone second) = StartWithFirstServerThatSays(code);
        second.Expect("INVITE");
        Answer(alice, second);
        site!.Server.HangUp(alice, second);
    }

    [Theory]
    [InlineData(404)]
    [InlineData(486)]
    [InlineData(603)]
    public void What_the_called_party_says_ends_the_call(int code)
    {
        (TestPhone alice, TestPhone second) = StartWithFirstServerThatSays(code);
        second.ExpectNothing();
        alice.Expect(100);
        alice.Expect(code);
    }

    [Fact]
    public void A_server_that_rings_is_not_left()
    {
        (TestPhone alice, TestPhone first) = Start(TrunkSite.Provider.Replace("203.0.113.9", "203.0.113.9 sip:203.0.113.10", StringComparison.Ordinal));
        TestPhone second = site!.AddServer("203.0.113.10:5060", "second");
        alice.Invite(Number);
        first.Expect("INVITE");
        first.Reply(180);
        alice.Expect(100);
        alice.Expect(180);
        site.Server.Advance(40);
        second.ExpectNothing();
        alice.Cancel();
        first.Expect("CANCEL");
        first.Reply(200);
    }

    [Fact]
    public void A_server_that_does_not_answer_OPTIONS_gets_no_calls_until_it_does()
    {
        (TestPhone alice, TestPhone first) = Start(TrunkSite.Provider
            .Replace("203.0.113.9", "203.0.113.9 sip:203.0.113.10", StringComparison.Ordinal).Replace("keep-alive=0", "keep-alive=20", StringComparison.Ordinal), prepare: false);
        TestPhone second = site!.AddServer("203.0.113.10:5060", "second");
        bool answers = false;
        first.OnMessage = message => message.Method == "OPTIONS" && AnswerOptions(first, message, answers);
        second.OnMessage = message => message.Method == "OPTIONS" && AnswerOptions(second, message, true);
        site.Server.Advance(60);
        alice.Invite(Number);
        first.ExpectNothing();
        second.Expect("INVITE");
        Answer(alice, second);
        site.Server.HangUp(alice, second);
        answers = true;
        site.Server.Advance(60);
        alice.Invite(Number);
        first.Expect("INVITE");
        Answer(alice, first);
        site.Server.HangUp(alice, first);
    }

    [Fact]
    public void No_more_calls_than_the_trunk_may_have()
    {
        (TestPhone alice, TestPhone provider) = Start(TrunkSite.Provider + "\nmax-calls=1");
        TestPhone carol = site!.Server.AddPhone("carol");
        alice.Invite(Number);
        provider.Expect("INVITE");
        Answer(alice, provider);
        carol.Invite(Number);
        Assert.Equal("No trunk is available", carol.Expect(503).Reason);
        site.Server.HangUp(alice, provider);
        carol.Invite(Number);
        provider.Expect("INVITE");
        Answer(carol, provider);
        site.Server.HangUp(carol, provider);
    }

    [Fact]
    public void Rfc3325_5_Only_a_trusted_trunk_is_told_who_calls()
    {
        (_, TestPhone provider) = Start(TrunkSite.Provider + "\ntrusted=true\ncaller-id=caller", trustedHosts: "");
        TestPhone alice = site!.Server.AddPhone("alice");
        alice.Invite(Number);
        TestMessage challenge = alice.Expect(407);
        alice.Invite(Number, headers: TestDigest.Authorization(challenge, "INVITE", Number, "alice", "alice-secret"));
        TestMessage invite = provider.Expect("INVITE");
        Assert.StartsWith("<sip:alice@provider.example>", invite.Header("From"), StringComparison.Ordinal);
        Assert.Equal("<sip:alice@provider.example>", invite.Header("P-Asserted-Identity"));
        Answer(alice, provider);
        site.Server.HangUp(alice, provider);
    }

    [Fact]
    public void Rfc3323_4_2_Who_wants_privacy_stays_anonymous_to_the_trunk()
    {
        (TestPhone alice, TestPhone provider) = Start();
        alice.Invite(Number, headers: "Privacy: id");
        Assert.StartsWith("\"Anonymous\" <sip:anonymous@anonymous.invalid>", provider.Expect("INVITE").Header("From"), StringComparison.Ordinal);
        Answer(alice, provider);
        site!.Server.HangUp(alice, provider);
    }

    [Fact]
    public void A_stranger_gets_nowhere()
    {
        (_, TestPhone provider) = Start(trustedHosts: "");
        TestPhone mallory = site!.Server.AddPhoneAt("192.0.2.200:5060", "mallory");
        mallory.Invite(Number);
        mallory.Expect(407);
        provider.ExpectNothing();
    }

    // Alice has called, the first of two servers has refused, and the second one is what comes back.
    private (TestPhone Alice, TestPhone Second) StartWithFirstServerThatSays(int code)
    {
        (TestPhone alice, TestPhone first) = Start(TrunkSite.Provider.Replace("203.0.113.9", "203.0.113.9 sip:203.0.113.10", StringComparison.Ordinal));
        TestPhone second = site!.AddServer("203.0.113.10:5060", "second");
        alice.Invite(Number);
        first.Expect("INVITE");
        first.Refuses(code);
        return (alice, second);
    }

    // Alice is known by her address; the provider says nothing yet.
    private (TestPhone Alice, TestPhone Provider) Start(string trunks = TrunkSite.Provider, string trustedHosts = "198.51.100.0/24", bool prepare = true)
    {
        site = new TrunkSite(trunks, TrunkSite.AllNumbers, trustedHosts);
        TestPhone provider = site.AddServer("203.0.113.9:5060");
        if (prepare)
        {
            site.Server.Settle();
        }

        return (site.Server.AddPhone("alice"), provider);
    }

    private void Answer(TestPhone caller, TestPhone callee)
    {
        callee.Reply(200, TestSdp.Audio(5000));
        callee.Expect("ACK");
        caller.Expect(100);
        caller.Expect(200);
        caller.Ack();
        site!.Server.Settle();
    }

    private static bool AnswerOptions(TestPhone server, TestMessage options, bool answers)
    {
        if (answers)
        {
            server.Reply(options, 200);
        }

        return true;
    }
}

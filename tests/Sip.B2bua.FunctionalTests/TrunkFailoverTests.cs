namespace Sip.B2bua.FunctionalTests;

/// <summary>What becomes of a call when a trunk cannot take it, or asks who calls more than once.</summary>
public sealed class TrunkFailoverTests : IDisposable
{
    private const string Number = "sip:+4930555@example.org";
    private const string One = "[one]\nuri=sip:203.0.113.9\nuser=1\nkeep-alive=0\n";
    private const string Two = "[two]\nuri=sip:203.0.113.10\nuser=2\nkeep-alive=0\n";

    private TrunkSite? site;

    public void Dispose() => site?.Dispose();

    [Theory]
    [InlineData(503)]
    [InlineData(0)] // silence
    public void A_trunk_that_cannot_is_left_for_the_next_trunk_of_the_route(int code)
    {
        (TestPhone alice, TestPhone one, TestPhone two) = Start();
        alice.Invite(Number);
        Fail(one, code);
        TestMessage invite = two.Expect("INVITE");
        Assert.StartsWith("<sip:2@203.0.113.10>", invite.Header("From"), StringComparison.Ordinal);
        two.Reply(200, TestSdp.Audio(5000));
        two.Expect("ACK");
        alice.Expect(100);
        alice.Expect(200);
        alice.Ack();
        site!.Server.Settle();
        site.Server.HangUp(alice, two);
        Assert.Equal(0, site.Server.Calls);
    }

    [Fact]
    public void When_no_trunk_can_the_caller_is_told_what_the_best_of_them_said()
    {
        (TestPhone alice, TestPhone one, TestPhone two) = Start();
        alice.Invite(Number);
        Fail(one, 503);
        two.Expect("INVITE");
        two.Reply(500);
        two.Expect("ACK");
        alice.Expect(100);
        alice.Expect(500);
    }

    [Theory]
    [InlineData(200, true)]
    [InlineData(404, true)] // whoever answers is there
    [InlineData(503, false)]
    [InlineData(0, false)]
    public void Keep_alive_OPTIONS_decide_whether_a_trunk_gets_calls(int answer, bool gets)
    {
        site = new TrunkSite(One.Replace("keep-alive=0", "keep-alive=20", StringComparison.Ordinal), "<trunk:one> *");
        TestPhone alice = site.Server.AddPhone("alice");
        TestPhone one = site.AddServer("203.0.113.9:5060");
        int code = answer;
        one.OnMessage = message => message.Method == "OPTIONS" && Answer(message);
        site.Server.Advance(60);
        ExpectCall(gets);
        if (!gets)
        {
            Assert.Contains(site.Server.Log, line => line.Contains("trunk one: sip:203.0.113.9 is down", StringComparison.Ordinal));
            code = 200;
            site.Server.Advance(60);
            ExpectCall(true);
            Assert.Contains(site.Server.Log, line => line.Contains("trunk one: sip:203.0.113.9 is up", StringComparison.Ordinal));
        }

        bool Answer(TestMessage options)
        {
            if (code > 0)
            {
                one.Reply(options, code);
            }

            return true;
        }

        void ExpectCall(bool goes)
        {
            alice.Invite(Number);
            if (!goes)
            {
                Assert.True(alice.Expect(503).Has("Retry-After"));
                return;
            }

            one.Expect("INVITE");
            one.Reply(486);
            one.Expect("ACK");
            alice.Expect(100);
            alice.Expect(486);
        }
    }

    [Fact]
    public void Rfc3261_22_3_Each_realm_on_the_way_gets_credentials_of_its_own()
    {
        (TestPhone alice, TestPhone provider) = StartWithAccount("realm=*");
        alice.Invite(Number);
        provider.Expect("INVITE");
        provider.Reply(407, headers: "Proxy-Authenticate: Digest realm=\"edge\", nonce=\"e1\", qop=\"auth\"");
        provider.Expect("ACK");
        TrunkSite.ExpectCredentials(provider.Expect("INVITE"), "Proxy-Authorization", "acc7", "edge", "pass7");
        provider.Reply(401, headers: "WWW-Authenticate: Digest realm=\"core\", nonce=\"c1\", qop=\"auth\"");
        provider.Expect("ACK");
        TestMessage third = provider.Expect("INVITE");
        Assert.Equal("e1", TrunkSite.ExpectCredentials(third, "Proxy-Authorization", "acc7", "edge", "pass7"));
        Assert.Equal("c1", TrunkSite.ExpectCredentials(third, "Authorization", "acc7", "core", "pass7"));
        provider.Reply(200, TestSdp.Audio(5000));
        TestMessage ack = provider.Expect("ACK");
        Assert.Equal(
            (third.Header("Authorization"), third.Header("Proxy-Authorization")), (ack.Header("Authorization"), ack.Header("Proxy-Authorization")));
        alice.Expect(100);
        alice.Expect(200);
        alice.Ack();
        site!.Server.Settle();
        site.Server.HangUp(alice, provider);
    }

    [Fact]
    public void Rfc3261_22_3_Two_realms_in_one_challenge_are_both_answered()
    {
        (TestPhone alice, TestPhone provider) = StartWithAccount("realm=*");
        alice.Invite(Number);
        provider.Expect("INVITE");
        provider.Reply(407, headers: "Proxy-Authenticate: Digest realm=\"one\", nonce=\"n1\", qop=\"auth\"\r\n"
            + "Proxy-Authenticate: Digest realm=\"two\", nonce=\"n2\", qop=\"auth\"\r\nProxy-Authenticate: Digest realm=\"one\", nonce=\"n3\", qop=\"auth\", algorithm=SHA-256");
        provider.Expect("ACK");
        string all = string.Join('\n', provider.Expect("INVITE").Headers("Proxy-Authorization"));
        Assert.Equal(2, all.Split('\n').Length);
        Assert.Contains("realm=\"one\", nonce=\"n3\"", all, StringComparison.Ordinal); // RFC 8760 2.4: the better of the two
        Assert.Contains("realm=\"two\", nonce=\"n2\"", all, StringComparison.Ordinal);
        provider.Reply(486);
        provider.Expect("ACK");
        alice.Expect(100);
        alice.Expect(486);
    }

    [Fact]
    public void A_second_realm_that_the_account_is_not_for_gets_nothing()
    {
        (TestPhone alice, TestPhone provider) = StartWithAccount("realm=edge");
        alice.Invite(Number);
        provider.Expect("INVITE");
        provider.Reply(407, headers: "Proxy-Authenticate: Digest realm=\"edge\", nonce=\"e1\", qop=\"auth\"");
        provider.Expect("ACK");
        provider.Expect("INVITE");
        provider.Reply(401, headers: "WWW-Authenticate: Digest realm=\"evil\", nonce=\"c1\", qop=\"auth\"");
        provider.Expect("ACK");
        provider.ExpectNothing();
        alice.Expect(100);
        alice.Expect(403);
    }

    private (TestPhone Alice, TestPhone One, TestPhone Two) Start()
    {
        site = new TrunkSite(One + Two, "<trunk:one> <trunk:two> request.uri.user regexp '[0-9+]+'");
        return (site.Server.AddPhone("alice"), site.AddServer("203.0.113.9:5060", "one"), site.AddServer("203.0.113.10:5060", "two"));
    }

    private (TestPhone Alice, TestPhone Provider) StartWithAccount(string realm)
    {
        site = new TrunkSite(TrunkSite.Provider.Replace("realm=provider.example", realm, StringComparison.Ordinal), TrunkSite.AllNumbers);
        return (site.Server.AddPhone("alice"), site.AddServer("203.0.113.9:5060"));
    }

    private void Fail(TestPhone trunk, int code)
    {
        trunk.Expect("INVITE");
        if (code > 0)
        {
            trunk.Reply(code);
            trunk.Expect("ACK");
            return;
        }

        site!.Server.Advance(4.1);
        trunk.Skip();
    }
}

namespace Sip.B2bua.FunctionalTests;

public sealed class TrunkIncomingTests : IDisposable
{
    private TrunkSite? site;

    public void Dispose() => site?.Dispose();

    [Theory]
    [InlineData("sip:+4930111@192.0.2.1", "alice")] // numbers
    [InlineData("sip:bob@192.0.2.1", "bob")] // local-domain
    [InlineData("sip:49301000@192.0.2.1", "carol")] // default-user
    public void A_call_of_a_trunk_rings_the_user_it_is_for(string uri, string user)
    {
        TestPhone provider = Start("\nnumbers=+4930111:alice@example.org\nlocal-domain=example.org\ndefault-user=carol@example.org");
        TestPhone phone = site!.Server.AddPhone(user, registered: true);
        provider.Invite(uri);
        TestMessage invite = phone.Expect("INVITE");
        Assert.Equal(phone.ContactUri, invite.RequestUri);
        phone.Reply(200, TestSdp.Audio(5000));
        phone.Expect("ACK");
        provider.Expect(100);
        provider.Expect(200);
        provider.Ack();
        site.Server.HangUp(provider, phone);
        Assert.Equal(0, site.Server.Calls);
    }

    [Fact]
    public void A_call_of_a_trunk_to_phones_behind_the_same_proxies_names_the_user()
    {
        TestPhone provider = Start("\nnumbers=+4930111:bob@example.org", "[module::Router]\nallow-target-factorization=true");
        TestPhone proxy = site!.Server.AddPhoneAt("198.51.100.20:5060", "bob");
        foreach (string uri in new[] { "sip:bob@10.0.0.1:5060", "sip:bob@10.0.0.2:5060" })
        {
            proxy.SendRegister(headers: "Supported: path\r\nPath: <sip:198.51.100.20;lr>, <sip:198.51.100.21;lr>", contact: $"<{uri}>");
            proxy.Expect(200);
        }

        provider.Invite("sip:+4930111@192.0.2.1");
        Assert.Equal("sip:bob@example.org", proxy.Expect("INVITE").RequestUri);
        proxy.Skip();
    }

    [Fact]
    public void A_number_that_is_nobodys_gets_404_without_a_default_user()
    {
        TestPhone provider = Start("");
        provider.Invite("sip:+4930999@192.0.2.1");
        provider.Expect(404);
    }

    [Fact]
    public void A_call_of_a_trunk_never_goes_to_a_trunk()
    {
        TestPhone provider = Start("\nlocal-domain=example.org");
        provider.Invite("sip:+4930555@example.org");
        provider.Expect(404);
        provider.ExpectNothing();
    }

    [Theory]
    [InlineData("203.0.113.9", "203.0.113.9", true)]
    [InlineData("203.0.113.0/24", "203.0.113.77", true)]
    [InlineData("203.0.113.0/30", "203.0.113.77", false)]
    [InlineData("203.0.113.9 2001:db8:1::9", "[2001:db8:1::9]", true)]
    [InlineData("2001:db8:1::/48", "[2001:db8:1:2::3]", true)]
    [InlineData("[2001:db8:1::9]", "[2001:db8:1::a]", false)]
    public void A_call_is_the_trunk_s_where_its_address_is_in_accept_from(string accepted, string source, bool isTrunk)
    {
        Start($"\naccept-from={accepted}\ndefault-user=bob@example.org");
        TestPhone bob = site!.Server.AddPhone("bob", registered: true);
        TestPhone caller = site.AddServer(source + ":5062", "caller");
        caller.From = "<sip:+49301000@provider.example>"; // whatever it says of itself
        caller.Invite("sip:+4930111@192.0.2.1");
        if (!isTrunk)
        {
            Assert.Equal("Domain forbidden", caller.Expect(403).Reason);
            bob.ExpectNothing();
            return;
        }

        bob.Expect("INVITE");
        bob.Reply(486);
        bob.Expect("ACK");
        caller.Expect(100);
        caller.Expect(486);
    }

    [Fact]
    public void Another_address_is_not_the_trunk()
    {
        Start("\ndefault-user=carol@example.org");
        TestPhone other = site!.AddServer("203.0.113.77:5060", "other");
        other.Invite("sip:+4930555@192.0.2.1");
        other.Expect(407);
    }

    [Fact]
    public void A_trunk_that_moves_about_proves_itself_by_digest()
    {
        Start("\naccept-from=203.0.113.99\nidentity=dave@example.org\ndefault-user=alice@example.org");
        TestPhone alice = site!.Server.AddPhone("alice", registered: true);
        TestPhone pbx = site.AddServer("203.0.113.50:5060", "dave");
        pbx.Invite("sip:+4930111@192.0.2.1");
        TestMessage challenge = pbx.Expect(407);
        pbx.Invite("sip:+4930111@192.0.2.1", headers: TestDigest.Authorization(challenge, "INVITE", "sip:+4930111@192.0.2.1", "dave", "dave-secret"));
        alice.Expect("INVITE");
        alice.Reply(486);
        alice.Expect("ACK");
        pbx.Expect(100);
        pbx.Expect(486);
    }

    [Fact]
    public void No_more_calls_come_in_than_the_trunk_may_have()
    {
        TestPhone provider = Start("\nmax-calls=1\ndefault-user=bob@example.org");
        TestPhone bob = site!.Server.AddPhone("bob", registered: true);
        provider.Invite("sip:+4930111@192.0.2.1");
        bob.Expect("INVITE");
        bob.Reply(180);
        provider.Expect(100);
        provider.Expect(180);
        TestDialog first = provider.Dialog;
        provider.Invite("sip:+4930111@192.0.2.1");
        provider.Expect(503);
        provider.Dialog = first;
        provider.Cancel();
        provider.Expect(200, "CANCEL");
        provider.Expect(487);
        bob.Expect("CANCEL");
        bob.Reply(200);
    }

    private TestPhone Start(string more, string configuration = "")
    {
        site = new TrunkSite(TrunkSite.Provider + more, TrunkSite.AllNumbers, configuration: configuration);
        return site.AddServer("203.0.113.9:5060");
    }
}

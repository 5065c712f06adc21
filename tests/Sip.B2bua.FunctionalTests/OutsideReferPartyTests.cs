namespace Sip.B2bua.FunctionalTests;

/// <summary>
/// Who may transfer a call by a REFER outside of it (RFC 4538 4): where it is known who the party is, that user and nobody else; where it is
/// not, who knows the ids of the dialog. And what the call knows nothing of: that REFER's own way and its own session.
/// </summary>
public sealed class OutsideReferPartyTests : InMemoryTests
{
    private const string Nobody = "sip:nobody@example.org";

    [Theory]
    [InlineData("carol", 202)]
    [InlineData("bob", 403)]
    public void Who_has_picked_up_the_call_transfers_it(string user, int code)
    {
        Start("[module::Authentication]\nenabled=true\ntrusted-hosts=198.51.100.1");
        (TestPhone alice, TestPhone bob) = Server.AddPair(); // Alice's address is trusted
        TestPhone carol = Server.AddPhone("carol");
        Server.Ring(alice, bob);
        carol.InviteAsked(TestCalls.Bob, "Replaces: " + bob.Dialog.Replaces() + "\r\n");
        bob.IsCancelled();
        alice.Expect(200);
        alice.Ack();
        carol.TakesAnswer();
        TransfersOrNot(user == "carol" ? carol : bob, code, carol);
        Server.End(carol, alice);
    }

    [Theory]
    [InlineData("carol", 202)]
    [InlineData("dave", 403)]
    public void Who_was_given_by_another_call_transfers_its_new_one(string user, int code)
    {
        Start("[module::Authentication]\nenabled=true\ntrusted-hosts=198.51.100.1");
        (TestPhone alice, TestPhone bob) = Server.AddPair();
        TestPhone carol = Server.AddPhone("carol", registered: true);
        TestPhone dave = Server.AddPhone("dave", registered: true);
        Server.Call(alice, bob);
        TestDialog first = bob.Dialog;
        carol.InviteAsked(TestCalls.Bob);
        bob.Expect("INVITE");
        bob.Accepts();
        carol.TakesAnswer();
        TestDialog second = bob.Dialog;
        bob.Dialog = first;
        bob.Refers($"<sip:carol@example.org?Replaces={Uri.EscapeDataString(second.Replaces())}>");
        bob.IsReplacedBy(carol, alice, first);
        TransfersOrNot(user == "carol" ? carol : dave, code, carol);
        Server.End(carol, alice);
    }

    [Fact]
    public void A_phone_that_was_called_by_a_stranger_transfers_the_call()
    {
        Start("[module::Authentication]\nenabled=true\nfilter=from.uri.domain == 'example.org'");
        TestPhone stranger = Server.AddPhoneAt("203.0.113.20:5060", "x");
        stranger.From = "<sip:x@elsewhere.example>";
        TestPhone bob = Server.AddPhone("bob", registered: true);
        Server.Call(stranger, bob);
        TransfersOrNot(bob, 202, bob);
        Server.End(bob, stranger);
    }

    [Fact]
    public void A_trunk_that_was_called_transfers_the_call()
    {
        using TrunkSite site = new(TrunkSite.Provider, TrunkSite.AllNumbers);
        (TestPhone alice, TestPhone provider) = CallTrunk(site);
        TestDialog call = provider.Dialog;
        Refer(provider, call);
        provider.Expect(202);
        Assert.Equal("SIP/2.0 100 Trying\r\n", provider.Expect("NOTIFY").Body);
        provider.Reply(200);
        provider.Skip();
        provider.Dialog = call;
        site.Server.HangUp(alice, provider);
    }

    [Theory]
    [InlineData("provider", true)]
    [InlineData("provider", false)]
    [InlineData("second", true)]
    [InlineData("second", false)]
    public void Of_two_trunks_with_one_address_the_one_of_the_call_transfers_it(string trunk, bool isCalled)
    {
        const string First = TrunkSite.Provider + "\ndefault-user=alice@example.org\n";
        string second = First.Replace("[provider]", "[second]", StringComparison.Ordinal).Replace("49301000", "49302000", StringComparison.Ordinal);
        using TrunkSite site = new(First + second, $"<trunk:{trunk}> request.uri.user regexp '[0-9+]+'");
        (TestPhone alice, TestPhone provider) = isCalled ? CallTrunk(site) : CallFromTrunk(site, trunk == "second" ? "49302000" : "49301000");
        TestDialog call = provider.Dialog;
        Refer(provider, call);
        provider.Expect(202);
        provider.HearsOf("SIP/2.0 100 Trying");
        provider.Skip();
        provider.Dialog = call;
        site.Server.HangUp(alice, provider);
    }

    [Theory]
    [InlineData("", "carol", 403)]
    [InlineData("identity=carol@example.org\naccept-from=203.0.113.200", "carol", 202)]
    [InlineData("identity=carol@example.org\naccept-from=203.0.113.200", "dave", 403)]
    public void RFC_4538_4_The_call_of_a_trunk_is_transferred_by_nobody_else_who_knows_its_ids(string known, string user, int code)
    {
        using TrunkSite site = new($"{TrunkSite.Provider}\n{known}", TrunkSite.AllNumbers);
        (TestPhone alice, TestPhone provider) = CallTrunk(site);
        TransfersOrNot(site.Server.AddPhoneAt("203.0.113.77:5060", user), code, provider, "403 Forbidden"); // a trunk sends nobody to whom it may not call
        site.Server.HangUp(alice, provider);
    }

    [Fact]
    public void RFC_3261_12_1_1_The_Contact_of_the_answer_is_for_the_way_that_the_REFER_came()
    {
        (TestPhone alice, TestPhone bob) = Server.AddPair();
        TestPhone desk = Server.AddPhone("bob", "TCP");
        Server.Call(alice, bob);
        Refer(desk, bob.Dialog);
        Assert.Equal("<sip:192.0.2.1:5060;transport=tcp>", desk.Expect(202).Header("Contact"));
        Assert.Equal("<sip:192.0.2.1:5060;transport=tcp>", desk.Expect("NOTIFY").Header("Contact"));
        desk.Reply(200);
        desk.Await("NOTIFY");
        desk.Reply(200);
        Server.End(bob, alice);
    }

    [Fact]
    public void RFC_7989_7_The_UUID_of_a_REFER_outside_is_none_of_the_call()
    {
        const string A = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", B = "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb", C = "cccccccccccccccccccccccccccccccc";
        (TestPhone alice, TestPhone bob) = Server.AddPair();
        alice.Invite(TestCalls.Bob, headers: $"Session-ID: {A};remote={new string('0', 32)}");
        bob.Expect("INVITE");
        bob.Reply(200, TestSdp.Audio(5000), $"Session-ID: {B};remote={A}");
        bob.Expect("ACK");
        alice.TakesAnswer();
        TestDialog call = bob.Dialog;
        Refer(bob, call, $"Session-ID: {C};remote={new string('0', 32)}");
        Assert.EndsWith($";remote={C}", bob.Expect(202).Header("Session-ID"), StringComparison.Ordinal);
        bob.HearsOf("SIP/2.0 100 Trying");
        bob.HearsOf("SIP/2.0 404 Not Found");
        alice.Ask("INFO", headers: $"Session-ID: {A};remote={B}");
        bob.Dialog = call;
        Assert.Equal($"{A};remote={B}", bob.Expect("INFO").Header("Session-ID"));
        bob.Reply(200);
        alice.Expect(200, "INFO");
        alice.ExpectNothing();
        alice.Reinvite(TestSdp.Audio(version: 2));
        Assert.Equal($"{A};remote={B}", bob.Expect("INVITE").Header("Session-ID"));
        bob.Accepts(TestSdp.Audio(5000, version: 2));
        alice.TakesAnswer();
        Server.End(bob, alice);
    }

    [Fact]
    public void RFC_6665_8_3_2_In_the_dialog_of_a_REFER_there_is_no_other_subscription()
    {
        (TestPhone alice, TestPhone bob) = Server.AddPair();
        TestPhone carol = Server.AddPhone("carol", registered: true);
        Server.Call(alice, bob);
        TestDialog call = bob.Dialog;
        TestMessage refer = Refer(bob, call, to: "sip:carol@example.org");
        TestDialog own = bob.Dialog;
        TestMessage accepted = bob.Expect(202);
        own.IsMadeBy(accepted);
        bob.Dialog = own;
        bob.HearsOf("SIP/2.0 100 Trying");
        carol.Expect("INVITE");
        bob.Refresh(30, "presence");
        Assert.Equal("refer", bob.Expect(489).Header("Allow-Events"));
        bob.Refresh(30, "refer;id=" + (refer.CSeq + 77));
        bob.Expect(403);
        bob.Refresh(30, "refer;id=" + refer.CSeq);
        Assert.Equal("30", bob.Expect(200, "SUBSCRIBE").Header("Expires"));
        bob.HearsOf("SIP/2.0 100 Trying", "active;expires=30");
        carol.RefusesCall(486);
        bob.HearsOf("SIP/2.0 486 Busy Here", "terminated");
        bob.Dialog = call;
        Server.End(bob, alice);
    }

    private static (TestPhone Alice, TestPhone Provider) CallTrunk(TrunkSite site)
    {
        TestPhone provider = site.AddServer("203.0.113.9:5060");
        site.Server.Settle();
        TestPhone alice = site.Server.AddPhone("alice");
        alice.Invite("sip:+4930555@example.org");
        provider.Expect("INVITE");
        provider.Accepts(TestSdp.Audio(5000));
        alice.TakesAnswer();
        site.Server.Settle();
        return (alice, provider);
    }

    private static (TestPhone Alice, TestPhone Provider) CallFromTrunk(TrunkSite site, string account)
    {
        TestPhone provider = site.AddServer("203.0.113.9:5060");
        site.Server.Settle();
        TestPhone alice = site.Server.AddPhone("alice", registered: true);
        provider.Invite($"sip:{account}@192.0.2.1");
        alice.Expect("INVITE");
        alice.Accepts(TestSdp.Audio(5000));
        provider.TakesAnswer();
        site.Server.Settle();
        return (alice, provider);
    }

    // Somebody asks for a transfer of the party's call: if it may, that begins, and leads nowhere.
    private static void TransfersOrNot(TestPhone sender, int code, TestPhone party, string outcome = "404 Not Found")
    {
        TestDialog call = party.Dialog;
        Refer(sender, call);
        TestMessage challenge = sender.Expect(407);
        Refer(sender, call, TestDigest.Authorization(challenge, "REFER", "sip:192.0.2.1", sender.User, sender.User + "-secret"));
        sender.Expect(code);
        if (code == 202)
        {
            sender.HearsOf("SIP/2.0 100 Trying");
            sender.HearsOf("SIP/2.0 " + outcome, "terminated");
        }

        party.Dialog = call;
    }

    private static TestMessage Refer(TestPhone phone, TestDialog call, string headers = "", string to = Nobody) =>
        phone.ReferOutside(to, $"{call.TargetDialog()}\r\n{headers}");
}

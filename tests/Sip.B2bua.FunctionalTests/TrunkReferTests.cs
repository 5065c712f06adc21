namespace Sip.B2bua.FunctionalTests;

/// <summary>Requests that make subscriptions and are passed on to a trunk, which asks who we are.</summary>
public sealed class TrunkReferTests : IDisposable
{
    private const string Number = "sip:+4930555@example.org";
    private const string Challenge = "Proxy-Authenticate: Digest realm=\"provider.example\", nonce=\"n1\", qop=\"auth\", algorithm=MD5";

    private readonly TrunkSite site = new(TrunkSite.Provider, TrunkSite.AllNumbers, configuration: "[b2bua]\ntransfer=pass\nheaders-to-callee=deny X-A\nheaders-to-caller=deny X-C");

    public void Dispose() => site.Dispose();

    [Theory]
    [InlineData("")]
    [InlineData(";id=")]
    public void RFC_3261_8_1_3_5_A_REFER_that_is_passed_on_is_sent_again_with_the_credentials_of_the_trunk(string id)
    {
        (TestPhone alice, TestPhone provider) = Refer();
        TestMessage first = provider.Expect("REFER");
        provider.Reply(407, headers: Challenge);
        TestMessage second = provider.Expect("REFER");
        TrunkSite.ExpectCredentials(second, "Proxy-Authorization", "acc7", "provider.example", "pass7");
        Assert.Equal((first.CallId, first.FromTag, first.CSeq + 1), (second.CallId, second.FromTag, second.CSeq));
        provider.ExpectNothing();
        Accepts(provider, second);
        alice.Expect(202);
        provider.Ask("NOTIFY", "SIP/2.0 200 OK\r\n", $"Event: refer{id}{(id.Length > 0 ? second.CSeq : "")}\r\nSubscription-State: terminated;reason=noresource\r\nX-C: 1\r\nX-D: 2", "message/sipfrag");
        TestMessage notify = alice.Expect("NOTIFY");
        Assert.Equal((false, "2"), (notify.Has("X-C"), notify.Header("X-D")));
        Assert.Equal(id.Length > 0 ? $"refer;id={first.CSeq}" : "refer", notify.Header("Event"));
        alice.Reply(200);
        provider.Expect(200, "NOTIFY");
        site.Server.ExpectNothingLeft();
    }

    [Fact]
    public void RFC_3515_2_4_6_each_side_names_the_subscription_of_a_REFER_by_the_number_that_it_knows()
    {
        (TestPhone alice, TestPhone provider) = Refer();
        uint asked = (uint)alice.Dialog.CSeq;
        provider.Expect("REFER");
        provider.Reply(407, headers: Challenge);
        TestMessage second = provider.Expect("REFER");
        Accepts(provider, second);
        TestMessage accepted = alice.Expect(202);
        (alice.Dialog.RemoteTag, alice.Dialog.RemoteTarget) = (accepted.ToTag, accepted.ContactUri);
        provider.Ask("NOTIFY", "SIP/2.0 100 Trying\r\n", $"Event: refer;id={second.CSeq};x=y\r\nSubscription-State: active;expires=60", "message/sipfrag");
        Assert.Equal($"refer;id={asked};x=y", alice.Expect("NOTIFY").Header("Event"));
        alice.Reply(200);
        provider.Expect(200, "NOTIFY");
        alice.Ask("SUBSCRIBE", headers: $"Event: refer;id={asked}\r\nExpires: 0");
        Assert.Equal($"refer;id={second.CSeq}", provider.Expect("SUBSCRIBE").Header("Event"));
        provider.Reply(200, headers: "Expires: 0");
        alice.Expect(200, "SUBSCRIBE");
        provider.Ask("NOTIFY", "SIP/2.0 200 OK\r\n", $"Event: refer;id={second.CSeq}\r\nSubscription-State: terminated;reason=timeout", "message/sipfrag");
        Assert.Equal($"refer;id={asked}", alice.Expect("NOTIFY").Header("Event"));
        alice.Reply(200);
        provider.Expect(200, "NOTIFY");
        site.Server.ExpectNothingLeft();
    }

    [Theory]
    [InlineData(true, true)]
    [InlineData(true, false)]
    [InlineData(false, false)]
    public void RFC_3515_2_4_6_so_it_is_with_a_REFER_within_a_call(bool callerRefers, bool isChallenged)
    {
        (TestPhone alice, TestPhone provider) = Connect();
        (TestPhone from, TestPhone to) = callerRefers ? (alice, provider) : (provider, alice);
        from.Dialog.CSeq = 41;
        from.Ask("REFER", headers: "Refer-To: <sip:carol@example.org>");
        TestMessage refer = to.Expect("REFER");
        if (isChallenged)
        {
            to.Reply(407, headers: Challenge);
            refer = to.Expect("REFER");
        }

        to.Reply(202);
        from.Expect(202);
        Notifies(to, refer.CSeq, from, 42, "active;expires=60");
        from.Ask("SUBSCRIBE", headers: "Event: refer;id=42\r\nExpires: 0");
        Assert.Equal($"refer;id={refer.CSeq}", to.Expect("SUBSCRIBE").Header("Event"));
        to.Reply(200, headers: "Expires: 0");
        from.Expect(200, "SUBSCRIBE");
        Notifies(to, refer.CSeq, from, 42, "terminated;reason=timeout");
        site.Server.End(from, to);
    }

    [Fact]
    public void A_REFER_that_is_passed_on_and_refused_goes_by_the_rules_for_headers()
    {
        (TestPhone alice, TestPhone provider) = Refer();
        TestMessage refer = provider.Expect("REFER");
        Assert.Equal((false, "2"), (refer.Has("X-A"), refer.Header("X-B")));
        provider.Reply(603);
        alice.Expect(603);
        site.Server.ExpectNothingLeft();
    }

    private (TestPhone Alice, TestPhone Provider) Refer()
    {
        TestPhone provider = site.AddServer("203.0.113.9:5060");
        site.Server.Settle();
        TestPhone alice = site.Server.AddPhone("alice");
        alice.BeginDialog(Number, cseq: 41);
        alice.Ask("REFER", headers: "Refer-To: <sip:carol@example.org>\r\nX-A: 1\r\nX-B: 2");
        return (alice, provider);
    }

    private (TestPhone Alice, TestPhone Provider) Connect()
    {
        TestPhone provider = site.AddServer("203.0.113.9:5060");
        site.Server.Settle();
        TestPhone alice = site.Server.AddPhone("alice");
        alice.Invite(Number);
        provider.Expect("INVITE");
        provider.Accepts(TestSdp.Audio(5000));
        alice.TakesAnswer();
        return (alice, provider);
    }

    private static void Notifies(TestPhone notifier, long own, TestPhone subscriber, long asked, string state)
    {
        notifier.Ask("NOTIFY", "SIP/2.0 100 Trying\r\n", $"Event: refer;id={own}\r\nSubscription-State: {state}", "message/sipfrag");
        Assert.Equal($"refer;id={asked}", subscriber.Expect("NOTIFY").Header("Event"));
        subscriber.Reply(200);
        notifier.Expect(200, "NOTIFY");
    }

    private static void Accepts(TestPhone provider, TestMessage refer)
    {
        provider.EnterDialog(refer);
        provider.AcceptRefer(refer);
    }
}

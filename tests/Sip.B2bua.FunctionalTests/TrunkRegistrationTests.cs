namespace Sip.B2bua.FunctionalTests;

public sealed class TrunkRegistrationTests : IDisposable
{
    private readonly TrunkSite site = new(TrunkSite.Provider + "\nregister=true\nexpires=600", TrunkSite.AllNumbers);
    private readonly TestPhone provider;

    public TrunkRegistrationTests() => provider = site.AddServer("203.0.113.9:5060");

    public void Dispose() => site.Dispose();

    [Fact]
    public void It_registers_with_its_account_and_refreshes_in_time()
    {
        TestMessage first = provider.Await("REGISTER");
        Assert.Equal("sip:provider.example", first.RequestUri); // 10.2: the domain of the account
        Assert.Equal("<sip:203.0.113.9;lr>", first.Header("Route"));
        Assert.Equal("<sip:49301000@provider.example>", first.Header("To"));
        Assert.Equal("<sip:49301000@192.0.2.1:5060>", first.Header("Contact"));
        Assert.Equal("600", first.Header("Expires"));
        provider.Reply(401, headers: "WWW-Authenticate: Digest realm=\"provider.example\", nonce=\"n1\", qop=\"auth\"");
        TestMessage second = provider.Expect("REGISTER");
        TrunkSite.ExpectCredentials(second, "Authorization", "acc7", "provider.example", "pass7");
        provider.Reply(200, headers: "Contact: <sip:49301000@192.0.2.1:5060>;expires=300");
        site.Server.Advance(200);
        provider.ExpectNothing();
        TestMessage third = provider.Await("REGISTER", seconds: 71);

        // 10.2.4: one Call-ID, rising CSeq.
        Assert.Equal((first.CallId, first.CallId), (second.CallId, third.CallId));
        Assert.True(first.CSeq < second.CSeq && second.CSeq < third.CSeq);
    }

    [Fact]
    public void Rfc3261_10_2_8_A_registrar_that_wants_longer_gets_longer()
    {
        provider.Await("REGISTER");
        provider.Reply(423, headers: "Min-Expires: 1800");
        Assert.Equal("1800", provider.Expect("REGISTER").Header("Expires"));
        provider.Reply(200, headers: "Expires: 1800");
        site.Server.Advance(1000);
        provider.ExpectNothing();
    }

    [Fact]
    public void Rfc5626_4_5_A_registration_that_fails_is_tried_again_ever_later()
    {
        TimeSpan last = provider.Await("REGISTER").At;
        double before = 0;
        for (int i = 0; i < 4; i++)
        {
            provider.Reply(403);
            TestMessage next = provider.Await("REGISTER", seconds: 1000);
            double pause = (next.At - last).TotalSeconds;
            Assert.InRange(pause, 14 << i, (31 << i) + 1);
            Assert.True(pause > before / 2);
            (last, before) = (next.At, pause);
        }
    }

    [Fact]
    public void Without_registration_no_call_is_sent_there()
    {
        TestPhone alice = site.Server.AddPhone("alice");
        provider.Await("REGISTER");
        provider.Reply(403);
        alice.Invite("sip:+4930555@example.org");
        Assert.True(alice.Expect(503).Has("Retry-After"));
        provider.ExpectNothing();
    }

    [Fact]
    public void Rfc7616_3_3_A_nonce_that_has_become_too_old_is_replaced()
    {
        provider.Await("REGISTER");
        provider.Reply(401, headers: "WWW-Authenticate: Digest realm=\"provider.example\", nonce=\"n1\", qop=\"auth\"");
        provider.Expect("REGISTER");
        provider.Reply(401, headers: "WWW-Authenticate: Digest realm=\"provider.example\", nonce=\"n2\", qop=\"auth\", stale=true");
        Assert.Equal("n2", TrunkSite.ExpectCredentials(provider.Expect("REGISTER"), "Authorization", "acc7", "provider.example", "pass7"));
        provider.Reply(200, headers: "Expires: 600");
    }

    [Fact]
    public void Rfc3261_10_2_2_A_server_that_stops_takes_its_registration_back()
    {
        provider.Await("REGISTER");
        provider.Reply(200, headers: "Expires: 600");
        site.Server.Settle();
        List<TestMessage> farewells = AnswerRegisters(0);
        TimeSpan taken = Stop();
        TestMessage farewell = Assert.Single(farewells);
        Assert.Equal(("0", "<sip:49301000@192.0.2.1:5060>"), (farewell.Header("Expires"), farewell.Header("Contact")));
        Assert.InRange(taken.TotalSeconds, 0, 0.5);
    }

    [Fact]
    public void A_registrar_that_is_silent_delays_the_stop_by_two_seconds()
    {
        provider.Await("REGISTER");
        provider.Reply(200, headers: "Expires: 600");
        site.Server.Settle();
        Assert.InRange(Stop().TotalSeconds, 1.9, 2.3);
        Assert.Equal("0", provider.Expect("REGISTER").Header("Expires"));
        provider.Skip();
    }

    [Fact]
    public void Rfc3261_10_2_A_registration_that_is_under_way_is_taken_back_after_its_answer()
    {
        TestMessage first = provider.Await("REGISTER");
        List<TestMessage> farewells = AnswerRegisters(1);
        provider.Reply(first, 401, headers: "WWW-Authenticate: Digest realm=\"provider.example\", nonce=\"n1\", qop=\"auth\"");
        Stop();
        Assert.Equal(["600", "0"], farewells.Select(message => message.Header("Expires")));
    }

    [Fact]
    public void Nobody_says_farewell_where_there_is_no_registration()
    {
        provider.Await("REGISTER");
        provider.Reply(403);
        site.Server.Settle();
        Assert.InRange(Stop().TotalSeconds, 0, 0.5);
        provider.ExpectNothing();
    }

    [Fact]
    public void A_changed_file_takes_its_registration_back_and_makes_the_new_one()
    {
        provider.Await("REGISTER");
        provider.Reply(200, headers: "Expires: 600");
        site.Server.Settle();
        site.Write("trunks.conf", (TrunkSite.Provider + "\nregister=true\nexpires=600").Replace("user=49301000", "user=49302000", StringComparison.Ordinal));
        site.Server.Advance(6);
        TestMessage gone = provider.Expect("REGISTER");
        Assert.Equal(("<sip:49301000@provider.example>", "0"), (gone.Header("To"), gone.Header("Expires")));
        provider.Reply(200);
        Assert.Equal("<sip:49302000@provider.example>", provider.Expect("REGISTER").Header("To"));
        provider.Reply(200, headers: "Expires: 600");
    }

    [Fact]
    public void A_change_that_does_not_concern_the_account_leaves_its_registration_alone()
    {
        TestMessage first = provider.Await("REGISTER");
        provider.Reply(200, headers: "Expires: 600");
        site.Server.Settle();
        Change("max-calls=1");
        provider.ExpectNothing();
        TestMessage refresh = provider.Await("REGISTER", seconds: 600);
        Assert.Equal((first.CallId, "600"), (refresh.CallId, refresh.Header("Expires")));
        provider.Reply(200, headers: "Expires: 600");

        TestPhone alice = site.Server.AddPhone("alice");
        alice.Invite("sip:+4930555@example.org");
        provider.Expect("INVITE");
        TestPhone carol = site.Server.AddPhone("carol");
        carol.Invite("sip:+4930556@example.org");
        carol.Expect(503); // the new limit counts
        provider.Skip();
    }

    [Fact]
    public void Rfc3261_10_2_A_changed_account_registers_when_the_old_registration_has_been_taken_back()
    {
        TestMessage first = provider.Await("REGISTER");
        Change("expires=900"); // while the first has no answer yet
        Change("expires=1200"); // and again before the change is through
        provider.Skip();
        provider.Reply(first, 200, headers: "Expires: 600");
        TestMessage gone = provider.Expect("REGISTER");
        Assert.Equal((first.CallId, "0"), (gone.CallId, gone.Header("Expires")));
        provider.ExpectNothing();
        provider.Reply(200);
        Assert.Equal("1200", provider.Expect("REGISTER").Header("Expires"));
        provider.Reply(200, headers: "Expires: 1200");
        provider.ExpectNothing();
    }

    [Fact]
    public void A_file_with_mistakes_changes_nothing_and_the_log_has_them_all()
    {
        provider.Await("REGISTER");
        provider.Reply(200, headers: "Expires: 600");
        site.Write("trunks.conf", "[one]\nuri=http://x\nfoo=1\n[two]\nexpires=soon");
        site.Server.Advance(6);
        provider.ExpectNothing();
        foreach (string place in new[] { ":2:", ":3:", ":4:", ":5:" })
        {
            Assert.Contains(site.Server.Log, line => line.StartsWith("Error", StringComparison.Ordinal) && line.Contains("trunks.conf" + place, StringComparison.Ordinal));
        }
    }

    // The same section with one line more, or with another line in the place of one.
    private void Change(string line)
    {
        site.Write("trunks.conf", TrunkSite.Provider + "\nregister=true\n" + (line.StartsWith("expires", StringComparison.Ordinal) ? line : "expires=600\n" + line));
        site.Server.Advance(6);
    }

    // The registrar says yes to all that comes from now on, after so many seconds.
    private List<TestMessage> AnswerRegisters(double pause)
    {
        List<TestMessage> asked = [];
        provider.OnMessage = message =>
        {
            if (asked.Exists(other => other.CSeq == message.CSeq))
            {
                return true;
            }

            asked.Add(message);
            site.Server.Time.CreateTimer(
                _ => provider.Reply(message, 200, headers: $"Expires: {message.Header("Expires")}"), null, TimeSpan.FromSeconds(pause), Timeout.InfiniteTimeSpan);
            return true;
        };
        return asked;
    }

    private TimeSpan Stop()
    {
        DateTimeOffset begun = site.Server.Time.GetUtcNow();
        site.Server.Stop();
        return site.Server.Time.GetUtcNow() - begun;
    }
}

namespace Sip.B2bua.FunctionalTests;

/// <summary>Who the called party is told that the caller is, and what a caller may keep to itself (RFC 3323, RFC 3325).</summary>
public sealed class IdentityTests : InMemoryTests
{
    private const string Asked = "[module::Authentication]\nenabled=true\n";
    private const string Trusting = "[module::Authentication]\ntrusted-hosts=198.51.100.1\nenabled=true\n";

    // RFC 3325 5: the identity which results from authentication.
    [Fact]
    public void A_caller_who_has_proven_who_it_is_is_asserted()
    {
        TestMessage invite = InviteBy(Asked, "");
        Assert.Equal("<sip:alice@example.org>", invite.Header("P-Asserted-Identity"));
        Assert.Equal("", invite.Header("Privacy"));
    }

    [Fact]
    public void A_caller_whom_nobody_asked_is_not_asserted() => Assert.Equal("", InviteBy("", "").Header("P-Asserted-Identity"));

    [Fact]
    public void A_setting_leaves_the_assertion_out() =>
        Assert.Equal("", InviteBy(Asked + "[b2bua]\nassert-identity=false\n", "").Header("P-Asserted-Identity"));

    // RFC 3325 5: from a node that is not trusted it must be replaced or removed, in whatever spelling.
    [Theory]
    [InlineData("P-Asserted-Identity: <sip:boss@example.org>")]
    [InlineData("P-Asserted-Identity : <sip:boss@example.org>")]
    [InlineData("p-asserted-identity:\r\n <sip:boss@example.org>")]
    [InlineData("P-Preferred-Identity: <sip:boss@example.org>")]
    [InlineData("Remote-Party-ID: <sip:boss@example.org>")]
    public void What_a_stranger_asserts_is_never_believed(string header)
    {
        Assert.DoesNotContain("boss", InviteBy("", header).Text);
        Server.Dispose();
        Assert.DoesNotContain("boss", InviteBy(Asked, header).Text);
    }

    // RFC 3325 5: from a node that it trusts, as if it had authenticated the user itself.
    [Fact]
    public void What_a_trusted_server_asserts_crosses()
    {
        TestMessage invite = InviteBy(Trusting, "P-Asserted-Identity: <sip:carol@example.net>, <tel:+4930123>");
        Assert.Contains("<sip:carol@example.net>", invite.Text);
        Assert.Contains("<tel:+4930123>", invite.Text);
    }

    // RFC 3325 7: removed before the message goes to an element that is not trusted.
    [Theory]
    [InlineData(Asked, "Privacy: id")]
    [InlineData(Asked, "Privacy: header;id;critical")]
    [InlineData(Trusting, "Privacy: id\r\nP-Asserted-Identity: <sip:carol@example.net>")]
    public void Privacy_id_keeps_the_identity_back(string settings, string headers)
    {
        TestMessage invite = InviteBy(settings, headers);
        Assert.Equal("", invite.Header("P-Asserted-Identity"));
        Assert.Equal("", invite.Header("Privacy")); // RFC 3323 5: what was done is not asked for again
    }

    // RFC 3323 5.3: From becomes anonymous, and what describes the person goes.
    [Fact]
    public void Privacy_user_makes_the_caller_nobody()
    {
        TestMessage invite = InviteBy(Asked, "Privacy: user\r\nSubject: It is Alice\r\nOrganization: Alice Ltd\r\nCall-Info: <http://alice.example.org>\r\n"
            + "Reply-To: <sip:alice@example.org>\r\nX-Own: stays");
        Assert.StartsWith("\"Anonymous\" <sip:anonymous@anonymous.invalid>;tag=", invite.Header("From"), StringComparison.Ordinal);
        Assert.DoesNotContain("alice", invite.Text, StringComparison.OrdinalIgnoreCase);
        Assert.Equal("stays", invite.Header("X-Own"));
    }

    [Fact]
    public void The_call_of_nobody_goes_on_under_that_name()
    {
        Start("");
        (TestPhone alice, TestPhone bob) = Server.AddPair();
        alice.Invite(TestCalls.Bob, headers: "Privacy: user");
        bob.Expect("INVITE");
        bob.Reply(200, TestSdp.Audio(5000));
        bob.Expect("ACK");
        alice.Expect(100);
        Assert.Contains("sip:alice@example.org", alice.Expect(200).Header("From"));
        alice.Ack();
        alice.Bye();
        TestMessage bye = bob.Expect("BYE");
        Assert.Contains("anonymous.invalid", bye.Header("From"));
        Assert.DoesNotContain("alice", bye.Text);
        bob.Reply(200);
        alice.Expect(200, "BYE");
        Server.ExpectNothingLeft();
    }

    // RFC 3323 5: no privacy function must be performed, and the header stays.
    [Fact]
    public void Privacy_none_leaves_everything()
    {
        TestMessage invite = InviteBy(Asked, "Privacy: none");
        Assert.Equal("none", invite.Header("Privacy"));
        Assert.Equal("<sip:alice@example.org>", invite.Header("P-Asserted-Identity"));
    }

    // RFC 3323 5: 500, and which value it was.
    [Theory]
    [InlineData("Privacy: session;critical", "Privacy not possible: session")]
    [InlineData("Privacy: critical;holiday", "Privacy value not known")]
    public void Privacy_that_is_critical_and_not_possible_refuses_the_call(string header, string reason)
    {
        Start("");
        (TestPhone alice, TestPhone _) = Server.AddPair();
        alice.Invite(TestCalls.Bob, headers: header);
        Assert.Equal(reason, alice.Expect(500).Reason);
        alice.Ack();
        Server.ExpectNothingLeft();
    }

    // RFC 3325 5 speaks of requests, not of calls.
    [Theory]
    [InlineData("MESSAGE", Asked, "", "<sip:alice@example.org>")]
    [InlineData("MESSAGE", Asked, "Privacy: id", "")]
    [InlineData("MESSAGE", Asked, "P-Asserted-Identity: <sip:boss@example.org>", "<sip:alice@example.org>")]
    [InlineData("MESSAGE", Trusting, "P-Asserted-Identity: <sip:carol@example.net>", "<sip:carol@example.net>")]
    [InlineData("MESSAGE", "", "P-Asserted-Identity: <sip:boss@example.org>", "")]
    [InlineData("OPTIONS", Asked, "", "<sip:alice@example.org>")]
    [InlineData("PUBLISH", Asked, "Event: presence", "<sip:alice@example.org>")]
    [InlineData("SUBSCRIBE", Asked, "Event: presence\r\nExpires: 60", "<sip:alice@example.org>")]
    public void Who_asks_something_outside_a_call_is_asserted_as_a_caller_is(string method, string settings, string headers, string identity)
    {
        TestMessage request = AskBy(method, settings, headers);
        Assert.Equal(identity, request.Header("P-Asserted-Identity"));
        Assert.DoesNotContain("boss", request.Text);
    }

    [Theory]
    [InlineData("MESSAGE", "")]
    [InlineData("SUBSCRIBE", "Event: presence\r\nExpires: 60\r\n")]
    public void Privacy_user_makes_whoever_asks_nobody(string method, string more)
    {
        TestMessage request = AskBy(method, Asked, more + "Privacy: user\r\nSubject: It is Alice\r\nX-Own: stays");
        Assert.StartsWith("\"Anonymous\" <sip:anonymous@anonymous.invalid>;tag=", request.Header("From"), StringComparison.Ordinal);
        Assert.DoesNotContain("alice", request.Text, StringComparison.OrdinalIgnoreCase);
        Assert.Equal("stays", request.Header("X-Own"));
    }

    [Fact]
    public void Privacy_none_stays_in_a_MESSAGE() => Assert.Equal("none", AskBy("MESSAGE", Asked, "Privacy: none").Header("Privacy"));

    // RFC 3323 5; a MESSAGE has no session that could be kept private.
    [Theory]
    [InlineData("Privacy: critical;holiday", 500)]
    [InlineData("Privacy: critical;session", 200)]
    public void Critical_privacy_that_is_not_possible_refuses_a_MESSAGE(string header, int code)
    {
        (TestPhone alice, TestPhone bob) = Server.AddPair();
        alice.AskOutside("MESSAGE", TestCalls.Bob, "hello", header);
        if (code == 200)
        {
            bob.Expect("MESSAGE");
            bob.Reply(200);
        }

        alice.Expect(code);
        Server.ExpectNothingLeft();
    }

    [Theory]
    [InlineData("", "<sip:alice@example.org>")]
    [InlineData("Privacy: user\r\n", "")]
    public void A_kept_message_says_later_what_it_would_have_said_at_once(string headers, string identity)
    {
        Start(Asked);
        TestPhone alice = Server.AddPhone("alice");
        TestPhone bob = Server.AddPhone("bob");
        alice.AskOutside("MESSAGE", TestCalls.Bob, "hello", headers);
        string own = TestDigest.Authorization(alice.Expect(407), "MESSAGE", TestCalls.Bob, "alice", "alice-secret");
        alice.AskOutside("MESSAGE", TestCalls.Bob, "hello", headers + own);
        alice.Expect(202);
        bob.Register();
        TestMessage message = bob.Expect("MESSAGE");
        bob.Reply(200);
        Assert.Equal(identity, message.Header("P-Asserted-Identity"));
        Assert.Equal(identity.Length > 0, message.Header("From").Contains("alice", StringComparison.Ordinal));
        Server.ExpectNothingLeft();
    }

    private TestMessage AskBy(string method, string settings, string headers)
    {
        Start(settings);
        (TestPhone alice, TestPhone bob) = Server.AddPair();
        string all = method == "MESSAGE" ? headers : headers + (headers.Length > 0 ? "\r\n" : "") + $"Contact: <{alice.ContactUri}>";
        alice.AskOutside(method, TestCalls.Bob, "", all);
        if (settings.StartsWith(Asked, StringComparison.Ordinal))
        {
            string own = TestDigest.Authorization(alice.Expect(407), method, TestCalls.Bob, "alice", "alice-secret");
            alice.AskOutside(method, TestCalls.Bob, "", all.Length > 0 ? own + "\r\n" + all : own);
        }

        return bob.Expect(method);
    }

    private TestMessage InviteBy(string settings, string headers)
    {
        Start(settings);
        (TestPhone alice, TestPhone bob) = Server.AddPair();
        alice.Invite(TestCalls.Bob, headers: headers);
        if (settings.StartsWith(Asked, StringComparison.Ordinal))
        {
            string own = TestDigest.Authorization(alice.Expect(407), "INVITE", TestCalls.Bob, "alice", "alice-secret");
            alice.Invite(TestCalls.Bob, headers: headers.Length > 0 ? own + "\r\n" + headers : own);
        }

        return bob.Expect("INVITE");
    }
}

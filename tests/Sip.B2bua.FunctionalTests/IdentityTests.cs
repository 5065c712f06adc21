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

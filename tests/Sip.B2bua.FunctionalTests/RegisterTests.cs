namespace Sip.B2bua.FunctionalTests;

public sealed class RegisterTests : InMemoryTests
{
    private const string WithPasswords = "[module::Authentication]\nenabled=true\n";

    [Fact]
    public void A_phone_is_asked_for_its_password_and_registered()
    {
        Start(WithPasswords);
        TestPhone alice = Server.AddPhone("alice");
        alice.SendRegister();
        TestMessage challenge = alice.Expect(401);
        Assert.Equal("example.org", TestDigest.Value(challenge.Header("WWW-Authenticate"), "realm"));
        alice.SendRegister(headers: Answer(challenge, "alice"));
        Assert.Contains(alice.ContactUri, alice.Expect(200).Header("Contact"), StringComparison.Ordinal);
        Server.ExpectNothingLeft();
    }

    [Fact]
    public void A_challenge_leaves_nothing_behind()
    {
        Start(WithPasswords);
        TestPhone alice = Server.AddPhone("alice");
        for (int i = 0; i < 100; i++)
        {
            alice.SendRegister();
            alice.Expect(401);
            alice.AcknowledgesFailures = false;
            alice.Invite(TestCalls.Bob);
            alice.Expect(407);
        }

        Server.ExpectNoState();
    }

    [Theory]
    [InlineData("alice")]
    [InlineData("mallory")]
    public void A_wrong_password_gets_403_whether_the_user_exists_or_not(string user)
    {
        Start(WithPasswords);
        TestPhone phone = Server.AddPhone(user);
        phone.SendRegister();
        TestMessage challenge = phone.Expect(401);
        phone.SendRegister(headers: TestDigest.Authorization(challenge, "REGISTER", "sip:example.org", user, "guess"));
        TestMessage refusal = phone.Expect(403);
        Assert.DoesNotContain("exist", refusal.Reason, StringComparison.OrdinalIgnoreCase);
        Server.ExpectNothingLeft();
    }

    [Fact]
    public void An_old_nonce_is_stale()
    {
        Start(WithPasswords + "nonce-expires=60");
        TestPhone alice = Server.AddPhone("alice");
        alice.SendRegister();
        TestMessage challenge = alice.Expect(401);
        Server.Advance(61);
        alice.SendRegister(headers: Answer(challenge, "alice"));
        TestMessage again = alice.Expect(401);
        Assert.Contains("stale=true", again.Header("WWW-Authenticate"), StringComparison.Ordinal);
        alice.SendRegister(headers: Answer(again, "alice"));
        alice.Expect(200);
        Server.ExpectNothingLeft();
    }

    [Fact]
    public void A_call_needs_a_password_as_well()
    {
        Start(WithPasswords);
        (TestPhone alice, TestPhone bob) = Server.AddPair();
        alice.Invite(TestCalls.Bob);
        TestMessage challenge = alice.Expect(407);
        bob.ExpectNothing();
        alice.Invite(TestCalls.Bob, headers: TestDigest.Authorization(challenge, "INVITE", TestCalls.Bob, "alice", "alice-secret"));
        TestMessage invite = bob.Expect("INVITE");
        Assert.DoesNotContain("Authorization", invite.Text, StringComparison.OrdinalIgnoreCase);
        bob.Reply(200, TestSdp.Audio(5000));
        bob.Expect("ACK");
        alice.Expect(100);
        alice.Expect(200);
        alice.Ack();
        Server.End(alice, bob);
    }

    [Fact]
    public void A_refresh_keeps_one_binding()
    {
        TestPhone bob = Server.AddPhone("bob");
        bob.Register(expires: 100);
        Server.Advance(50);
        TestMessage answer = bob.Register(expires: 100);
        Assert.Contains("expires=100", Assert.Single(answer.Headers("Contact")), StringComparison.Ordinal);
        Server.Advance(90);
        TestPhone alice = Server.AddPhone("alice");
        Server.Call(alice, bob);
        Server.End(alice, bob);
    }

    [Fact]
    public void Several_contacts_may_register_and_each_is_listed()
    {
        TestPhone one = Server.AddPhone("bob", registered: true);
        TestPhone two = Server.AddPhone("bob");
        TestMessage answer = two.Register();
        string contacts = string.Join(", ", answer.Headers("Contact"));
        Assert.Contains(one.ContactUri, contacts, StringComparison.Ordinal);
        Assert.Contains(two.ContactUri, contacts, StringComparison.Ordinal);
        Server.ExpectNothingLeft();
    }

    [Fact]
    public void Expires_0_removes_the_phone()
    {
        (TestPhone alice, TestPhone bob) = Server.AddPair();
        Assert.False(bob.Register(expires: 0).Has("Contact"));
        alice.Invite(TestCalls.Bob);
        alice.Expect(480);
        Server.ExpectNothingLeft();
    }

    [Fact]
    public void A_star_removes_all_phones()
    {
        Server.AddPhone("bob", registered: true);
        TestPhone two = Server.AddPhone("bob", registered: true);
        two.SendRegister(expires: 0, contact: "*");
        Assert.False(two.Expect(200).Has("Contact"));
        TestPhone alice = Server.AddPhone("alice");
        alice.Invite(TestCalls.Bob);
        alice.Expect(480);
        Server.ExpectNothingLeft();
    }

    [Fact]
    public void A_REGISTER_for_a_domain_that_is_not_served_gets_404()
    {
        TestPhone alice = Server.AddPhone("alice");
        alice.SendRaw("""
            REGISTER sip:elsewhere.example.com SIP/2.0
            Via: SIP/2.0/UDP {host};branch={branch};rport
            Max-Forwards: 70
            From: <sip:alice@elsewhere.example.com>;tag={tag}
            To: <sip:alice@elsewhere.example.com>
            Call-ID: {callid}
            CSeq: 1 REGISTER
            Contact: {contact}
            """);
        alice.Expect(404);
        Server.ExpectNothingLeft();
    }

    [Fact]
    public void A_repeated_REGISTER_is_answered_again()
    {
        TestPhone alice = Server.AddPhone("alice");
        alice.SendRegister();
        alice.Repeat();
        alice.Expect(200);
        alice.Expect(200);
        Server.ExpectNothingLeft();
    }

    private static string Answer(TestMessage challenge, string user) =>
        TestDigest.Authorization(challenge, "REGISTER", "sip:example.org", user, $"{user}-secret");
}

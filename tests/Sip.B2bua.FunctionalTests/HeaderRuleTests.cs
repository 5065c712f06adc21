namespace Sip.B2bua.FunctionalTests;

public sealed class HeaderRuleTests : InMemoryTests
{
    [Fact]
    public void A_caller_s_headers_are_denied_allowed_renamed_and_set_as_the_rules_say()
    {
        Start("""
            [b2bua]
            headers-to-callee=deny X-*; allow X-Keep; allow Diversion; rename Subject X-Subject; set X-Site "a; b"
            """);
        (TestPhone alice, TestPhone bob) = Server.AddPair();
        alice.Invite(TestCalls.Bob, headers: "X-Gone: 1\nX-Keep: 2\nDiversion: <sip:carol@example.org>\ns: hello\nPriority: urgent\nX-Site: forged");
        TestMessage invite = bob.Expect("INVITE");
        Assert.False(invite.Has("X-Gone"));
        Assert.False(invite.Has("Subject"));
        Assert.Equal(("2", "<sip:carol@example.org>", "hello", "urgent"),
            (invite.Header("X-Keep"), invite.Header("Diversion"), invite.Header("X-Subject"), invite.Header("Priority")));
        Assert.Equal(["a; b"], invite.Headers("X-Site"));
        bob.Reply(486, headers: "X-Gone: 3");
        bob.Expect("ACK");
        alice.Expect(100);
        Assert.Equal("3", alice.Expect(486).Header("X-Gone")); // the other direction has no rules
        Server.ExpectNothingLeft();
    }

    [Fact]
    public void A_callee_s_headers_go_by_the_rules_of_the_other_direction()
    {
        Start("[b2bua]\nheaders-to-caller=deny X-Why; set X-Via-Us yes");
        (TestPhone alice, TestPhone bob) = Server.AddPair();
        alice.Invite(TestCalls.Bob, headers: "X-Why: 1");
        Assert.Equal("1", bob.Expect("INVITE").Header("X-Why"));
        bob.Reply(486, headers: "X-Why: 2");
        bob.Expect("ACK");
        alice.Expect(100);
        TestMessage failure = alice.Expect(486);
        Assert.Equal((false, "yes"), (failure.Has("X-Why"), failure.Header("X-Via-Us")));
        Server.ExpectNothingLeft();
    }

    [Fact]
    public void A_request_outside_calls_goes_by_the_same_rules()
    {
        Start("[b2bua]\nheaders-to-callee=deny X-A");
        (TestPhone alice, TestPhone bob) = Server.AddPair();
        alice.AskOutside("MESSAGE", TestCalls.Bob, "hi", "X-A: 1\nX-B: 2");
        TestMessage message = bob.Expect("MESSAGE");
        Assert.Equal((false, "2"), (message.Has("X-A"), message.Header("X-B")));
        bob.Reply(200);
        alice.Expect(200);
        Server.ExpectNothingLeft();
    }

    [Fact]
    public void What_is_ours_cannot_be_denied_by_a_star()
    {
        Start("[b2bua]\nheaders-to-callee=deny *\nheaders-to-caller=allow *");
        (TestPhone alice, TestPhone bob) = Server.AddPair();
        alice.Invite(TestCalls.Bob, headers: "X-A: 1\nProxy-Authorization: Digest username=\"a\"");
        TestMessage invite = bob.Expect("INVITE");
        Assert.False(invite.Has("X-A"));
        Assert.True(invite.Has("Contact") && invite.Has("Content-Type") && invite.Has("Via"));
        bob.Reply(486, headers: "Record-Route: <sip:secret.example;lr>\nAuthentication-Info: nextnonce=\"1\"");
        bob.Expect("ACK");
        alice.Expect(100);
        TestMessage failure = alice.Expect(486);
        Assert.False(failure.Has("Record-Route") || failure.Has("Authentication-Info"));
        Server.ExpectNothingLeft();
    }
}

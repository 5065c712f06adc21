namespace Sip.B2bua.FunctionalTests;

/// <summary>Phones that redirect calls (3xx).</summary>
public sealed class RedirectTests : InMemoryTests
{
    [Fact]
    public void A_call_follows_a_phone_that_redirects_to_a_user_of_ours()
    {
        (TestPhone alice, TestPhone bob, TestPhone carol) = Three();
        alice.Invite(TestCalls.Bob);
        Redirect(bob, "<sip:carol@example.org>");
        TestMessage invite = carol.Expect("INVITE");
        Assert.Equal(carol.ContactUri, invite.RequestUri);
        Assert.Equal("<sip:bob@example.org>;reason=deflection;counter=1", invite.Header("Diversion"));
        carol.Accepts(TestSdp.Audio(5000));
        alice.Await(200, "INVITE", 0);
        alice.Ack();
        Server.End(alice, carol);
    }

    [Fact]
    public void RFC3261_16_7_contacts_of_a_redirection_are_tried_in_the_order_of_q()
    {
        (TestPhone alice, TestPhone bob, TestPhone carol) = Three();
        TestPhone dave = Server.AddPhone("dave", registered: true);
        alice.Invite(TestCalls.Bob);
        Redirect(bob, "<sip:carol@example.org>;q=0.3, <sip:dave@example.org>;q=0.8");
        dave.Expect("INVITE");
        carol.ExpectNothing();
        Fail(dave, 486);
        carol.Expect("INVITE");
        Fail(carol, 404);
        alice.Await(486);
        Server.ExpectNothingLeft();
    }

    [Fact]
    public void A_redirection_that_leads_nowhere_is_told_to_the_caller()
    {
        (TestPhone alice, TestPhone bob, _) = Three();
        alice.Invite(TestCalls.Bob);
        Redirect(bob, "<sip:dave@example.org>");
        Assert.Equal("<sip:dave@example.org>", alice.Await(302).Header("Contact"));
        Server.ExpectNothingLeft();
    }

    [Fact]
    public void Two_phones_that_redirect_to_each_other_come_to_an_end()
    {
        (TestPhone alice, TestPhone bob, TestPhone carol) = Three();
        alice.Invite(TestCalls.Bob);
        Redirect(bob, "<sip:carol@example.org>");
        Redirect(carol, "<sip:bob@example.org>");
        alice.Await(302);
        bob.ExpectNothing();
        Server.ExpectNothingLeft();
    }

    [Fact]
    public void No_more_redirections_are_followed_than_max_redirects()
    {
        Start("[b2bua]\nmax-redirects=1");
        (TestPhone alice, TestPhone bob) = Server.AddPair();
        TestPhone carol = Server.AddPhone("carol", registered: true);
        Server.AddPhone("dave", registered: true);
        alice.Invite(TestCalls.Bob);
        Redirect(bob, "<sip:carol@example.org>");
        Redirect(carol, "<sip:dave@example.org>");
        Assert.Equal("<sip:dave@example.org>", alice.Await(302).Header("Contact"));
        Server.ExpectNothingLeft();
    }

    [Fact]
    public void With_redirects_pass_the_contacts_go_to_the_caller()
    {
        Start("[b2bua]\nredirects=pass");
        (TestPhone alice, TestPhone bob) = Server.AddPair();
        Server.AddPhone("carol", registered: true);
        alice.Invite(TestCalls.Bob);
        Redirect(bob, "<sip:carol@example.org>;q=0.7");
        Assert.Equal("<sip:carol@example.org>;q=0.7", alice.Await(302).Header("Contact"));
        Server.ExpectNothingLeft();
    }

    [Fact]
    public void A_stranger_is_redirected_to_no_foreign_place()
    {
        (TestPhone alice, TestPhone bob, _) = Three();
        TestPhone foreign = Server.AddPhoneAt("192.0.2.77:5060", "x");
        alice.Invite(TestCalls.Bob);
        Redirect(bob, "<sip:x@192.0.2.77>");
        alice.Await(302);
        foreign.ExpectNothing();
        Server.ExpectNothingLeft();
    }

    [Fact]
    public void Who_is_known_is_redirected_to_a_foreign_place()
    {
        Start("[module::Authentication]\nenabled=true");
        (TestPhone alice, TestPhone bob) = Server.AddPair();
        TestPhone foreign = Server.AddPhoneAt("192.0.2.77:5060", "x");
        alice.Invite(TestCalls.Bob);
        TestMessage challenge = alice.Expect(407);
        alice.Invite(TestCalls.Bob, headers: TestDigest.Authorization(challenge, "INVITE", TestCalls.Bob, "alice", "alice-secret"));
        Redirect(bob, "<sip:x@192.0.2.77?Subject=hello>");
        Assert.Equal("sip:x@192.0.2.77", foreign.Expect("INVITE").RequestUri);
        Fail(foreign, 404);
        alice.Await(404);
        Server.ExpectNothingLeft();
    }

    [Fact]
    public void Other_phones_ring_on_while_one_redirects()
    {
        (TestPhone alice, TestPhone bob, TestPhone carol) = Three();
        TestPhone second = Server.AddPhone("bob", registered: true);
        alice.Invite(TestCalls.Bob);
        second.Expect("INVITE");
        second.Reply(180);
        Redirect(bob, "<sip:carol@example.org>");
        carol.Expect("INVITE");
        second.Accepts(TestSdp.Audio(5000));
        Cancelled(carol);
        alice.Await(200, "INVITE", 0);
        alice.Ack();
        Server.End(alice, second);
    }

    private static void Redirect(TestPhone phone, string contacts)
    {
        phone.Expect("INVITE");
        phone.Reply(302, headers: "Contact: " + contacts);
        phone.Expect("ACK");
    }

    private static void Fail(TestPhone phone, int code)
    {
        phone.Reply(phone.Dialog.ReceivedInvite!, code);
        phone.Expect("ACK");
    }

    private static void Cancelled(TestPhone phone)
    {
        phone.Reply(phone.Dialog.ReceivedInvite!, 100);
        phone.Expect("CANCEL");
        phone.Reply(200);
        phone.Reply(phone.Dialog.ReceivedInvite!, 487);
        phone.Expect("ACK");
    }

    private (TestPhone Alice, TestPhone Bob, TestPhone Carol) Three()
    {
        (TestPhone alice, TestPhone bob) = Server.AddPair();
        return (alice, bob, Server.AddPhone("carol", registered: true));
    }
}

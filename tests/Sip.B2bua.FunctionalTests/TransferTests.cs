namespace Sip.B2bua.FunctionalTests;

/// <summary>The transfers that the server makes: RFC 5589, with the server in the place of the transferee's phone.</summary>
public sealed class TransferTests : InMemoryTests
{
    private const string Carol = "sip:carol@example.org";

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_blind_transfer_connects_the_one_who_stays_with_the_new_party(bool callerTransfers)
    {
        (TestPhone transferor, TestPhone staying, TestPhone carol) = Connected(callerTransfers);
        Refer(transferor, $"Refer-To: <{Carol}>");
        TestMessage invite = carol.Expect("INVITE");
        Assert.Contains(staying.User, invite.Header("From"), StringComparison.Ordinal);
        Assert.Equal(TestSdp.Audio(PortOf(staying)), invite.Body);
        carol.Reply(180);
        ExpectNotify(transferor, "SIP/2.0 180 Ringing", "active");
        staying.ExpectNothing();
        carol.Reply(invite, 200, TestSdp.Audio(6000));
        carol.Expect("ACK");
        TestMessage reinvite = staying.Expect("INVITE");
        Assert.Contains("m=audio 6000 ", reinvite.Body, StringComparison.Ordinal);
        staying.Reply(200, TestSdp.Audio(PortOf(staying)));
        staying.Expect("ACK");
        carol.ExpectNothing();
        ExpectNotify(transferor, "SIP/2.0 200 OK", "terminated;reason=noresource");
        transferor.Bye();
        transferor.Expect(200, "BYE");
        staying.ExpectNothing();
        Server.HangUp(carol, staying);
        Server.ExpectNothingLeft();
    }

    [Theory]
    [InlineData(true, 486, "SIP/2.0 486 Busy Here")]
    [InlineData(false, 603, "SIP/2.0 603 Decline")]
    public void A_blind_transfer_that_the_new_party_refuses_leaves_the_call_as_it_was(bool callerTransfers, int code, string told)
    {
        (TestPhone transferor, TestPhone staying, TestPhone carol) = Connected(callerTransfers);
        Refer(transferor, $"Refer-To: <{Carol}>");
        carol.Expect("INVITE");
        carol.Reply(code);
        carol.Expect("ACK");
        ExpectNotify(transferor, told, "terminated;reason=noresource");
        staying.ExpectNothing();
        Hold(transferor, staying);
        Server.HangUp(transferor, staying);
        Server.ExpectNothingLeft();
    }

    [Fact]
    public void A_transfer_that_nobody_answers_fails_when_the_ring_time_is_over()
    {
        Start("[b2bua]\nring-timeout=30");
        (TestPhone transferor, TestPhone staying, TestPhone carol) = Connected(callerTransfers: true);
        Refer(transferor, $"Refer-To: <{Carol}>");
        TestMessage invite = carol.Expect("INVITE");
        carol.Reply(180);
        ExpectNotify(transferor, "SIP/2.0 180 Ringing", "active;expires=60");
        carol.Await("CANCEL");
        carol.Reply(200);
        carol.Reply(invite, 487);
        carol.Expect("ACK");
        ExpectNotify(transferor, "SIP/2.0 408 Request Timeout", "terminated;reason=noresource");
        Server.HangUp(staying, transferor);
        Server.ExpectNothingLeft();
    }

    [Theory]
    [InlineData("nobody@example.org", "SIP/2.0 404 Not Found")]
    [InlineData("dave@example.org", "SIP/2.0 480 Temporarily Unavailable")]
    [InlineData("bob@elsewhere.example", "SIP/2.0 403 Forbidden")]
    [InlineData("alice@example.org", "SIP/2.0 482 Loop Detected")]
    public void A_transfer_goes_where_a_call_of_the_transferor_might_go(string to, string told)
    {
        TestPhone self = Server.AddPhone("alice", registered: true);
        (TestPhone transferor, TestPhone staying, _) = Connected(callerTransfers: false);
        Refer(transferor, $"Refer-To: <sip:{to}>");
        ExpectNotify(transferor, told, "terminated;reason=noresource");
        self.ExpectNothing();
        Server.HangUp(staying, transferor);
        Server.ExpectNothingLeft();
    }

    [Fact]
    public void RFC_3892_The_new_party_learns_who_has_sent_the_caller()
    {
        (TestPhone transferor, TestPhone staying, TestPhone carol) = Connected(callerTransfers: false);
        Refer(transferor, $"Refer-To: <{Carol};method=INVITE?Subject=x>\r\nReferred-By: <sip:mallory@example.org>");
        TestMessage invite = carol.Expect("INVITE");
        Assert.Equal("<sip:bob@example.org>", invite.Header("Referred-By"));
        Answer(carol, staying, transferor);
        transferor.Await("BYE");
        transferor.Reply(200);
        Server.HangUp(staying, carol);
        Server.ExpectNothingLeft();
    }

    [Fact]
    public void RFC_4488_Who_wants_no_NOTIFY_gets_none()
    {
        (TestPhone transferor, TestPhone staying, TestPhone carol) = Connected(callerTransfers: true);
        transferor.Ask("REFER", headers: $"Refer-To: <{Carol}>\r\nRefer-Sub: false");
        Assert.Equal("false", transferor.Expect(200).Header("Refer-Sub"));
        carol.Expect("INVITE");
        carol.Reply(200, TestSdp.Audio(6000));
        carol.Expect("ACK");
        staying.Expect("INVITE");
        staying.Reply(200, TestSdp.Audio(PortOf(staying)));
        staying.Expect("ACK");
        transferor.Await("BYE", 5);
        transferor.Reply(200);
        Server.HangUp(staying, carol);
        Server.ExpectNothingLeft();
    }

    [Fact]
    public void RFC_3515_A_second_REFER_is_told_apart_by_its_number()
    {
        (TestPhone transferor, TestPhone staying, TestPhone carol) = Connected(callerTransfers: true);
        Refer(transferor, "Refer-To: <sip:nobody@example.org>");
        Assert.Equal("refer", ExpectNotify(transferor, "SIP/2.0 404 Not Found", "terminated").Header("Event"));
        TestMessage second = Refer(transferor, $"Refer-To: {Carol}");
        carol.Expect("INVITE");
        carol.Reply(486);
        carol.Expect("ACK");
        Assert.Equal($"refer;id={second.CSeq}", ExpectNotify(transferor, "SIP/2.0 486 Busy Here", "terminated").Header("Event"));
        Server.HangUp(staying, transferor);
        Server.ExpectNothingLeft();
    }

    [Theory]
    [InlineData("", 400)]
    [InlineData("Refer-To: <>", 400)]
    [InlineData("Refer-To: <sip:carol@example.org;method=BYE>", 403)]
    public void RFC_3515_A_REFER_that_cannot_be_followed_is_refused(string header, int code)
    {
        (TestPhone transferor, TestPhone staying, _) = Connected(callerTransfers: true);
        transferor.Ask("REFER", headers: header);
        transferor.Expect(code);
        Server.HangUp(staying, transferor);
        Server.ExpectNothingLeft();
    }

    [Fact]
    public void A_second_transfer_while_the_first_is_pending_gets_491()
    {
        (TestPhone transferor, TestPhone staying, TestPhone carol) = Connected(callerTransfers: true);
        Refer(transferor, $"Refer-To: <{Carol}>");
        TestMessage invite = carol.Expect("INVITE");
        carol.Reply(180);
        ExpectNotify(transferor, "SIP/2.0 180 Ringing", "active");
        staying.Ask("REFER", headers: "Refer-To: <sip:dave@example.org>");
        staying.Expect(491);
        staying.Bye();
        staying.Expect(200);
        carol.Expect("CANCEL");
        carol.Reply(200);
        carol.Reply(invite, 487);
        carol.Expect("ACK");
        transferor.Expect("BYE");
        transferor.Reply(200);
        Server.ExpectNothingLeft();
    }

    [Fact]
    public void A_transferor_who_hangs_up_at_once_leaves_the_transfer_to_the_server()
    {
        (TestPhone transferor, TestPhone staying, TestPhone carol) = Connected(callerTransfers: false);
        Refer(transferor, $"Refer-To: <{Carol}>");
        transferor.Bye();
        transferor.Expect(200, "BYE");
        staying.ExpectNothing();
        carol.Expect("INVITE");
        carol.Reply(200, TestSdp.Audio(6000));
        carol.Expect("ACK");
        staying.Expect("INVITE");
        staying.Reply(200, TestSdp.Audio(PortOf(staying)));
        staying.Expect("ACK");
        Server.HangUp(carol, staying);
        Server.ExpectNothingLeft();
    }

    [Fact]
    public void When_the_transferor_has_gone_a_failed_transfer_ends_the_call()
    {
        (TestPhone transferor, TestPhone staying, TestPhone carol) = Connected(callerTransfers: false);
        Refer(transferor, $"Refer-To: <{Carol}>");
        transferor.Bye();
        transferor.Expect(200, "BYE");
        carol.Expect("INVITE");
        carol.Reply(486);
        carol.Expect("ACK");
        staying.Expect("BYE");
        staying.Reply(200);
        Server.ExpectNothingLeft();
    }

    [Fact]
    public void A_new_party_that_the_one_who_stays_cannot_talk_to_is_hung_up_and_the_call_goes_on()
    {
        (TestPhone transferor, TestPhone staying, TestPhone carol) = Connected(callerTransfers: true);
        Refer(transferor, $"Refer-To: <{Carol}>");
        carol.Expect("INVITE");
        carol.Reply(200, TestSdp.Audio(6000));
        carol.Expect("ACK");
        staying.Expect("INVITE");
        staying.Reply(488);
        staying.Expect("ACK");
        carol.Expect("BYE");
        carol.Reply(200);
        ExpectNotify(transferor, "SIP/2.0 488 Not Acceptable Here", "terminated");
        Hold(staying, transferor);
        Server.HangUp(staying, transferor);
        Server.ExpectNothingLeft();
    }

    [Fact]
    public void A_new_party_that_hangs_up_at_once_gives_the_one_who_stays_back_to_the_transferor()
    {
        (TestPhone transferor, TestPhone staying, TestPhone carol) = Connected(callerTransfers: true);
        Refer(transferor, $"Refer-To: <{Carol}>");
        carol.Expect("INVITE");
        carol.Reply(200, TestSdp.Audio(6000));
        carol.Expect("ACK");
        TestMessage joining = staying.Expect("INVITE");
        carol.Bye();
        carol.Expect(200);
        staying.Reply(joining, 200, TestSdp.Audio(PortOf(staying)));
        staying.Expect("ACK");
        Server.Advance(0.1);
        Assert.Contains($"m=audio {PortOf(transferor)} ", staying.Expect("INVITE").Body, StringComparison.Ordinal);
        staying.Reply(200, TestSdp.Audio(PortOf(staying)));
        staying.Expect("ACK");
        ExpectNotify(transferor, "SIP/2.0 487 Request Terminated", "terminated");
        Server.HangUp(staying, transferor);
        Server.ExpectNothingLeft();
    }

    [Fact]
    public void Who_is_on_hold_is_offered_to_the_new_party_as_ready_to_talk()
    {
        (TestPhone transferor, TestPhone staying, TestPhone carol) = Connected(callerTransfers: true);
        Hold(transferor, staying);
        Refer(transferor, $"Refer-To: <{Carol}>");
        Assert.Contains("a=sendrecv", carol.Expect("INVITE").Body, StringComparison.Ordinal);
        carol.Reply(200, TestSdp.Audio(6000));
        carol.Expect("ACK");
        TestMessage reinvite = staying.Expect("INVITE");
        Assert.Contains("a=sendrecv", reinvite.Body, StringComparison.Ordinal);
        Assert.Contains("o=- 7 3 ", reinvite.Body, StringComparison.Ordinal); // RFC 3264 8: one more than the hold before
        staying.Reply(200, TestSdp.Audio(PortOf(staying), version: 3));
        staying.Expect("ACK");
        ExpectNotify(transferor, "SIP/2.0 200 OK", "terminated");
        transferor.Await("BYE");
        transferor.Reply(200);
        Server.HangUp(staying, carol);
        Server.ExpectNothingLeft();
    }

    [Fact]
    public void When_the_one_who_stays_answers_from_elsewhere_the_new_party_is_told()
    {
        (TestPhone transferor, TestPhone staying, TestPhone carol) = Connected(callerTransfers: true);
        Refer(transferor, $"Refer-To: <{Carol}>");
        carol.Expect("INVITE");
        carol.Reply(200, TestSdp.Audio(6000));
        carol.Expect("ACK");
        staying.Expect("INVITE");
        staying.Reply(200, TestSdp.Audio(7000, version: 2));
        staying.Expect("ACK");
        Assert.Contains("m=audio 7000 ", carol.Expect("INVITE").Body, StringComparison.Ordinal);
        carol.Reply(200, TestSdp.Audio(6000));
        carol.Expect("ACK");
        ExpectNotify(transferor, "SIP/2.0 200 OK", "terminated");
        transferor.Bye();
        transferor.Expect(200);
        Hold(carol, staying);
        Server.HangUp(staying, carol);
        Server.ExpectNothingLeft();
    }

    [Fact]
    public void A_transferred_call_can_be_transferred_again()
    {
        (TestPhone transferor, TestPhone staying, TestPhone carol) = Connected(callerTransfers: true);
        TestPhone dave = Server.AddPhone("dave", registered: true);
        Refer(transferor, $"Refer-To: <{Carol}>");
        carol.Expect("INVITE");
        Answer(carol, staying, transferor);
        transferor.Bye();
        transferor.Expect(200);
        Refer(staying, "Refer-To: <sip:dave@example.org>");
        Assert.Contains("carol", dave.Expect("INVITE").Header("From"), StringComparison.Ordinal);
        Answer(dave, carol, staying);
        staying.Bye();
        staying.Expect(200);
        Server.HangUp(carol, dave);
        Server.ExpectNothingLeft();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Where_callers_are_asked_who_they_are_a_transferor_is_known_by_its_call(bool callerTransfers)
    {
        Start("[module::Authentication]\nenabled=true");
        (TestPhone alice, TestPhone bob) = Server.AddPair();
        TestPhone carol = Server.AddPhone("carol", registered: true);
        alice.Invite(bob.AddressOfRecord);
        TestMessage challenge = alice.Expect(407);
        alice.Invite(bob.AddressOfRecord, headers: TestDigest.Authorization(challenge, "INVITE", bob.AddressOfRecord, "alice", "alice-secret"));
        bob.Expect("INVITE");
        bob.Reply(200, TestSdp.Audio(5000));
        bob.Expect("ACK");
        alice.Expect(100);
        alice.Expect(200);
        alice.Ack();
        (TestPhone transferor, TestPhone staying) = callerTransfers ? (alice, bob) : (bob, alice);
        Refer(transferor, $"Refer-To: <{Carol}>");
        carol.Expect("INVITE");
        Answer(carol, staying, transferor);
        transferor.Bye();
        transferor.Expect(200);
        Server.HangUp(staying, carol);
        Server.ExpectNothingLeft();
    }

    [Fact]
    public void A_refused_transfer_gets_603()
    {
        Start("[b2bua]\ntransfer=refuse");
        (TestPhone transferor, TestPhone staying, TestPhone carol) = Connected(callerTransfers: true);
        transferor.Ask("REFER", headers: $"Refer-To: <{Carol}>");
        transferor.Expect(603);
        carol.ExpectNothing();
        Server.HangUp(staying, transferor);
        Server.ExpectNothingLeft();
    }

    [Fact]
    public void A_transfer_that_is_passed_on_reaches_the_other_phone()
    {
        Start("[b2bua]\ntransfer=pass");
        (TestPhone transferor, TestPhone staying, _) = Connected(callerTransfers: true);
        transferor.Ask("REFER", headers: $"Refer-To: <{Carol}>");
        Assert.Equal($"<{Carol}>", staying.Expect("REFER").Header("Refer-To"));
        staying.Reply(202);
        transferor.Expect(202);
        staying.Ask("NOTIFY", "SIP/2.0 100 Trying\r\n", "Event: refer\r\nSubscription-State: active", "message/sipfrag");
        Assert.Equal("refer", transferor.Expect("NOTIFY").Header("Event"));
        transferor.Reply(200);
        staying.Expect(200);
        Server.HangUp(staying, transferor);
        Server.ExpectNothingLeft();
    }

    private static int PortOf(TestPhone phone) => phone.User == "alice" ? 4000 : 5000;

    private static TestMessage Refer(TestPhone transferor, string headers)
    {
        TestMessage refer = transferor.Ask("REFER", headers: headers);
        Assert.NotEmpty(transferor.Expect(202).ContactUri);
        ExpectNotify(transferor, "SIP/2.0 100 Trying", "active");
        return refer;
    }

    private static TestMessage ExpectNotify(TestPhone phone, string status, string state)
    {
        TestMessage notify = phone.Expect("NOTIFY");
        Assert.Equal(status + "\r\n", notify.Body);
        Assert.StartsWith("message/sipfrag", notify.Header("Content-Type"), StringComparison.Ordinal);
        Assert.StartsWith(state, notify.Header("Subscription-State"), StringComparison.Ordinal);
        phone.Reply(200);
        return notify;
    }

    private static void Answer(TestPhone joined, TestPhone staying, TestPhone transferor)
    {
        joined.Reply(200, TestSdp.Audio(6000));
        joined.Expect("ACK");
        TestMessage reinvite = staying.Expect("INVITE");
        staying.Reply(200, staying.User == "carol" ? TestSdp.Audio(6000) : TestSdp.Audio(PortOf(staying)));
        staying.Expect("ACK");
        Assert.NotEmpty(reinvite.Body);
        ExpectNotify(transferor, "SIP/2.0 200 OK", "terminated;reason=noresource");
    }

    private void Hold(TestPhone from, TestPhone to)
    {
        from.Reinvite(TestSdp.Audio(PortOf(from), "sendonly", 2));
        to.Expect("INVITE");
        to.Reply(200, TestSdp.Audio(PortOf(to), "recvonly", 2));
        to.Expect("ACK");
        from.Expect(100);
        from.Expect(200);
        from.Ack();
        Server.Settle();
    }

    private (TestPhone Transferor, TestPhone Staying, TestPhone Carol) Connected(bool callerTransfers)
    {
        (TestPhone alice, TestPhone bob) = Server.AddPair();
        TestPhone carol = Server.AddPhone("carol", registered: true);
        Server.Call(alice, bob);
        return callerTransfers ? (alice, bob, carol) : (bob, alice, carol);
    }
}

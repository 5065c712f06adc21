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
        transferor.Refers($"<{Carol}>");
        TestMessage invite = carol.Expect("INVITE");
        Assert.Contains(staying.User, invite.Header("From"), StringComparison.Ordinal);
        Assert.Equal(TestSdp.Audio(staying.MediaPort()), invite.Body);
        carol.Reply(180);
        transferor.HearsOf("SIP/2.0 180 Ringing", "active");
        staying.ExpectNothing();
        Assert.Contains("m=audio 6000 ", Joins(carol, staying).Body, StringComparison.Ordinal);
        staying.Accepts();
        carol.ExpectNothing();
        transferor.HearsOf("SIP/2.0 200 OK", "terminated;reason=noresource");
        transferor.Leaves();
        staying.ExpectNothing();
        Server.End(carol, staying);
    }

    [Theory]
    [InlineData(true, 486, "SIP/2.0 486 Busy Here")]
    [InlineData(false, 603, "SIP/2.0 603 Decline")]
    public void A_blind_transfer_that_the_new_party_refuses_leaves_the_call_as_it_was(bool callerTransfers, int code, string told)
    {
        (TestPhone transferor, TestPhone staying, TestPhone carol) = Connected(callerTransfers);
        transferor.Refers($"<{Carol}>");
        carol.Expect("INVITE");
        carol.Refuses(code);
        transferor.HearsOf(told, "terminated;reason=noresource");
        staying.ExpectNothing();
        Server.Hold(transferor, staying);
        Server.End(transferor, staying);
    }

    [Theory]
    [InlineData("INVITE")]
    [InlineData("UPDATE")]
    public void The_new_party_is_not_offered_what_the_one_who_stays_has_offered_in_vain(string method)
    {
        (TestPhone transferor, TestPhone staying, TestPhone carol) = Connected(callerTransfers: false);
        transferor.Allow = TestCalls.WithUpdate;
        Server.Hold(staying, transferor);
        Server.Change(staying, transferor, TestSdp.Audio(4000, version: 3), TestSdp.Audio(5000, version: 3));
        staying.ChangeInVain(transferor, TestSdp.Of(4, "m=image 4004 udptl t38"), method);
        transferor.Refers($"<{Carol}>");
        Assert.Equal("audio 4000 RTP/AVP 0 101", Assert.Single(HeardSession.MediaLines(carol.Expect("INVITE").Body)));
        Connects(carol, staying, transferor);
        transferor.Leaves();
        Server.End(carol, staying);
    }

    [Fact]
    public void A_transfer_that_nobody_answers_fails_when_the_ring_time_is_over()
    {
        Start("[b2bua]\nring-timeout=30");
        (TestPhone transferor, TestPhone staying, TestPhone carol) = Connected(callerTransfers: true);
        transferor.Refers($"<{Carol}>");
        TestMessage invite = carol.Expect("INVITE");
        carol.Reply(180);
        transferor.HearsOf("SIP/2.0 180 Ringing", "active;expires=59");
        Server.Advance(29.1);
        carol.IsCancelled(invite);
        transferor.HearsOf("SIP/2.0 408 Request Timeout", "terminated;reason=noresource");
        Server.End(staying, transferor);
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
        transferor.Refers($"<sip:{to}>");
        transferor.HearsOf(told, "terminated;reason=noresource");
        self.ExpectNothing();
        Server.End(staying, transferor);
    }

    [Fact]
    public void RFC_3892_The_new_party_learns_who_has_sent_the_caller()
    {
        (TestPhone transferor, TestPhone staying, TestPhone carol) = Connected(callerTransfers: false);
        transferor.Refers($"<{Carol};method=INVITE?Subject=x>", "\r\nReferred-By: <sip:mallory@example.org>");
        TestMessage invite = carol.Expect("INVITE");
        Assert.Equal("<sip:bob@example.org>", invite.Header("Referred-By"));
        Connects(carol, staying, transferor);
        transferor.Await("BYE");
        transferor.Reply(200);
        Server.End(staying, carol);
    }

    [Fact]
    public void RFC_4488_Who_wants_no_NOTIFY_gets_none()
    {
        (TestPhone transferor, TestPhone staying, TestPhone carol) = Connected(callerTransfers: true);
        transferor.Ask("REFER", headers: $"Refer-To: <{Carol}>\r\nRefer-Sub: false");
        Assert.Equal("false", transferor.Expect(200).Header("Refer-Sub"));
        carol.Expect("INVITE");
        Joins(carol, staying);
        staying.Accepts();
        transferor.Await("BYE", 5);
        transferor.Reply(200);
        Server.End(staying, carol);
    }

    [Fact]
    public void RFC_3515_A_second_REFER_is_told_apart_by_its_number()
    {
        (TestPhone transferor, TestPhone staying, TestPhone carol) = Connected(callerTransfers: true);
        transferor.Refers("<sip:nobody@example.org>");
        Assert.Equal("refer", transferor.HearsOf("SIP/2.0 404 Not Found", "terminated").Header("Event"));
        TestMessage second = transferor.Refers(Carol);
        carol.Expect("INVITE");
        carol.Refuses(486);
        Assert.Equal($"refer;id={second.CSeq}", transferor.HearsOf("SIP/2.0 486 Busy Here", "terminated").Header("Event"));
        Server.End(staying, transferor);
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
        Server.End(staying, transferor);
    }

    [Fact]
    public void A_second_transfer_while_the_first_is_pending_gets_491()
    {
        (TestPhone transferor, TestPhone staying, TestPhone carol) = Connected(callerTransfers: true);
        transferor.Refers($"<{Carol}>");
        TestMessage invite = carol.Expect("INVITE");
        carol.Reply(180);
        transferor.HearsOf("SIP/2.0 180 Ringing", "active");
        staying.Ask("REFER", headers: "Refer-To: <sip:dave@example.org>");
        staying.Expect(491);
        staying.Leaves();
        carol.IsCancelled(invite);
        transferor.IsHungUpOn();
        Server.ExpectNothingLeft();
    }

    [Fact]
    public void A_transferor_who_hangs_up_at_once_leaves_the_transfer_to_the_server()
    {
        (TestPhone transferor, TestPhone staying, TestPhone carol) = Connected(callerTransfers: false);
        transferor.Refers($"<{Carol}>");
        transferor.Leaves();
        staying.ExpectNothing();
        carol.Expect("INVITE");
        Joins(carol, staying);
        staying.Accepts();
        Server.End(carol, staying);
    }

    [Fact]
    public void When_the_transferor_has_gone_a_failed_transfer_ends_the_call()
    {
        (TestPhone transferor, TestPhone staying, TestPhone carol) = Connected(callerTransfers: false);
        transferor.Refers($"<{Carol}>");
        transferor.Leaves();
        carol.Expect("INVITE");
        carol.Refuses(486);
        staying.IsHungUpOn();
        Server.ExpectNothingLeft();
    }

    [Fact]
    public void A_new_party_that_the_one_who_stays_cannot_talk_to_is_hung_up_and_the_call_goes_on()
    {
        (TestPhone transferor, TestPhone staying, TestPhone carol) = Connected(callerTransfers: true);
        transferor.Refers($"<{Carol}>");
        carol.Expect("INVITE");
        Joins(carol, staying);
        staying.Refuses(488);
        carol.IsHungUpOn();
        transferor.HearsOf("SIP/2.0 488 Not Acceptable Here", "terminated");
        Server.Hold(staying, transferor);
        Server.End(staying, transferor);
    }

    [Fact]
    public void A_new_party_that_hangs_up_at_once_gives_the_one_who_stays_back_to_the_transferor()
    {
        (TestPhone transferor, TestPhone staying, TestPhone carol) = Connected(callerTransfers: true);
        transferor.Refers($"<{Carol}>");
        carol.Expect("INVITE");
        TestMessage joining = Joins(carol, staying);
        carol.Leaves();
        staying.Accepts(joining, TestSdp.Audio(staying.MediaPort()));
        Server.Advance(0.1);
        Assert.Contains($"m=audio {transferor.MediaPort()} ", staying.Expect("INVITE").Body, StringComparison.Ordinal);
        staying.Accepts();
        transferor.HearsOf("SIP/2.0 487 Request Terminated", "terminated");
        Server.End(staying, transferor);
    }

    [Fact]
    public void Who_is_on_hold_is_offered_to_the_new_party_as_ready_to_talk()
    {
        (TestPhone transferor, TestPhone staying, TestPhone carol) = Connected(callerTransfers: true);
        Server.Hold(transferor, staying);
        transferor.Refers($"<{Carol}>");
        Assert.Contains("a=sendrecv", carol.Expect("INVITE").Body, StringComparison.Ordinal);
        TestMessage reinvite = Joins(carol, staying);
        Assert.Contains("a=sendrecv", reinvite.Body, StringComparison.Ordinal);
        Assert.Contains("o=- 7 3 ", reinvite.Body, StringComparison.Ordinal); // RFC 3264 8: one more than the hold before
        staying.Accepts(TestSdp.Audio(staying.MediaPort(), version: 3));
        transferor.HearsOf("SIP/2.0 200 OK", "terminated");
        transferor.Await("BYE");
        transferor.Reply(200);
        Server.End(staying, carol);
    }

    [Fact]
    public void A_transferred_call_can_be_transferred_again()
    {
        (TestPhone transferor, TestPhone staying, TestPhone carol) = Connected(callerTransfers: true);
        TestPhone dave = Server.AddPhone("dave", registered: true);
        transferor.Refers($"<{Carol}>");
        carol.Expect("INVITE");
        Connects(carol, staying, transferor);
        transferor.Leaves();
        staying.Refers("<sip:dave@example.org>");
        Assert.Contains("carol", dave.Expect("INVITE").Header("From"), StringComparison.Ordinal);
        Connects(dave, carol, staying);
        staying.Leaves();
        Server.End(carol, dave);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Where_callers_are_asked_who_they_are_a_transferor_is_known_by_its_call(bool callerTransfers)
    {
        Start("[module::Authentication]\nenabled=true");
        (TestPhone alice, TestPhone bob) = Server.AddPair();
        TestPhone carol = Server.AddPhone("carol", registered: true);
        alice.InviteAsked(bob.AddressOfRecord);
        bob.Expect("INVITE");
        bob.Accepts(TestSdp.Audio(5000));
        alice.TakesAnswer();
        (TestPhone transferor, TestPhone staying) = callerTransfers ? (alice, bob) : (bob, alice);
        transferor.Refers($"<{Carol}>");
        carol.Expect("INVITE");
        Connects(carol, staying, transferor);
        transferor.Leaves();
        Server.End(staying, carol);
    }

    [Fact]
    public void A_refused_transfer_gets_603()
    {
        Start("[b2bua]\ntransfer=refuse");
        (TestPhone transferor, TestPhone staying, TestPhone carol) = Connected(callerTransfers: true);
        transferor.Ask("REFER", headers: $"Refer-To: <{Carol}>");
        transferor.Expect(603);
        carol.ExpectNothing();
        Server.End(staying, transferor);
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
        Server.End(staying, transferor);
    }

    // The new party takes the call, and is offered to the one who stays.
    private static TestMessage Joins(TestPhone joined, TestPhone staying)
    {
        joined.Accepts();
        return staying.Expect("INVITE");
    }

    private static void Connects(TestPhone joined, TestPhone staying, TestPhone transferor)
    {
        Assert.NotEmpty(Joins(joined, staying).Body);
        staying.Accepts();
        transferor.HearsOf("SIP/2.0 200 OK", "terminated;reason=noresource");
    }

    private (TestPhone Transferor, TestPhone Staying, TestPhone Carol) Connected(bool callerTransfers)
    {
        (TestPhone alice, TestPhone bob) = Server.AddPair();
        TestPhone carol = Server.AddPhone("carol", registered: true);
        Server.Call(alice, bob);
        return callerTransfers ? (alice, bob, carol) : (bob, alice, carol);
    }
}

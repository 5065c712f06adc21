namespace Sip.B2bua.FunctionalTests;

/// <summary>
/// REFERs outside any dialog: those that name a call of their sender in Target-Dialog (RFC 4538, RFC 5589 6.1) transfer that, and where
/// transfers are passed on they reach whom they are for, with all that follows.
/// </summary>
public sealed class OutsideReferTests : InMemoryTests
{
    private const string Carol = "sip:carol@example.org";

    private TestPhone alice = null!;
    private TestPhone bob = null!;
    private TestPhone carol = null!;
    private TestDialog call = null!;

    [Theory]
    [InlineData(true, 1)]
    [InlineData(false, 1)]
    [InlineData(true, 3)]
    [InlineData(false, 3)]
    public void RFC_4538_A_party_of_a_call_transfers_it_from_outside(bool callerTransfers, int loops)
    {
        Connect(loops);
        (TestPhone transferor, TestPhone staying) = callerTransfers ? (alice, bob) : (bob, alice);
        call = transferor.Dialog;
        TestMessage refer = transferor.ReferOutside(Carol, call.TargetDialog());
        TestMessage accepted = IsAccepted(transferor);
        Assert.NotEmpty(accepted.ContactUri);
        TestMessage notify = transferor.HearsOf("SIP/2.0 100 Trying", "active");
        Assert.Equal((refer.CallId, accepted.ToTag, "refer"), (notify.CallId, notify.FromTag, notify.Header("Event")));
        Rings();
        transferor.HearsOf("SIP/2.0 180 Ringing");
        Joins(staying);
        transferor.HearsOf("SIP/2.0 200 OK", "terminated;reason=noresource");
        transferor.Dialog = call;
        transferor.Leaves();
        Server.Hold(carol, staying, version: 4);
        Server.End(staying, carol);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public void RFC_5589_7_1_Two_calls_become_one_by_a_REFER_from_outside(int loops)
    {
        Connect(loops);
        Server.Call(bob, carol);
        TestDialog second = bob.Dialog;
        bob.Dialog = call;
        bob.ReferOutside($"{Carol}?Replaces={Uri.EscapeDataString(second.Replaces())}", call.TargetDialog());
        IsAccepted(bob);
        bob.HearsOf("SIP/2.0 100 Trying");
        bob.IsReplacedBy(carol, alice, call);
        Server.End(alice, carol);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public void A_party_that_has_changed_calls_transfers_its_new_one_from_outside(int loops)
    {
        Connect(loops);
        Server.Call(bob, carol);
        TestDialog second = bob.Dialog;
        TestDialog first = call;
        bob.Dialog = first;
        bob.Refers($"<{Carol}?Replaces={Uri.EscapeDataString(second.Replaces())}>");
        bob.IsReplacedBy(carol, alice, first);
        call = carol.Dialog;
        carol.ReferOutside("sip:nobody@example.org", call.TargetDialog());
        IsAccepted(carol);
        carol.HearsOf("SIP/2.0 100 Trying");
        carol.HearsOf("SIP/2.0 404 Not Found", "terminated");
        carol.Dialog = call;
        Server.End(carol, alice);
    }

    [Fact]
    public void A_transfer_from_outside_that_fails_leaves_the_call_as_it_was()
    {
        BeginTransfer();
        carol.Expect("INVITE");
        carol.Refuses(486);
        bob.HearsOf("SIP/2.0 486 Busy Here", "terminated");
        bob.Dialog = call;
        Server.Hold(bob, alice);
        Server.End(bob, alice);
    }

    [Fact]
    public void RFC_5057_4_1_Who_hangs_up_hears_of_the_outcome_in_the_dialog_of_the_REFER()
    {
        BeginTransfer();
        bob.Dialog = call;
        bob.Leaves();
        Rings();
        bob.HearsOf("SIP/2.0 180 Ringing");
        Joins(alice);
        bob.HearsOf("SIP/2.0 200 OK", "terminated");
        Server.End(alice, carol);
    }

    [Fact]
    public void A_party_that_hangs_up_ends_the_transfer_and_the_referrer_is_told()
    {
        BeginTransfer();
        Rings();
        bob.HearsOf("SIP/2.0 180 Ringing");
        alice.Leaves();
        carol.IsCancelled();
        bob.HearsOf("SIP/2.0 487 Request Terminated", "terminated");
        bob.Dialog = call;
        bob.IsHungUpOn();
        Server.ExpectNothingLeft();
    }

    [Fact]
    public void RFC_3515_2_4_4_The_subscription_of_a_REFER_from_outside_is_prolonged_and_ended_in_its_dialog()
    {
        BeginTransfer();
        Rings();
        bob.HearsOf("SIP/2.0 180 Ringing");
        bob.Refresh(30, "refer");
        Assert.Equal("30", bob.Expect(200, "SUBSCRIBE").Header("Expires"));
        bob.HearsOf("SIP/2.0 180 Ringing", "active;expires=30");
        bob.Ask("INFO");
        Assert.Equal("SUBSCRIBE, NOTIFY", bob.Expect(405).Header("Allow"));
        bob.Refresh(0, "refer");
        bob.Expect(200, "SUBSCRIBE");
        bob.HearsOf("SIP/2.0 180 Ringing", "terminated;reason=timeout");
        carol.RefusesCall(486);
        bob.ExpectNothing();
        bob.Dialog = call;
        Server.End(bob, alice);
    }

    [Fact]
    public void RFC_4488_4_Without_a_subscription_a_REFER_from_outside_makes_no_dialog()
    {
        Connect();
        bob.ReferOutside(Carol, bob.Dialog.TargetDialog() + "\r\nRefer-Sub: false");
        bob.Expect(200);
        carol.Expect("INVITE");
        carol.Refuses(486);
        bob.ExpectNothing();
        bob.Dialog = call;
        Server.End(bob, alice);
    }

    [Theory]
    [InlineData("x")]
    [InlineData(";local-tag=1")]
    public void RFC_4538_4_What_names_no_dialog_of_ours_is_ignored(string more)
    {
        Connect();
        bob.ReferOutside(Carol, more == "x" ? bob.Dialog.TargetDialog() + more : "Target-Dialog: " + bob.Dialog.CallId + more);
        bob.Expect(403);
        carol.ExpectNothing();
        bob.Dialog = call;
        Server.End(bob, alice);
    }

    [Theory]
    [InlineData("bob", 202)]
    [InlineData("carol", 403)]
    public void RFC_4538_4_Where_callers_are_asked_who_they_are_it_must_be_the_party_who_asks(string user, int code)
    {
        Start("[module::Authentication]\nenabled=true");
        (alice, bob) = Server.AddPair();
        carol = Server.AddPhone("carol", registered: true);
        alice.InviteAsked(bob.AddressOfRecord);
        bob.Expect("INVITE");
        bob.Accepts();
        alice.TakesAnswer();
        call = bob.Dialog;
        TestPhone sender = user == "bob" ? bob : carol;
        sender.ReferOutside("sip:dave@example.org", call.TargetDialog());
        TestMessage challenge = sender.Expect(407);
        string own = TestDigest.Authorization(challenge, "REFER", "sip:192.0.2.1", user, user + "-secret");
        sender.ReferOutside("sip:dave@example.org", call.TargetDialog() + "\r\n" + own);
        sender.Expect(code);
        if (code == 202)
        {
            bob.HearsOf("SIP/2.0 100 Trying");
            bob.HearsOf("SIP/2.0 480 Temporarily Unavailable", "terminated");
        }

        bob.Dialog = call;
        Server.End(bob, alice);
    }

    [Theory]
    [InlineData("", 202)]
    [InlineData(";id=17", 202)]
    [InlineData("", 200)]
    public void Where_transfers_are_passed_on_a_REFER_outside_calls_reaches_the_other_phone_and_its_NOTIFYs_the_referrer(string id, int code)
    {
        PassOn();
        TestMessage refer = ReferTo(alice, "");
        TestMessage crossed = ExpectRefer(bob);
        Assert.Equal(($"<{Carol}>", refer.CSeq), (crossed.Header("Refer-To"), crossed.CSeq));
        Assert.NotEqual(refer.CallId, crossed.CallId);
        Assert.DoesNotContain(alice.Host, crossed.Text, StringComparison.Ordinal);
        id = id.Length > 0 ? ";id=" + crossed.CSeq : "";
        bob.AcceptRefer(bob.Request, code);
        Assert.False(IsAccepted(alice, code).Has("Expires"));
        TestDialog own = alice.Dialog;
        Tell("SIP/2.0 100 Trying", "active;expires=60", id);
        Tell("SIP/2.0 180 Ringing", "active;expires=59", id);
        alice.Dialog = own;
        alice.Refresh(30, "refer");
        Assert.Equal("refer", bob.Expect("SUBSCRIBE").Header("Event"));
        bob.Reply(200, headers: "Expires: 30");
        alice.Expect(200, "SUBSCRIBE");
        Tell("SIP/2.0 200 OK", "terminated;reason=noresource", id);
        Server.ExpectNothingLeft();
    }

    [Fact]
    public void A_REFER_that_is_passed_on_and_never_told_of_leaves_nothing()
    {
        PassOn();
        ReferTo(alice, "");
        ExpectRefer(bob);
        bob.AcceptRefer(bob.Request);
        alice.Expect(202);
        Server.Advance(33);
        Assert.StartsWith("terminated", alice.Await("NOTIFY").Header("Subscription-State"), StringComparison.Ordinal);
        alice.Reply(200);
        alice.Skip();
        Server.ExpectNothingLeft();
    }

    [Fact]
    public void RFC_4488_4_A_REFER_that_is_passed_on_without_a_subscription_leaves_nothing()
    {
        PassOn();
        ReferTo(alice, "\r\nRefer-Sub: false");
        Assert.Equal("false", ExpectRefer(bob).Header("Refer-Sub"));
        bob.Reply(bob.Request, 200, headers: $"Contact: <{bob.ContactUri}>\r\nRefer-Sub: false", toTag: bob.Dialog.LocalTag);
        Assert.Equal("false", alice.Expect(200).Header("Refer-Sub"));
        Assert.Equal(0, Server.Subscriptions);
        Server.ExpectNothingLeft();
    }

    [Fact]
    public void A_REFER_that_is_passed_on_and_refused_is_refused()
    {
        PassOn();
        ReferTo(alice, "");
        ExpectRefer(bob);
        bob.Reply(603);
        alice.Expect(603);
        Server.ExpectNothingLeft();
    }

    // Bob tells Alice how he fares.
    private void Tell(string status, string state, string id)
    {
        bob.Ask("NOTIFY", status + "\r\n", $"Event: refer{id}\r\nSubscription-State: {state}", "message/sipfrag");
        TestMessage notify = alice.Expect("NOTIFY");
        Assert.Equal((status + "\r\n", "refer" + id, state), (notify.Body, notify.Header("Event"), notify.Header("Subscription-State")));
        alice.Reply(200);
        bob.Expect(200, "NOTIFY");
    }

    private static TestMessage ExpectRefer(TestPhone phone)
    {
        TestMessage refer = phone.Expect("REFER");
        phone.EnterDialog(refer);
        return refer;
    }

    // A REFER to Bob that makes a dialog of its own.
    private static TestMessage ReferTo(TestPhone phone, string headers)
    {
        phone.BeginDialog(TestCalls.Bob, cseq: 41);
        return phone.Ask("REFER", headers: $"Refer-To: <{Carol}>{headers}");
    }

    private static TestMessage IsAccepted(TestPhone phone, int code = 202)
    {
        TestDialog own = phone.Dialog;
        TestMessage accepted = phone.Expect(code);
        own.IsMadeBy(accepted);
        phone.Dialog = own;
        return accepted;
    }

    // Alice and Bob talk, and Bob has asked from outside that Alice be sent to Carol.
    private void BeginTransfer()
    {
        Connect();
        bob.ReferOutside(Carol, call.TargetDialog());
        IsAccepted(bob);
        bob.HearsOf("SIP/2.0 100 Trying");
    }

    private void Rings()
    {
        carol.Expect("INVITE");
        carol.Reply(180);
    }

    private void Joins(TestPhone staying)
    {
        carol.Reply(carol.Dialog.ReceivedInvite!, 200, TestSdp.Audio(6000));
        carol.Expect("ACK");
        staying.Expect("INVITE");
        staying.Accepts();
    }

    private void PassOn()
    {
        Start("[b2bua]\ntransfer=pass");
        (alice, bob) = Server.AddPair();
    }

    private void Connect(int loops = 1)
    {
        Start($"[global]\nevent-loops={loops}");
        (alice, bob) = Server.AddPair();
        carol = Server.AddPhone("carol", registered: true);
        Server.Call(alice, bob);
        call = bob.Dialog;
    }
}

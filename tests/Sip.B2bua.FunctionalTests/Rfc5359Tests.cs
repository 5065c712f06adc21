namespace Sip.B2bua.FunctionalTests;

/// <summary>
/// The flows of RFC 5359, with the server in the place of the proxies. The transfers 2.4 and 2.5 are those of RFC 5589 6.2 and 7.3, see
/// <see cref="Rfc5589Tests"/>. A REFER outside a dialog would have a phone do something for whoever asks: 2.15 call park and 2.18 click to dial are
/// to be had where transfers are passed on, and so would be 2.3 music on hold, which is like 2.15. Left out is Join (2.11 third party joins a
/// conference), which would have the server mix. Ids of dialogs in bodies (2.6, 2.16) cross as they are: they name a dialog with the server, and lead back
/// to it.
/// </summary>
public sealed class Rfc5359Tests : FlowTests
{
    private readonly string file = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName());

    // 2.1
    [Theory]
    [MemberData(nameof(Networks))]
    public void Call_hold(int network)
    {
        Begin(network);
        Call(Alice, Bob);
        Hold(Bob, Alice);
        Resume(Bob, Alice);
        HangUp(Alice, Bob);
        End();
    }

    // 2.2
    [Theory]
    [MemberData(nameof(Networks))]
    public void Consultation_hold(int network)
    {
        Begin(network);
        Call(Alice, Bob);
        TestDialog withAlice = Bob.Dialog;
        Hold(Bob, Alice);
        Call(Bob, Carol);
        HangUp(Bob, Carol);
        Bob.Dialog = withAlice;
        Resume(Bob, Alice);
        HangUp(Alice, Bob);
        End();
    }

    // 2.6
    [Theory]
    [MemberData(nameof(Networks))]
    public void Transfer_by_instant_message(int network)
    {
        Begin(network);
        Call(Alice, Bob);
        Bob.AskOutside("MESSAGE", Carol.AddressOfRecord, $"<{Alice.AddressOfRecord}?Replaces={Uri.EscapeDataString(Bob.Dialog.Replaces())}>");
        string link = Carol.Gets("MESSAGE").Body;
        Carol.Reply(200);
        Bob.Gets(200, "MESSAGE");
        string replaces = Uri.UnescapeDataString(link.Split("?Replaces=")[1].TrimEnd('>'));
        Carol.Invite(Alice.AddressOfRecord, Sdp(Carol), "Require: replaces\r\nReplaces: " + replaces);
        Assert.Contains("m=audio 4200 ", Alice.Gets("INVITE").Body, StringComparison.Ordinal);
        Alice.Reply(200, Sdp(Alice, version: 2));
        Alice.Gets("ACK");
        Carol.Hears(100);
        Assert.Contains("m=audio 4000 ", Carol.Gets(200, "INVITE").Body, StringComparison.Ordinal);
        Carol.Ack();
        Bob.Gets("BYE");
        Bob.Reply(200);
        Talk();
        HangUp(Alice, Carol);
        End();
    }

    // 2.7
    [Theory]
    [MemberData(nameof(Networks))]
    public void Call_forwarding_unconditional(int network)
    {
        Begin(network, Diverted("always"));
        Alice.Invite(TestCalls.Bob, Sdp(Alice));
        GetsCall(Alice, Carol);
        Alice.Hears(100, 181, 180);
        Answer(Alice, Carol);
        HangUp(Alice, Carol);
        Bob.ExpectNothing();
        End();
    }

    // 2.8
    [Theory]
    [MemberData(nameof(Networks))]
    public void Call_forwarding_busy(int network)
    {
        Begin(network, Diverted("busy"));
        Alice.Invite(TestCalls.Bob, Sdp(Alice));
        Bob.Gets("INVITE");
        Refuse(Bob, 486);
        GetsCall(Alice, Carol);
        Alice.Hears(100, 181, 180);
        Answer(Alice, Carol);
        HangUp(Alice, Carol);
        End();
    }

    // 2.9
    [Theory]
    [MemberData(nameof(Networks))]
    public void Call_forwarding_no_answer(int network)
    {
        Begin(network, Diverted("away", "call-fork-timeout=10"));
        Ring(Alice, Bob);
        Server.Advance(10.1);
        IsCancelled(Bob);
        GetsCall(Alice, Carol);
        Alice.Hears(181, 180);
        Answer(Alice, Carol);
        HangUp(Alice, Carol);
        End();
    }

    // 2.10. The conference is at Bob's phone, which mixes; the server sees two calls, the first of which changes its session.
    [Theory]
    [MemberData(nameof(Networks))]
    public void Three_way_conference_third_party_is_added(int network)
    {
        Begin(network);
        Call(Alice, Bob);
        TestDialog withAlice = Bob.Dialog;
        Resume(Bob, Alice);
        Call(Bob, Carol);
        TestDialog withCarol = Bob.Dialog;
        Resume(Bob, Carol);
        Bob.Dialog = withAlice;
        HangUp(Bob, Alice);
        Bob.Dialog = withCarol;
        HangUp(Carol, Bob);
        End();
    }

    // 2.12
    [Theory]
    [MemberData(nameof(Networks))]
    public void Find_me(int network)
    {
        Begin(network, "[module::Router]\ncall-fork-current-branches-timeout=10");
        TestPhone second = Another("bob", ";q=0.7");
        TestPhone third = Another("bob", ";q=0.5");
        TestPhone fourth = Another("bob", ";q=0.3");
        Ring(Alice, Bob);
        second.ExpectNothing();
        Server.Advance(10.1);
        second.Gets("INVITE");
        third.ExpectNothing();
        Refuse(second, 480, reason: "Not Logged In");
        Server.Advance(10.1);
        third.Gets("INVITE");
        Refuse(third, 486);
        Server.Advance(10.1);
        GetsCall(Alice, fourth);
        Alice.Hears(180);
        fourth.Reply(200, Sdp(fourth));
        Assert.Equal(Sdp(fourth), Alice.Gets(200, "INVITE").Body);
        Alice.Ack();
        fourth.Gets("ACK");
        IsCancelled(Bob);
        HangUp(fourth, Alice);
        End();
    }

    // 2.13. Bob's screening proxy is a phone that refuses; the announcement server stands outside.
    [Theory]
    [MemberData(nameof(Networks))]
    public void Call_management_incoming_call_screening(int network)
    {
        Begin(network, passwords: true);
        TestPhone announcements = Foreign("screen-fail-term-ann");
        CallWithPassword(Alice, TestCalls.Bob, Sdp(Alice));
        Bob.Gets("INVITE");
        Refuse(Bob, 403, "Error-Info: <sip:screen-fail-term-ann@biloxi.example.com>", "Screening Failure (Terminating)");
        Alice.Hears(100);
        TestMessage refusal = Alice.Gets(403);
        Assert.Equal("Screening Failure (Terminating)", refusal.Reason);
        CallWithPassword(Alice, "sip:screen-fail-term-ann@biloxi.example.com", Sdp(Alice));
        GetsCall(Alice, announcements);
        Alice.Hears(100, 180);
        Answer(Alice, announcements);
        HangUp(announcements, Alice);
        End();
    }

    // 2.14
    [Theory]
    [MemberData(nameof(Networks))]
    public void Call_management_outgoing_call_screening(int network)
    {
        Begin(network, passwords: true, modules: typeof(ScreeningModule));
        CallWithPassword(Alice, "sip:barred@example.org", Sdp(Alice));
        TestMessage refusal = Alice.Gets(403);
        Assert.Equal("Screening Failure (Originating)", refusal.Reason);
        Assert.Equal("<sip:screen-fail-orig-ann@example.org>", refusal.Header("Error-Info"));
        End();
    }

    // 2.16
    [Theory]
    [MemberData(nameof(Networks))]
    public void Call_pickup(int network)
    {
        Begin(network);
        TestMessage invite = Ring(Alice, Bob);
        for (int i = 0; i < 3 && Bob.Repeats; i++)
        {
            Talk();
            Bob.Reply(invite, 180); // nothing else repeats it
        }

        TestDialog ringing = Bob.Dialog;
        Carol.Subscribe(Bob.AddressOfRecord, 60, "dialog");
        Bob.ExpectSubscribe();
        Bob.Accept(60);
        Carol.ExpectAccepted();
        Bob.Notify("terminated;reason=timeout", $"<dialog call-id=\"{ringing.CallId}\" local-tag=\"{ringing.LocalTag}\" remote-tag=\"{ringing.RemoteTag}\"/>", "dialog");
        string[] ids = Carol.Gets("NOTIFY").Body.Split('"');
        Carol.Reply(200);
        Bob.Gets(200, "NOTIFY");
        Carol.Invite(Alice.AddressOfRecord, Sdp(Carol), $"Require: replaces\r\nReplaces: {ids[1]};to-tag={ids[5]};from-tag={ids[3]};early-only");
        Assert.Contains("m=audio 4200 ", Alice.Gets(200, "INVITE").Body, StringComparison.Ordinal);
        Alice.Ack();
        Carol.Hears(100);
        Assert.Contains("m=audio 4000 ", Carol.Gets(200, "INVITE").Body, StringComparison.Ordinal);
        Carol.Ack();
        Bob.Dialog = ringing;
        IsCancelled(Bob);
        Talk();
        HangUp(Alice, Carol);
        End();
    }

    // 2.15: Carol's phone is the park server.
    [Theory]
    [MemberData(nameof(Networks))]
    public void Call_park(int network)
    {
        Begin(network, "[b2bua]\ntransfer=pass");
        TestPhone picker = Another("dave");
        Call(Alice, Bob);
        TestDialog parked = Bob.Dialog;
        TestDialog asked = ReferOutside(Bob, Carol, $"<{parked.RemoteTarget}?Replaces={Uri.EscapeDataString(parked.Replaces())}>");
        TestDialog told = Carol.Dialog;
        Carol.Invite(parked.RemoteTarget, Sdp(Carol), "Replaces: " + parked.Replaces());
        TakesOver(Carol, version: 2);
        TestDialog held = Carol.Dialog;
        Bob.Gets("BYE");
        Bob.Reply(200);
        Tells(Carol, told, Bob, asked, "SIP/2.0 200 OK");
        Talk();
        picker.Invite(held.RemoteTarget, Sdp(picker), "Replaces: " + held.Replaces());
        TakesOver(picker, version: 3);
        Carol.Gets("BYE");
        Carol.Reply(200);
        HangUp(Alice, picker);
        End();
    }

    // 2.18: Alice's computer has Bob's phone call Carol.
    [Theory]
    [MemberData(nameof(Networks))]
    public void Click_to_dial(int network)
    {
        Begin(network, "[b2bua]\ntransfer=pass");
        TestDialog asked = ReferOutside(Alice, Bob, $"<{Carol.AddressOfRecord}>");
        TestDialog told = Bob.Dialog;
        Call(Bob, Carol);
        TestDialog call = Bob.Dialog;
        Tells(Bob, told, Alice, asked, "SIP/2.0 200 OK");
        Bob.Dialog = call;
        HangUp(Bob, Carol);
        End();
    }

    // Whose INVITE replaces the other party of Alice's call gets her session.
    private void TakesOver(TestPhone phone, int version)
    {
        Alice.Gets("INVITE");
        Alice.Reply(200, Sdp(Alice, version: version));
        Alice.Gets("ACK");
        phone.Hears(100);
        phone.Gets(200, "INVITE");
        phone.Ack();
    }

    // A REFER that makes a dialog of its own, accepted, and the first NOTIFY.
    private static TestDialog ReferOutside(TestPhone from, TestPhone to, string referTo)
    {
        TestDialog own = from.BeginDialog(to.AddressOfRecord);
        from.Ask("REFER", headers: "Refer-To: " + referTo);
        TestMessage refer = to.Gets("REFER");
        TestDialog other = to.EnterDialog(refer);
        to.AcceptRefer(refer);
        own.IsMadeBy(from.Gets(202));
        Tells(to, other, from, own, "SIP/2.0 100 Trying");
        to.Dialog = other;
        return own;
    }

    private static void Tells(TestPhone phone, TestDialog told, TestPhone referrer, TestDialog asked, string status)
    {
        phone.Dialog = told;
        string state = status.EndsWith("Trying", StringComparison.Ordinal) ? "active;expires=60" : "terminated;reason=noresource";
        phone.Ask("NOTIFY", status + "\r\n", $"Event: refer\r\nSubscription-State: {state}", "message/sipfrag");
        referrer.Dialog = asked;
        referrer.HearsOf(status, state);
        phone.Gets(200, "NOTIFY");
    }

    // 2.17
    [Theory]
    [MemberData(nameof(Networks))]
    public void Automatic_redial(int network)
    {
        Begin(network);
        FindsBusy(Alice, Bob);
        Alice.Subscribe(TestCalls.Bob, 60, "dialog");
        Bob.ExpectSubscribe();
        Bob.Accept(60);
        Alice.ExpectAccepted();
        (TestDialog watching, TestDialog watched) = (Alice.Dialog, Bob.Dialog);
        Notifies("active;expires=59", "confirmed");
        Notifies("active;expires=27", "terminated");
        Call(Alice, Bob);
        (TestDialog calling, TestDialog called) = (Alice.Dialog, Bob.Dialog);
        (Alice.Dialog, Bob.Dialog) = (watching, watched);
        Notifies("active;expires=15", "confirmed");
        Alice.Dialog = watching;
        Alice.Refresh(0, "dialog");
        Bob.Gets("SUBSCRIBE");
        Bob.Dialog = watched;
        Bob.Accept(0);
        Alice.Gets(200, "SUBSCRIBE");
        (Alice.Dialog, Bob.Dialog) = (watching, watched);
        Notifies("terminated;reason=timeout", "confirmed");
        (Alice.Dialog, Bob.Dialog) = (calling, called);
        HangUp(Bob, Alice);
        End();
    }

    protected override void Dispose(bool disposing)
    {
        base.Dispose(disposing);
        File.Delete(file);
    }

    private void Notifies(string state, string dialog)
    {
        Bob.Notify(state, $"<dialog-info><dialog><state>{dialog}</state></dialog></dialog-info>", "dialog");
        TestMessage notify = Alice.Gets("NOTIFY");
        Assert.Equal(state, notify.Header("Subscription-State"));
        Assert.Contains($"<state>{dialog}</state>", notify.Body, StringComparison.Ordinal);
        Alice.Reply(200);
        Bob.Gets(200, "NOTIFY");
    }

    private string Diverted(string type, string settings = "") =>
        "[module::Router]\n" + TestCalls.Diversions(file, "bob", type, "sip:carol@example.org") + "\n" + settings;
}

namespace Sip.B2bua.FunctionalTests;

/// <summary>
/// The transfers of RFC 5589, which the server makes in the transferee's place. Bob is the transferor, Alice the transferee, Carol the
/// transfer target. Left out are 7.1, 7.2, 7.4, 7.5 and 7.7, which differ only in how the REFER reaches the transferee's phone or which URI it
/// names, for no REFER and no Contact of a phone crosses the server; 7.6 (semi-attended), which is in AttendedTransferTests; and 9 to 11 (conferences, several parties, gateways), where
/// each call by itself is one of those here.
/// </summary>
public sealed class Rfc5589Tests : FlowTests
{
    // 6.1
    [Theory]
    [MemberData(nameof(Networks))]
    public void Successful_transfer_with_Target_Dialog(int network)
    {
        Begin(network);
        Call(Alice, Bob);
        TestDialog call = Bob.Dialog;
        Hold(Bob, Alice);
        Bob.BeginDialog(call.RemoteTarget).LocalAddress = call.LocalAddress;
        Bob.Refers($"<{Carol.AddressOfRecord}>", $"\r\nRequire: tdialog\r\n{call.TargetDialog()}");
        IsCalled("alice");
        Joins(Alice);
        Bob.HearsOf("SIP/2.0 200 OK", "terminated;reason=noresource");
        Bob.Dialog = call;
        HangsUp(Bob);
        HangUp(Carol, Alice);
        End();
    }

    // 6.2
    [Theory]
    [MemberData(nameof(Networks))]
    public void Basic_transfer_with_dialog_reuse(int network)
    {
        Begin(network);
        Call(Alice, Bob);
        Refer($"<{Carol.AddressOfRecord}>");
        IsCalled("alice");
        Joins(Alice);
        Bob.HearsOf("SIP/2.0 200 OK");
        HangsUp(Bob);
        HangUp(Alice, Carol);
        End();
    }

    // 6.3.1
    [Theory]
    [MemberData(nameof(Networks))]
    public void Failed_transfer_target_busy(int network)
    {
        Begin(network);
        Call(Alice, Bob);
        Hold(Bob, Alice);
        Refer($"<{Carol.AddressOfRecord}>");
        Carol.Gets("INVITE");
        Refuse(Carol, 486);
        Bob.HearsOf("SIP/2.0 486 Busy Here");
        Resume(Bob, Alice);
        HangUp(Bob, Alice);
        End();
    }

    // 6.3.2
    [Theory]
    [MemberData(nameof(Networks))]
    public void Failed_transfer_target_does_not_answer(int network)
    {
        Begin(network, "[b2bua]\nring-timeout=20");
        Call(Alice, Bob);
        Hold(Bob, Alice);
        Refer($"<{Carol.AddressOfRecord}>");
        IsCalled("alice");
        Carol.Reply(180);
        Bob.HearsOf("SIP/2.0 180 Ringing");
        Server.Advance(19.1);
        IsCancelled(Carol);
        Bob.HearsOf("SIP/2.0 408 Request Timeout");
        Resume(Bob, Alice);
        HangUp(Alice, Bob);
        End();
    }

    // 7.3
    [Theory]
    [MemberData(nameof(Networks))]
    public void Attended_transfer(int network)
    {
        Begin(network);
        Call(Alice, Bob);
        TestDialog withAlice = Bob.Dialog;
        Hold(Bob, Alice);
        TestDialog withCarol = Call(Bob, Carol);
        Bob.Dialog = withAlice;
        Refer($"<{Carol.AddressOfRecord}?Replaces={Uri.EscapeDataString(withCarol.Replaces())}>");
        Bob.Gets("BYE");
        Bob.Reply(200);
        Assert.Contains("m=audio 4000 ", Carol.Gets("INVITE").Body, StringComparison.Ordinal);
        Joins(Alice);
        Bob.HearsOf("SIP/2.0 200 OK");
        Bob.Dialog = withAlice;
        HangsUp(Bob);
        HangUp(Carol, Alice);
        End();
    }

    // 8
    [Theory]
    [MemberData(nameof(Networks))]
    public void Transfer_with_Referred_By(int network)
    {
        Begin(network);
        Call(Alice, Bob);
        Refer($"<{Carol.AddressOfRecord}>", $"\r\nReferred-By: <{Bob.AddressOfRecord}>");
        Assert.Equal($"<{Bob.AddressOfRecord}>", IsCalled("alice").Header("Referred-By"));
        Joins(Alice);
        Bob.HearsOf("SIP/2.0 200 OK");
        HangsUp(Bob);
        HangUp(Carol, Alice);
        End();
    }

    // Carol's phone rings: whose call it is, is the one who stays.
    private TestMessage IsCalled(string user)
    {
        TestMessage invite = Carol.Gets("INVITE");
        Assert.Contains($"sip:{user}@", invite.Header("From"), StringComparison.Ordinal);
        return invite;
    }

    private void Refer(string to, string headers = "") => Bob.Refers(to, headers);

    private void Joins(TestPhone staying)
    {
        Carol.Reply(Carol.Dialog.ReceivedInvite!, 200, Sdp(Carol, version: 9));
        Carol.Gets("ACK");
        Assert.Contains("m=audio 4200 ", staying.Gets("INVITE").Body, StringComparison.Ordinal);
        staying.Reply(200, Sdp(staying, version: 9));
        staying.Gets("ACK");
    }

    // The transferor leaves; the server may have been first.
    private void HangsUp(TestPhone transferor)
    {
        transferor.Bye();
        transferor.Gets(200, "BYE");
        Talk();
    }
}

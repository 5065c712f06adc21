namespace Sip.B2bua.FunctionalTests;

/// <summary>How phones come to dialogs without an INVITE: by SUBSCRIBE (RFC 6665) or REFER (RFC 3515).</summary>
internal static class TestDialogs
{
    /// <summary>The phone is about to ask for a dialog, of which it knows its own side only.</summary>
    /// <param name="phone">Whose dialog it is from now on.</param>
    /// <param name="uri">Whom it asks.</param>
    /// <param name="cseq">The number of the request before its first.</param>
    public static TestDialog BeginDialog(this TestPhone phone, string uri, int cseq = 0) => phone.Dialog = new TestDialog
    {
        CallId = phone.NewId("call-"),
        LocalTag = phone.NewId("tag-"),
        LocalAddress = $"<{phone.AddressOfRecord}>",
        RemoteAddress = $"<{uri}>",
        RemoteTarget = uri,
        CSeq = cseq,
    };

    /// <summary>The phone enters the dialog that a request outside any has asked for.</summary>
    public static TestDialog EnterDialog(this TestPhone phone, TestMessage request) => phone.Dialog = new TestDialog
    {
        CallId = request.CallId,
        LocalTag = phone.NewId("tag-"),
        RemoteTag = request.FromTag,
        LocalAddress = request.Header("To"),
        RemoteAddress = request.Header("From").Split(";tag=")[0],
        RemoteTarget = request.ContactUri,
    };

    /// <summary>The dialog is what the answer to its first request has made of it (RFC 3261 12.1.2).</summary>
    public static void IsMadeBy(this TestDialog dialog, TestMessage answer)
    {
        dialog.RemoteTag = answer.ToTag;
        dialog.RemoteTarget = answer.ContactUri;
    }

    /// <summary>The phone accepts the request that asks for its dialog, and will tell what becomes of it.</summary>
    public static TestMessage AcceptRefer(this TestPhone phone, TestMessage refer, int code = 202) =>
        phone.Reply(refer, code, headers: $"Contact: <{phone.ContactUri}>", toTag: phone.Dialog.LocalTag);

    /// <summary>Sends a REFER to the server outside any dialog; its dialog is the phone's from now on.</summary>
    public static TestMessage ReferOutside(this TestPhone phone, string to, string headers)
    {
        phone.BeginDialog("sip:192.0.2.1");
        return phone.Ask("REFER", headers: $"Refer-To: <{to}>\r\n{headers}");
    }

    /// <summary>The header that names a dialog of its sender from outside (RFC 4538 7).</summary>
    public static string TargetDialog(this TestDialog dialog) =>
        $"Target-Dialog: {dialog.CallId};local-tag={dialog.RemoteTag};remote-tag={dialog.LocalTag}";
}

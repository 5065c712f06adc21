namespace Sip.B2bua.FunctionalTests;

/// <summary>What phones do about subscriptions (RFC 6665).</summary>
internal static class TestSubscriptions
{
    /// <summary>Sends a SUBSCRIBE outside any dialog; its dialog is the phone's from now on.</summary>
    public static TestMessage Subscribe(this TestPhone phone, string uri, int expires = 600, string package = "presence", string headers = "")
    {
        phone.BeginDialog(uri);
        return phone.Refresh(expires, package, headers);
    }

    /// <summary>Sends a SUBSCRIBE in the phone's dialog.</summary>
    public static TestMessage Refresh(this TestPhone phone, int expires = 600, string package = "presence", string headers = "") =>
        phone.Ask("SUBSCRIBE", headers: $"Event: {package}\r\nExpires: {expires}\r\nAccept: application/pidf+xml\r\n{headers}");

    /// <summary>Expects the 2xx that makes the subscriber's dialog.</summary>
    public static TestMessage ExpectAccepted(this TestPhone phone, int code = 200)
    {
        TestDialog dialog = phone.Dialog;
        TestMessage answer = phone.Await(code, "SUBSCRIBE");
        dialog.IsMadeBy(answer);
        phone.Dialog = dialog;
        return answer;
    }

    /// <summary>Expects a SUBSCRIBE outside any dialog, and is to notify in the dialog that it asks for.</summary>
    public static TestMessage ExpectSubscribe(this TestPhone phone)
    {
        TestMessage subscribe = phone.Await("SUBSCRIBE");
        phone.EnterDialog(subscribe);
        return subscribe;
    }

    /// <summary>Accepts the SUBSCRIBE that was expected last.</summary>
    public static void Accept(this TestPhone phone, int expires = 600, int code = 200) =>
        phone.Reply(phone.Request, code, headers: $"Contact: <{phone.ContactUri}>\r\nExpires: {expires}", toTag: phone.Dialog.LocalTag);

    /// <summary>Sends a NOTIFY in the phone's dialog.</summary>
    public static TestMessage Notify(this TestPhone phone, string state = "active;expires=600", string body = "<state/>", string package = "presence") =>
        phone.Ask("NOTIFY", body, $"Event: {package}\r\nSubscription-State: {state}", "application/pidf+xml");
}

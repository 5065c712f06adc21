namespace Sip.B2bua.FunctionalTests;

/// <summary>What phones see in a call flow, on a clean network or, if they repeat what they send, on a bad one.</summary>
internal static class FlowSteps
{
    /// <summary>The next message is a request of this method; on a bad network one comes sooner or later.</summary>
    public static TestMessage Gets(this TestPhone phone, string method) => phone.Repeats
        ? phone.Pick(message => message.IsRequest && message.Method == method, method)
        : phone.Expect(method);

    /// <summary>The next message is a response with this code; on a bad network one comes sooner or later.</summary>
    public static TestMessage Gets(this TestPhone phone, int code, string? to = null) => phone.Repeats
        ? phone.Pick(message => message.Code == code && (to is null || message.Method == to), $"{code} {to}")
        : phone.Expect(code, to);

    /// <summary>The next messages are provisional responses with these codes, which on a bad network may be lost for ever.</summary>
    public static void Hears(this TestPhone phone, params ReadOnlySpan<int> codes)
    {
        foreach (int code in codes)
        {
            if (!phone.Repeats)
            {
                phone.Expect(code, "INVITE");
            }
        }
    }

    /// <summary>A phone has the server transfer the call of its dialog.</summary>
    public static TestMessage Refers(this TestPhone phone, string to, string headers = "")
    {
        TestMessage refer = phone.Ask("REFER", headers: $"Refer-To: {to}{headers}");
        Assert.NotEmpty(phone.Gets(202).ContactUri);
        phone.HearsOf("SIP/2.0 100 Trying", "active");
        return refer;
    }

    /// <summary>A phone is told how its transfer goes.</summary>
    public static TestMessage HearsOf(this TestPhone phone, string status, string state = "")
    {
        bool mayWait = status.StartsWith("SIP/2.0 18", StringComparison.Ordinal); // RFC 3515 3.10: one NOTIFY a second
        TestMessage notify = phone.Repeats ? phone.Pick(message => message.Method == "NOTIFY" && message.Body == status + "\r\n", status)
            : mayWait ? phone.Await("NOTIFY", 1.1) : phone.Expect("NOTIFY");
        Assert.Equal(status + "\r\n", notify.Body);
        Assert.StartsWith("message/sipfrag", notify.Header("Content-Type"), StringComparison.Ordinal);
        Assert.StartsWith(state, notify.Header("Subscription-State"), StringComparison.Ordinal);
        phone.Reply(200);
        return notify;
    }
}

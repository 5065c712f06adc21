namespace Sip.B2bua.FunctionalTests;

/// <content>Sending the other party elsewhere, and being sent (RFC 3515).</content>
internal sealed partial class ModelCall
{
    private void Refer()
    {
        string headers = $"Refer-To: {owner.ReferTo(this)}" + (random.Next(8) == 0 ? "\nRefer-Sub: false" : "");
        Do("REFER " + headers);
        if (random.Next(5) == 0)
        {
            // RFC 4538: not in the dialog of the call.
            headers += "\n" + dialog.TargetDialog();
            phone.BeginDialog(dialog.RemoteTarget);
        }

        phone.Ask("REFER", headers: headers);
    }

    // RFC 5057 5.1: what is lost of a subscription is not lost of the call.
    private void OnNotify(TestMessage notify)
    {
        phone.Reply(notify, random.Next(10) == 0 ? 481 : 200);
        if (!notify.Body.StartsWith("SIP/2.0 200", StringComparison.Ordinal))
        {
            return;
        }

        world.Transferred++;
        if (random.Next(2) == 0)
        {
            In(3, HangUp); // else the server does
        }
    }

    // Where the server passes transfers on: the phone calls whom it is sent to, and tells how that goes.
    private void OnRefer(TestMessage refer)
    {
        if (!IsUp || random.Next(4) == 0)
        {
            phone.Reply(refer, 603);
            return;
        }

        phone.Reply(refer, 202, headers: $"Contact: <{phone.ContactUri}>");
        Notify("SIP/2.0 100 Trying", "active;expires=60");
        owner.Follow(refer.Header("Refer-To"), code => Notify($"SIP/2.0 {code} Because", "terminated;reason=noresource"));
    }

    private void Notify(string how, string state)
    {
        if (IsUp)
        {
            Do("NOTIFY " + how);
            Talk();
            phone.Ask("NOTIFY", how + "\r\n", $"Event: refer\nSubscription-State: {state}", "message/sipfrag;version=2.0");
        }
    }
}

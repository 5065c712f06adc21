namespace Sip.B2bua.TestKit;

/// <content>What a phone keeps of the past is nothing in a test of a hundred calls and too much in one of a hundred thousand.</content>
public sealed partial class TestPhone
{
    /// <summary>Forgets everything that came and every dialog but that of its registration.</summary>
    public void Forget()
    {
        inbox.Clear();
        inbox.TrimExcess();
        received.Clear();
        received.TrimExcess();
        peer.Forget();
        repeater.Forget();
        foreach (string call in dialogs.Keys.Where(key => key != "register").ToArray())
        {
            dialogs.Remove(call);
        }

        dialogs.TrimExcess();
    }
}

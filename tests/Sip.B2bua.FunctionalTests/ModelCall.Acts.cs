namespace Sip.B2bua.FunctionalTests;

/// <content>What the phone does by itself in a call.</content>
internal sealed partial class ModelCall
{
    // Something by itself, again and again.
    private void Act()
    {
        if (world.IsTired || (!IsUp && invite is null && !inviting))
        {
            return;
        }

        Talk();
        if (IsUp && IsFree)
        {
            switch (random.Next(world.HasTransfers ? 11 : 8))
            {
                case 0 when !world.HasTransfers || random.Next(3) == 0:
                    HangUp();
                    return;
                case 1:
                    Invite("");
                    break;
                case 2 or 3:
                    Invite(session.Change());
                    break;
                case 4 or 5:
                    Update();
                    break;
                case >= 8:
                    Refer();
                    break;
                default:
                    Do("INFO");
                    phone.Ask("INFO", "Signal=5\r\nDuration=160\r\n", type: "application/dtmf-relay");
                    break;
            }
        }
        else if (!IsUp && isSettled && offered is null && news is null && random.Next(3) == 0)
        {
            Update();
        }

        In(5, Act);
    }

    private void Invite(string sdp)
    {
        late = sdp.Length == 0;
        offered = late ? null : sdp;
        inviting = true;
        Do("INVITE" + (late ? " without an offer" : ""));
        phone.Reinvite(sdp);
        if (random.Next(6) == 0)
        {
            In(1, () =>
            {
                if (inviting)
                {
                    Cancel();
                }
            });
        }
    }

    private void Cancel()
    {
        Do("CANCEL");
        Talk();
        phone.Cancel();
    }

    private void Update()
    {
        offered = session.Change();
        updating = true;
        Do("UPDATE");
        phone.Ask("UPDATE", offered);
    }
}

using System.Composition;

namespace Sip.B2bua.FunctionalTests;

/// <summary>Refuses session descriptions whose media port is 9999, and ends calls whose port is 9998.</summary>
[SipModule("Refusing", Stage.Media, 10), Shared]
internal sealed class RefusingModule : SipModule
{
    public override void OnSession(SessionContext context)
    {
        if (context.Sdp.IndexOf("m=audio 9999 "u8) >= 0)
        {
            context.Refuse(488, "Not this port");
        }
        else if (context.Sdp.IndexOf("m=audio 9998 "u8) >= 0)
        {
            throw new InvalidOperationException("as asked");
        }
    }
}

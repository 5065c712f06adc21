using System.Composition;
using Sip.Messages;

namespace Sip.B2bua.FunctionalTests;

/// <summary>Has the media of all calls go another way: writes port 9xxx where a phone has written 4xxx.</summary>
[SipModule("Gateway", Stage.Media, 20), Shared]
internal sealed class GatewayModule : SipModule
{
    public override void OnSession(SessionContext context)
    {
        int at = context.Sdp.IndexOf("m=audio 4"u8);
        if (at >= 0)
        {
            SipBuffer changed = context.Rent(context.Sdp.Length);
            context.Sdp.CopyTo(changed.Array);
            changed.Length = context.Sdp.Length;
            changed.Array[at + "m=audio ".Length] = (byte)'9';
            context.Replace(changed);
        }
    }
}

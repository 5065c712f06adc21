using Sip.Messages;
using Sip.Uris;

namespace Sip.B2bua.Plugins.Router;

/// <content>Messages for users that are not there.</content>
internal sealed partial class RouterModule
{
    // Flexisip's rule: not what is only good at this moment ("is composing", Expires: 0), and nothing for a chat room.
    private static bool IsKept(RequestContext context, TargetFinder.Found found, RouterOptions options)
    {
        SipMessage request = context.Request;
        if (request.Method != SipMethod.Message || !options.MessageForkLate || found == TargetFinder.Found.OnlyLoops
            || (found != TargetFinder.Found.Targets && context.Targets.Count > 0))
        {
            return false;
        }

        ReadOnlySpan<byte> type = request.ContentType;
        int end = type.IndexOf((byte)';');
        bool isComposing = SipChars.EqualsIgnoreCase(SipChars.Trim(end < 0 ? type : type[..end]), "application/im-iscomposing+xml"u8);
        bool isForNow = request.Has(HeaderId.Expires) && SipChars.TryParseUInt(request.First(HeaderId.Expires), out uint seconds) && seconds == 0;
        bool isForRoom = SipUri.TryParse(request.RequestUri, out SipUri uri) && uri.User.StartsWith("chatroom-"u8);
        return !isComposing && !isForNow && !isForRoom;
    }
}

using Sip.Messages;
using Sip.Uris;

namespace Sip.B2bua.Plugins.Router;

/// <content>Messages for users that are not there.</content>
internal sealed partial class RouterModule
{
    // Flexisip's rule: not what is only good at this moment ("is composing", Expires: 0), and nothing for a chat room.
    private static bool IsKept(SipMessage request, RouterOptions options)
    {
        if (request.Method != SipMethod.Message || !options.MessageForkLate)
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

    // A message is kept under the one address whose phones it is for, for only those may get it when they come: who an alias, a parent domain or
    // a proxy's list has led to. Where that is more than one, or nobody's phones, it goes to who is there.
    private string? FindKeptAddress(RequestContext context, TargetFinder.Search search, TargetFinder.Found found, string addressOfRecord)
    {
        bool isElsewhere = found == TargetFinder.Found.OnlyLoops || (found != TargetFinder.Found.Targets && context.Targets.Count > 0);
        return search.Addresses is not { Count: <= 1 } addresses || isElsewhere ? null : addresses.FirstOrDefault(domains.RecordKey(addressOfRecord));
    }
}

using System.Buffers.Text;
using Sip.Messages;

namespace Sip.B2bua.Subscriptions;

/// <summary>What the Subscription-State of a NOTIFY says of the subscription (RFC 6665 §8.2.3). One without it counts as active.</summary>
internal readonly record struct SubscriptionState(bool IsTerminated, long Expires)
{
    /// <summary>Reads it; <see cref="Expires"/> is -1 when nothing is said of it.</summary>
    public static SubscriptionState Of(SipMessage notify)
    {
        ReadOnlySpan<byte> value = notify.First(HeaderId.SubscriptionState);
        int end = value.IndexOf((byte)';');
        ReadOnlySpan<byte> state = SipChars.Trim(end < 0 ? value : value[..end]);
        long expires = -1;
        while (end >= 0)
        {
            value = value[(end + 1)..];
            end = value.IndexOf((byte)';');
            ReadOnlySpan<byte> param = SipChars.Trim(end < 0 ? value : value[..end]);
            int equals = param.IndexOf((byte)'=');
            if (equals > 0 && SipChars.EqualsIgnoreCase(SipChars.Trim(param[..equals]), "expires"u8))
            {
                expires = ReadSeconds(param[(equals + 1)..]);
            }
        }

        return new SubscriptionState(SipChars.EqualsIgnoreCase(state, "terminated"u8), expires);
    }

    /// <summary>Whether no subscription is left after a SUBSCRIBE or NOTIFY was answered so (RFC 6665 4.1.2.2, 4.2.2; RFC 5057).</summary>
    public static bool IsEndedBy(int code) => code is 404 or 405 or 410 or 416 or (>= 480 and <= 485) or 489 or 501 or 604;

    /// <summary>A number of seconds (RFC 3261 §25.1, delta-seconds); -1 when it is none.</summary>
    public static long ReadSeconds(ReadOnlySpan<byte> value)
    {
        value = SipChars.Trim(value);
        return Utf8Parser.TryParse(value, out uint seconds, out int used) && used == value.Length ? seconds : -1;
    }
}

using Sip.Messages;

namespace Sip.B2bua.Subscriptions;

/// <summary>
/// The options of resource lists (RFC 4662, RFC 5367). They are between subscriber and notifier alone, so what either says of them
/// crosses, unlike all other options.
/// </summary>
internal static class EventLists
{
    /// <summary>Writes those of them that a message supports and requires.</summary>
    public static void Write(ref SipWriter writer, SipMessage source)
    {
        Write(ref writer, source, HeaderId.Supported);
        Write(ref writer, source, HeaderId.Require);
    }

    /// <summary>Whether an option tag is one of them.</summary>
    public static bool Contains(ReadOnlySpan<byte> tag) =>
        SipChars.EqualsIgnoreCase(tag, "eventlist"u8) || SipChars.EqualsIgnoreCase(tag, "recipient-list-subscribe"u8);

    private static void Write(ref SipWriter writer, SipMessage source, HeaderId id)
    {
        foreach (ReadOnlySpan<byte> tag in source.Values(id))
        {
            if (Contains(tag))
            {
                writer.Header(id, tag);
            }
        }
    }
}

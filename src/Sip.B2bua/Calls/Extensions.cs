using Sip.Messages;

namespace Sip.B2bua.Calls;

/// <summary>The option tags that the server understands (RFC 3261 §8.2.2.3, §20.32).</summary>
internal static class Extensions
{
    /// <summary>The methods that a party may use towards its leg.</summary>
    public static ReadOnlySpan<byte> Allow => "INVITE, ACK, CANCEL, BYE, OPTIONS, INFO, UPDATE, MESSAGE, NOTIFY, REFER"u8;

    /// <summary>The option tags that a party may require of its leg.</summary>
    public static ReadOnlySpan<byte> Supported => "norefersub"u8;

    /// <summary>Whether a request that requires <paramref name="tag"/> can be served.</summary>
    public static bool IsSupported(ReadOnlySpan<byte> tag) =>
        SipChars.EqualsIgnoreCase(tag, "path"u8) || SipChars.EqualsIgnoreCase(tag, "norefersub"u8);
}

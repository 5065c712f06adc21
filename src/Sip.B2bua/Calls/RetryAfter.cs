using Sip.Messages;

namespace Sip.B2bua.Calls;

/// <summary>The header Retry-After (RFC 3261 20.33): seconds, which a comment or parameters may follow.</summary>
internal static class RetryAfter
{
    /// <summary>For how many milliseconds a party wants to be left alone; -1 when it does not say.</summary>
    /// <param name="response">Its response, if there was one.</param>
    /// <param name="most">How many milliseconds it is left alone at most, whatever it wants.</param>
    public static int MillisecondsOf(SipMessage? response, int most)
    {
        ReadOnlySpan<byte> value = response is null ? default : response.First(HeaderId.RetryAfter);
        int end = value.IndexOfAny(" \t(;"u8);
        return SipChars.TryParseUInt(end < 0 ? value : value[..end], out uint seconds) ? (int)long.Min(seconds * 1000L, most) : -1;
    }
}

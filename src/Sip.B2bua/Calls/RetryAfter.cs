using Sip.Messages;

namespace Sip.B2bua.Calls;

/// <summary>The header Retry-After (RFC 3261 20.33): seconds, which a comment or parameters may follow.</summary>
internal static class RetryAfter
{
    private const uint Longest = 3600;

    /// <summary>For how many milliseconds a party wants to be left alone.</summary>
    /// <param name="response">Its response, if there was one.</param>
    /// <param name="otherwise">What is returned when it does not say so, or wants more than an hour.</param>
    public static int MillisecondsOf(SipMessage? response, int otherwise = 0)
    {
        ReadOnlySpan<byte> value = response is null ? default : response.First(HeaderId.RetryAfter);
        int end = value.IndexOfAny(" \t(;"u8);
        return SipChars.TryParseUInt(end < 0 ? value : value[..end], out uint seconds) && seconds <= Longest ? (int)seconds * 1000 : otherwise;
    }
}

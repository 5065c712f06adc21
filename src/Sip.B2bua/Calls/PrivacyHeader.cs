using Sip.Headers;
using Sip.Messages;

namespace Sip.B2bua.Calls;

/// <summary>Reads Privacy, and says what of it the server cannot do (RFC 3323 §5).</summary>
internal static class PrivacyHeader
{
    /// <summary>The From of a caller who wants to be nobody (RFC 3323 §4.1.1.3).</summary>
    public static ReadOnlySpan<byte> Anonymous => "\"Anonymous\" <sip:anonymous@anonymous.invalid>"u8;

    private static ReadOnlySpan<byte> Nobody => "@anonymous.invalid"u8;

    /// <summary>What a request asks for.</summary>
    public static PrivacyAsked Read(SipMessage request)
    {
        PrivacyAsked asked = PrivacyAsked.Nothing;
        foreach (ReadOnlySpan<byte> line in request.Values(HeaderId.Privacy))
        {
            foreach (Range part in line.SplitAny((byte)';', (byte)','))
            {
                asked |= ValueOf(SipChars.Trim(line[part]));
            }
        }

        return asked;
    }

    /// <summary>Whether the caller says itself that it is nobody.</summary>
    public static bool IsAnonymous(ReadOnlySpan<byte> from) =>
        NameAddr.TryParse(from, out NameAddr address) && address.Uri.Length >= Nobody.Length && SipChars.EqualsIgnoreCase(address.Uri[^Nobody.Length..], Nobody);

    /// <summary>Refuses a request that asks for what cannot be promised (RFC 3323 §5).</summary>
    public static bool Refuse(PendingRequest pending)
    {
        if (Unserved(Read(pending.Request), hasSession: pending.Request.Method == SipMethod.Invite) is not { } unserved)
        {
            return false;
        }

        pending.Trail.Add("Privacy", "refused: {0}", unserved);
        pending.Respond(500, unserved);
        return true;
    }

    // What is asked for with "critical" and cannot be promised, in words for the reason phrase.
    private static string? Unserved(PrivacyAsked asked, bool hasSession) =>
        !asked.HasFlag(PrivacyAsked.Critical) ? null
        : asked.HasFlag(PrivacyAsked.Unknown) ? "Privacy value not known"
        : hasSession && asked.HasFlag(PrivacyAsked.Session) ? "Privacy not possible: session"
        : null;

    private static PrivacyAsked ValueOf(ReadOnlySpan<byte> value) =>
        value.IsEmpty ? PrivacyAsked.Nothing
        : SipChars.EqualsIgnoreCase(value, "header"u8) ? PrivacyAsked.Header
        : SipChars.EqualsIgnoreCase(value, "session"u8) ? PrivacyAsked.Session
        : SipChars.EqualsIgnoreCase(value, "user"u8) ? PrivacyAsked.User
        : SipChars.EqualsIgnoreCase(value, "id"u8) ? PrivacyAsked.Id
        : SipChars.EqualsIgnoreCase(value, "critical"u8) ? PrivacyAsked.Critical
        : SipChars.EqualsIgnoreCase(value, "none"u8) ? PrivacyAsked.Refused
        : PrivacyAsked.Unknown;
}

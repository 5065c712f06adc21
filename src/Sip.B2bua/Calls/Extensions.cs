using Sip.B2bua.Subscriptions;
using Sip.Messages;

namespace Sip.B2bua.Calls;

/// <summary>The option tags that the server understands (RFC 3261 §8.2.2.3, §20.32).</summary>
internal static class Extensions
{
    /// <summary>Whether a message requires an extension.</summary>
    public static bool Requires(SipMessage message, ReadOnlySpan<byte> tag)
    {
        foreach (ReadOnlySpan<byte> required in message.Values(HeaderId.Require))
        {
            if (SipChars.EqualsIgnoreCase(required, tag))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Whether the sender of a message supports an extension (RFC 3261 §20.37).</summary>
    public static bool Supports(SipMessage message, ReadOnlySpan<byte> tag)
    {
        foreach (ReadOnlySpan<byte> supported in message.Values(HeaderId.Supported))
        {
            if (SipChars.EqualsIgnoreCase(supported, tag))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>8.2.2.3: whether a request requires something that the server does not understand.</summary>
    public static bool AreMissingFor(SipMessage request)
    {
        if (request.Has(HeaderId.Require) && request.Method is not (SipMethod.Ack or SipMethod.Cancel))
        {
            foreach (ReadOnlySpan<byte> tag in request.Values(HeaderId.Require))
            {
                if (!IsSupported(tag) && !(request.Method == SipMethod.Subscribe && EventLists.Contains(tag)))
                {
                    return true;
                }
            }
        }

        return false;
    }

    /// <summary>8.2.3: lists in a 415 which sessions the server can read.</summary>
    public static void WriteReadableBodies(ref SipWriter writer)
    {
        writer.Header(HeaderId.Accept, "application/sdp, multipart/mixed, multipart/alternative"u8);
        writer.Header(HeaderId.AcceptEncoding, "identity"u8);
    }

    /// <summary>8.2.2.3: lists in a 420 what the server does not understand.</summary>
    public static void WriteUnsupported(ref SipWriter writer, SipMessage request)
    {
        writer.BeginHeader(HeaderId.Unsupported);
        bool first = true;
        foreach (ReadOnlySpan<byte> tag in request.Values(HeaderId.Require))
        {
            if (!IsSupported(tag))
            {
                writer.Append(first ? default : ", "u8);
                writer.Append(tag);
                first = false;
            }
        }

        writer.EndHeader();
    }

    private static bool IsSupported(ReadOnlySpan<byte> tag) =>
        SipChars.EqualsIgnoreCase(tag, "path"u8)
        || SipChars.EqualsIgnoreCase(tag, "outbound"u8)
        || SipChars.EqualsIgnoreCase(tag, "gruu"u8)
        || SipChars.EqualsIgnoreCase(tag, "100rel"u8)
        || SipChars.EqualsIgnoreCase(tag, "timer"u8)
        || SipChars.EqualsIgnoreCase(tag, "replaces"u8)
        || SipChars.EqualsIgnoreCase(tag, "norefersub"u8)
        || SipChars.EqualsIgnoreCase(tag, "tdialog"u8);
}

using Sip.B2bua.Calls;
using Sip.Messages;

namespace Sip.B2bua.Keeping;

/// <summary>The octets of a kept message: a MESSAGE that any server of this kind can read again, without the sender's path and secrets.</summary>
internal static class KeptContent
{
    /// <summary>Writes what is to be kept of a MESSAGE.</summary>
    /// <param name="core">Where it is kept.</param>
    /// <param name="message">The MESSAGE.</param>
    /// <param name="sender">Who has sent it.</param>
    /// <param name="arrived">When it came.</param>
    public static byte[] Write(CallCore core, SipMessage message, in ProvenSender sender, DateTimeOffset arrived)
    {
        SipWriter writer = new(core.Buffers, message.Bytes.Length + 256);
        writer.RequestLine("MESSAGE"u8, message.RequestUri);
        writer.Header(HeaderId.Via, "SIP/2.0/UDP kept.invalid;branch=z9hG4bKkept"u8); // nothing is a message without one
        writer.Header(HeaderId.MaxForwards, message.MaxForwards < 0 ? 70 : message.MaxForwards);
        writer.CopyAll(message, HeaderId.LoopMark);
        core.WriteParty(ref writer, HeaderId.From, sender.IsHidden ? PrivacyHeader.Anonymous : message.From, "kept"u8);
        core.WriteParty(ref writer, HeaderId.To, message.To, default);
        writer.Header(HeaderId.CallId, "kept"u8);
        writer.Header(HeaderId.CSeq, "1 MESSAGE"u8);
        StandaloneWriter.WriteDate(ref writer, message, arrived);
        CallerIdentity.Write(ref writer, core.Options, sender, null, message);
        CallCore.FinishCrossing(ref writer, message, isPrivate: sender.IsHidden);
        SipBuffer buffer = writer.Finish();
        byte[] octets = buffer.Span.ToArray();
        buffer.Release();
        return octets;
    }

    /// <summary>Reads it; null when it cannot be read any more. The caller releases it.</summary>
    public static SipMessage? Read(CallCore core, SipMessagePool messages, ReadOnlyMemory<byte> octets)
    {
        SipBuffer buffer = core.Buffers.Rent(octets.Length);
        octets.Span.CopyTo(buffer.Array);
        buffer.Length = octets.Length;
        SipMessage message = messages.Rent();
        SipParseError error = SipParser.Parse(buffer, stream: false, message, SipLimits.Default);
        if (error == SipParseError.None)
        {
            return message;
        }

        message.Release();
        buffer.Release();
        return null;
    }

    /// <summary>Its place before others (RFC 3261 §20.26).</summary>
    public static int UrgencyOf(SipMessage message)
    {
        ReadOnlySpan<byte> priority = message.First(HeaderId.Priority);
        return SipChars.EqualsIgnoreCase(priority, "emergency"u8) ? 0
            : SipChars.EqualsIgnoreCase(priority, "urgent"u8) ? 1
            : SipChars.EqualsIgnoreCase(priority, "non-urgent"u8) ? 3
            : 2;
    }
}

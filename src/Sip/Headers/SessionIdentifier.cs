using System.Globalization;
using Sip.Messages;

namespace Sip.Headers;

/// <summary>
/// A Session-ID value: who sends a message and to whom, by UUIDs that tell nothing of either (RFC 7989 section 5). 0 is the nil UUID:
/// not known.
/// </summary>
/// <param name="Local">The UUID of the sender's end.</param>
/// <param name="Remote">The UUID of the other end.</param>
/// <param name="HasRemote">Whether it names the other end at all; those made by RFC 7329 do not.</param>
public readonly record struct SessionIdentifier(UInt128 Local, UInt128 Remote, bool HasRemote = true)
{
    private const int Digits = 32;

    /// <summary>Section 4.1: a new UUID, of random.</summary>
    public static UInt128 NewUuid()
    {
        Span<byte> octets = stackalloc byte[16];
        Guid.NewGuid().TryWriteBytes(octets, bigEndian: true, out _);
        return System.Buffers.Binary.BinaryPrimitives.ReadUInt128BigEndian(octets);
    }

    /// <summary>The value of a message; false when it has none that can be read, which is then as if it had none (section 6).</summary>
    public static bool TryRead(SipMessage? message, out SessionIdentifier id)
    {
        id = default;
        return message is not null && message.Has(HeaderId.SessionId) && TryParse(message.First(HeaderId.SessionId), out id);
    }

    /// <summary>Reads a value; false when it is not one.</summary>
    public static bool TryParse(ReadOnlySpan<byte> value, out SessionIdentifier id)
    {
        id = default;
        int end = value.IndexOf((byte)';');
        if (!TryParseUuid(SipChars.Trim(end < 0 ? value : value[..end]), out UInt128 local))
        {
            return false;
        }

        if (end < 0)
        {
            id = new SessionIdentifier(local, 0, HasRemote: false);
            return true;
        }

        if (!HeaderParams.TryParse(value[end..], out HeaderParams parameters))
        {
            return false;
        }

        UInt128 remote = 0;
        bool hasRemote = parameters.TryGet("remote"u8, out ReadOnlySpan<byte> text);
        if (hasRemote && !TryParseUuid(text, out remote))
        {
            return false;
        }

        id = new SessionIdentifier(local, remote, hasRemote);
        return true;
    }

    /// <summary>Writes it as a header.</summary>
    public void Write(ref SipWriter writer)
    {
        writer.BeginHeader(HeaderId.SessionId);
        writer.AppendHex((ulong)(Local >> 64));
        writer.AppendHex((ulong)Local);
        writer.Append(";remote="u8);
        writer.AppendHex((ulong)(Remote >> 64));
        writer.AppendHex((ulong)Remote);
        writer.EndHeader();
    }

    // Section 5: 32 digits, letters small.
    private static bool TryParseUuid(ReadOnlySpan<byte> text, out UInt128 uuid)
    {
        uuid = 0;
        return text.Length == Digits && !text.ContainsAnyInRange((byte)'A', (byte)'F')
            && UInt128.TryParse(text, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out uuid);
    }
}

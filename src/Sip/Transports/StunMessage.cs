using System.Buffers.Binary;

namespace Sip.Transports;

/// <summary>
/// As much of STUN as a SIP port needs: telling a binding request from SIP, answering it with the address it came from
/// (RFC 5626 8, RFC 5389), and reading that address out of an answer.
/// </summary>
public static class StunMessage
{
    /// <summary>The longest answer that <see cref="WriteAnswer"/> writes.</summary>
    public const int MaxAnswerLength = 128;

    private const int HeaderLength = 20;
    private const uint MagicCookie = 0x2112A442;
    private const ushort BindingRequest = 0x0001;
    private const ushort BindingSuccess = 0x0101;
    private const ushort BindingError = 0x0111;
    private const ushort XorMappedAddress = 0x0020;
    private const ushort ErrorCode = 0x0009;
    private const ushort UnknownAttributes = 0x000A;
    private const int MaxUnknown = 8;

    /// <summary>Whether these octets are STUN: first two bits zero, the magic cookie, and a length that is right (RFC 5389 6).</summary>
    /// <param name="datagram">The whole datagram.</param>
    public static bool IsStun(ReadOnlySpan<byte> datagram) =>
        datagram.Length >= HeaderLength
        && (datagram[0] & 0xC0) == 0
        && BinaryPrimitives.ReadUInt32BigEndian(datagram[4..]) == MagicCookie
        && BinaryPrimitives.ReadUInt16BigEndian(datagram[2..]) == datagram.Length - HeaderLength
        && datagram.Length % 4 == 0;

    /// <summary>Writes the answer to a binding request and returns its length; 0 where none is due (an indication, a response, rubbish).</summary>
    /// <param name="request">A datagram for which <see cref="IsStun"/> is true.</param>
    /// <param name="remote">Where it came from.</param>
    /// <param name="to">At least <see cref="MaxAnswerLength"/> octets.</param>
    public static int WriteAnswer(ReadOnlySpan<byte> request, in SipAddress remote, Span<byte> to)
    {
        if (BinaryPrimitives.ReadUInt16BigEndian(request) != BindingRequest)
        {
            return 0;
        }

        Span<ushort> unknown = stackalloc ushort[MaxUnknown];
        int unknownCount = FindUnknown(request[HeaderLength..], unknown);
        if (unknownCount < 0)
        {
            return 0;
        }

        request[..HeaderLength].CopyTo(to);
        int length = unknownCount == 0
            ? WriteMapped(remote, to)
            : WriteUnknown(unknown[..unknownCount], to);
        BinaryPrimitives.WriteUInt16BigEndian(to, unknownCount == 0 ? BindingSuccess : BindingError);
        BinaryPrimitives.WriteUInt16BigEndian(to[2..], (ushort)(length - HeaderLength));
        return length;
    }

    /// <summary>Reads the XOR-MAPPED-ADDRESS of a binding success response (RFC 5389 15.2).</summary>
    /// <param name="response">A datagram for which <see cref="IsStun"/> is true.</param>
    /// <param name="mapped">Our address as the other side saw it.</param>
    public static bool TryReadMappedAddress(ReadOnlySpan<byte> response, out SipAddress mapped)
    {
        mapped = default;
        if (!IsStun(response) || BinaryPrimitives.ReadUInt16BigEndian(response) != BindingSuccess)
        {
            return false;
        }

        ReadOnlySpan<byte> rest = response[HeaderLength..];
        while (TryNext(ref rest, out ushort type, out ReadOnlySpan<byte> value))
        {
            if (type != XorMappedAddress || value.Length < 8)
            {
                continue;
            }

            int addressLength = value[1] == 1 ? 4 : 16;
            if (value.Length < 4 + addressLength)
            {
                return false;
            }

            ushort port = (ushort)(BinaryPrimitives.ReadUInt16BigEndian(value[2..]) ^ (MagicCookie >> 16));
            Span<byte> octets = stackalloc byte[16];
            Xor(value.Slice(4, addressLength), response.Slice(4, addressLength), octets);
            mapped = addressLength == 4
                ? SipAddress.FromIPv4(BinaryPrimitives.ReadUInt32BigEndian(octets), port)
                : SipAddress.FromIPv6(octets, port);
            return true;
        }

        return false;
    }

    private static int WriteMapped(in SipAddress remote, Span<byte> to)
    {
        Span<byte> address = stackalloc byte[16];
        int length = remote.WriteAddress(address);
        Span<byte> attribute = to[HeaderLength..];
        BinaryPrimitives.WriteUInt16BigEndian(attribute, XorMappedAddress);
        BinaryPrimitives.WriteUInt16BigEndian(attribute[2..], (ushort)(4 + length));
        attribute[4] = 0;
        attribute[5] = (byte)(length == 4 ? 1 : 2);
        BinaryPrimitives.WriteUInt16BigEndian(attribute[6..], (ushort)(remote.Port ^ (MagicCookie >> 16)));

        // 15.2: the address is xored with the cookie, and an IPv6 one with the transaction id behind it.
        Xor(address[..length], to.Slice(4, length), attribute[8..]);
        return HeaderLength + 8 + length;
    }

    // 7.3.1: 420 with the types that are not understood.
    private static int WriteUnknown(ReadOnlySpan<ushort> types, Span<byte> to)
    {
        ReadOnlySpan<byte> phrase = "Unknown Attribute   "u8;
        int at = HeaderLength;
        BinaryPrimitives.WriteUInt16BigEndian(to[at..], ErrorCode);
        BinaryPrimitives.WriteUInt16BigEndian(to[(at + 2)..], (ushort)(4 + "Unknown Attribute".Length));
        BinaryPrimitives.WriteUInt32BigEndian(to[(at + 4)..], (4 << 8) | 20);
        phrase.CopyTo(to[(at + 8)..]);
        at += 8 + phrase.Length;

        BinaryPrimitives.WriteUInt16BigEndian(to[at..], UnknownAttributes);
        BinaryPrimitives.WriteUInt16BigEndian(to[(at + 2)..], (ushort)(2 * types.Length));
        at += 4;
        foreach (ushort type in types)
        {
            BinaryPrimitives.WriteUInt16BigEndian(to[at..], type);
            at += 2;
        }

        if (types.Length % 2 != 0)
        {
            BinaryPrimitives.WriteUInt16BigEndian(to[at..], 0);
            at += 2;
        }

        return at;
    }

    // Types below 0x8000 must be understood (15). We know USERNAME, MESSAGE-INTEGRITY, REALM and NONCE, and need none of them (RFC 5626 8).
    private static int FindUnknown(ReadOnlySpan<byte> attributes, Span<ushort> unknown)
    {
        int count = 0;
        while (TryNext(ref attributes, out ushort type, out _))
        {
            if (type < 0x8000 && type is not (0x0006 or 0x0008 or 0x0014 or 0x0015) && count < unknown.Length)
            {
                unknown[count++] = type;
            }
        }

        return attributes.IsEmpty ? count : -1;
    }

    private static bool TryNext(ref ReadOnlySpan<byte> rest, out ushort type, out ReadOnlySpan<byte> value)
    {
        type = 0;
        value = default;
        if (rest.Length < 4)
        {
            return false;
        }

        int length = BinaryPrimitives.ReadUInt16BigEndian(rest[2..]);
        int padded = (length + 3) & ~3;
        if (4 + padded > rest.Length)
        {
            return false;
        }

        type = BinaryPrimitives.ReadUInt16BigEndian(rest);
        value = rest.Slice(4, length);
        rest = rest[(4 + padded)..];
        return true;
    }

    private static void Xor(ReadOnlySpan<byte> left, ReadOnlySpan<byte> right, Span<byte> to)
    {
        for (int i = 0; i < left.Length; i++)
        {
            to[i] = (byte)(left[i] ^ right[i]);
        }
    }
}

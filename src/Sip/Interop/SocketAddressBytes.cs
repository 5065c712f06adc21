using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Sip.Transports;

namespace Sip.Interop;

/// <summary>struct sockaddr_in and sockaddr_in6 of Linux, to and from <see cref="SipAddress"/>.</summary>
internal static class SocketAddressBytes
{
    public const int MaxLength = 28;

    private const ushort FamilyIPv4 = 2;
    private const ushort FamilyIPv6 = 10;

    /// <summary>Writes the address for a socket of its own family and returns the length.</summary>
    public static int Write(in SipAddress address, Span<byte> to)
    {
        BinaryPrimitives.WriteUInt16BigEndian(to[2..], address.Port);
        if (address.IsIPv4)
        {
            MemoryMarshal.Write(to, FamilyIPv4);
            address.WriteAddress(to[4..]);
            return 16;
        }

        MemoryMarshal.Write(to, FamilyIPv6);
        to.Slice(4, 4).Clear();
        address.WriteAddress(to[8..]);
        MemoryMarshal.Write(to[24..], address.ScopeId);
        return MaxLength;
    }

    /// <summary>Reads an address; none if it is of another family.</summary>
    public static SipAddress Read(ReadOnlySpan<byte> from)
    {
        if (from.Length >= 16 && MemoryMarshal.Read<ushort>(from) == FamilyIPv4)
        {
            return SipAddress.FromIPv4(BinaryPrimitives.ReadUInt32BigEndian(from[4..]), BinaryPrimitives.ReadUInt16BigEndian(from[2..]));
        }

        if (from.Length >= MaxLength && MemoryMarshal.Read<ushort>(from) == FamilyIPv6)
        {
            return SipAddress.FromIPv6(from.Slice(8, 16), BinaryPrimitives.ReadUInt16BigEndian(from[2..]), MemoryMarshal.Read<uint>(from[24..]));
        }

        return default;
    }
}

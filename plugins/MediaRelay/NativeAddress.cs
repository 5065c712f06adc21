using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace Sip.B2bua.Plugins.MediaRelay;

/// <summary>
/// An address and port in the layout of the kernel's <c>sockaddr_in</c> and <c>sockaddr_in6</c>, so that what is received can
/// be compared and what is sent can be passed without conversion. <see cref="Family"/> 0 is no address.
/// </summary>
[StructLayout(LayoutKind.Explicit, Size = 28)]
internal struct NativeAddress
{
    public const ushort IPv4 = 2;
    public const ushort IPv6 = 10;

    [FieldOffset(0)]
    public ushort Family;

    /// <summary>In network order.</summary>
    [FieldOffset(2)]
    private ushort port;

    [FieldOffset(4)]
    private uint v4;

    [FieldOffset(8)]
    private ulong v6High;

    [FieldOffset(16)]
    private ulong v6Low;

    [FieldOffset(24)]
    private uint scope;

    public readonly bool IsNone => Family == 0;

    public readonly int Port => (ushort)IPAddress.NetworkToHostOrder((short)port);

    /// <summary>How many octets the kernel wants of this address.</summary>
    public readonly int Size => Family == IPv6 ? 28 : 16;

    public static NativeAddress From(IPAddress address, int port)
    {
        NativeAddress to = default;
        to.port = (ushort)IPAddress.HostToNetworkOrder((short)port);
        if (address.AddressFamily == AddressFamily.InterNetwork)
        {
            to.Family = IPv4;
            Span<byte> octets = stackalloc byte[4];
            address.TryWriteBytes(octets, out _);
            to.v4 = MemoryMarshal.Read<uint>(octets);
        }
        else
        {
            to.Family = IPv6;
            Span<byte> octets = stackalloc byte[16];
            address.TryWriteBytes(octets, out _);
            to.v6High = MemoryMarshal.Read<ulong>(octets);
            to.v6Low = MemoryMarshal.Read<ulong>(octets[8..]);
            to.scope = address.IsIPv6LinkLocal ? (uint)address.ScopeId : 0;
        }

        return to;
    }

    public readonly bool IsSameHost(in NativeAddress other) =>
        Family == other.Family && (Family == IPv4 ? v4 == other.v4 : v6High == other.v6High && v6Low == other.v6Low);

    public readonly bool IsSame(in NativeAddress other) => port == other.port && IsSameHost(other);

    public readonly IPEndPoint? ToEndPoint()
    {
        if (IsNone)
        {
            return null;
        }

        Span<byte> octets = stackalloc byte[16];
        if (Family == IPv4)
        {
            MemoryMarshal.Write(octets, v4);
            return new IPEndPoint(new IPAddress(octets[..4]), Port);
        }

        MemoryMarshal.Write(octets, v6High);
        MemoryMarshal.Write(octets[8..], v6Low);
        return new IPEndPoint(new IPAddress(octets), Port);
    }
}

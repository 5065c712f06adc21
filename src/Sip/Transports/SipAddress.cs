using System.Buffers.Binary;
using System.Globalization;
using System.Net;
using System.Text;

namespace Sip.Transports;

/// <summary>
/// An IP address and a port in 24 octets, made, compared and written without allocating. An IPv4-mapped IPv6 address is IPv4 here,
/// so that one remote has one spelling.
/// </summary>
public readonly struct SipAddress : IEquatable<SipAddress>
{
    /// <summary>The longest text that <see cref="Format"/> writes: a bracketed IPv6 address with zone and port.</summary>
    public const int MaxTextLength = 80;

    private const ulong MappedPrefix = 0x0000_FFFF_0000_0000;

    // An IPv6 address in network order; IPv4 is kept as the mapped address ::ffff:a.b.c.d.
    private readonly ulong high;
    private readonly ulong low;
    private readonly uint scope;
    private readonly ushort port;
    private readonly Kind kind;

    private SipAddress(ulong high, ulong low, uint scope, ushort port, Kind kind)
    {
        this.high = high;
        this.low = low;
        this.scope = scope;
        this.port = port;
        this.kind = kind;
    }

    private enum Kind : byte
    {
        None,
        IPv4,
        IPv6,
    }

    /// <summary>The port; 0 where none is meant.</summary>
    public ushort Port => port;

    /// <summary>Whether this is the default value, which is no address at all.</summary>
    public bool IsNone => kind == Kind.None;

    /// <summary>Whether the address is IPv4.</summary>
    public bool IsIPv4 => kind == Kind.IPv4;

    /// <summary>Whether the address is IPv6.</summary>
    public bool IsIPv6 => kind == Kind.IPv6;

    /// <summary>Whether the address is the wildcard 0.0.0.0 or ::.</summary>
    public bool IsAny => kind switch
    {
        Kind.IPv4 => (uint)low == 0,
        Kind.IPv6 => high == 0 && low == 0,
        _ => false,
    };

    /// <summary>Whether the address is of 127.0.0.0/8 or ::1.</summary>
    public bool IsLoopback => kind switch
    {
        Kind.IPv4 => (uint)low >> 24 == 127,
        Kind.IPv6 => high == 0 && low == 1,
        _ => false,
    };

    /// <summary>
    /// Whether the address is of a network that is nobody's in the Internet: RFC 1918, shared (RFC 6598), link-local, unique local
    /// (RFC 4193) or loopback. Who sends from there has not crossed the Internet to us.
    /// </summary>
    public bool IsPrivate => kind switch
    {
        Kind.IPv4 => (uint)low >> 24 is 10 or 127 || (uint)low >> 22 == (100 << 2 | 1) || (uint)low >> 20 == (172 << 4 | 1)
            || (uint)low >> 16 is (192 << 8 | 168) or (169 << 8 | 254),
        Kind.IPv6 => high >> 57 == 0xFC >> 1 || high >> 54 == 0xFE80 >> 6 || IsLoopback,
        _ => false,
    };

    /// <summary>The zone of a link-local IPv6 address, else 0.</summary>
    public uint ScopeId => scope;

    // The number of an IPv4 address.
    internal uint IPv4 => (uint)low;

    /// <summary>Compares address, zone and port.</summary>
    public static bool operator ==(in SipAddress left, in SipAddress right) => left.Equals(right);

    /// <summary>Compares address, zone and port.</summary>
    public static bool operator !=(in SipAddress left, in SipAddress right) => !left.Equals(right);

    /// <summary>The IPv4 address whose octets, first one highest, are the given number.</summary>
    /// <param name="address">The address as a number.</param>
    /// <param name="port">The port.</param>
    public static SipAddress FromIPv4(uint address, ushort port) => new(0, MappedPrefix | address, 0, port, Kind.IPv4);

    /// <summary>The IPv6 address of these sixteen octets; a mapped one becomes IPv4.</summary>
    /// <param name="address">Sixteen octets in network order.</param>
    /// <param name="port">The port.</param>
    /// <param name="scope">The zone, or 0.</param>
    public static SipAddress FromIPv6(ReadOnlySpan<byte> address, ushort port, uint scope = 0)
    {
        ulong high = BinaryPrimitives.ReadUInt64BigEndian(address);
        ulong low = BinaryPrimitives.ReadUInt64BigEndian(address[8..]);
        return high == 0 && low >> 32 == 0xFFFF
            ? new SipAddress(high, low, 0, port, Kind.IPv4)
            : new SipAddress(high, low, scope, port, Kind.IPv6);
    }

    /// <summary>The same address as .NET's type has it.</summary>
    /// <param name="endPoint">Address and port.</param>
    public static SipAddress From(IPEndPoint endPoint)
    {
        ArgumentNullException.ThrowIfNull(endPoint);
        return From(endPoint.Address, endPoint.Port);
    }

    /// <summary>The same address as .NET's type has it.</summary>
    /// <param name="address">The address.</param>
    /// <param name="port">The port.</param>
    public static SipAddress From(IPAddress address, int port)
    {
        ArgumentNullException.ThrowIfNull(address);
        Span<byte> octets = stackalloc byte[16];
        address.TryWriteBytes(octets, out int length);
        if (length == 4)
        {
            return FromIPv4(BinaryPrimitives.ReadUInt32BigEndian(octets), (ushort)port);
        }

        return FromIPv6(octets, (ushort)port, (uint)address.ScopeId);
    }

    /// <summary>Reads a literal address as it stands in a URI or a Via: dotted IPv4, or IPv6 with or without brackets. Never a name.</summary>
    /// <param name="host">The host's octets.</param>
    /// <param name="port">The port, 0 to 65535.</param>
    /// <param name="address">What was read.</param>
    public static bool TryParse(ReadOnlySpan<byte> host, int port, out SipAddress address)
    {
        address = default;
        if (port is < 0 or > 65535 || host.IsEmpty || host.Length > 64)
        {
            return false;
        }

        if (host[0] == '[')
        {
            if (host[^1] != ']')
            {
                return false;
            }

            return TryParseIPv6(host[1..^1], port, out address);
        }

        return host.Contains((byte)':') ? TryParseIPv6(host, port, out address) : TryParseIPv4(host, port, out address);
    }

    /// <summary>The same address with another port.</summary>
    /// <param name="port">The port, 0 to 65535.</param>
    public SipAddress WithPort(int port) => new(high, low, scope, (ushort)port, kind);

    /// <summary>The address as .NET's type.</summary>
    public IPAddress ToIPAddress()
    {
        Span<byte> octets = stackalloc byte[16];
        WriteAddress(octets);
        return kind == Kind.IPv4 ? new IPAddress(octets[..4]) : new IPAddress(octets, scope);
    }

    /// <summary>Address and port as .NET's type.</summary>
    public IPEndPoint ToEndPoint() => new(ToIPAddress(), port);

    /// <summary>Writes the address's 4 or 16 octets in network order and returns how many.</summary>
    /// <param name="to">At least 16 octets.</param>
    public int WriteAddress(Span<byte> to)
    {
        if (kind == Kind.IPv4)
        {
            BinaryPrimitives.WriteUInt32BigEndian(to, (uint)low);
            return 4;
        }

        BinaryPrimitives.WriteUInt64BigEndian(to, high);
        BinaryPrimitives.WriteUInt64BigEndian(to[8..], low);
        return 16;
    }

    /// <summary>Writes "192.0.2.1:5060" or "[2001:db8::1]:5060"; returns the length.</summary>
    /// <param name="to">At least <see cref="MaxTextLength"/> octets.</param>
    public int Format(Span<byte> to)
    {
        int length = FormatHost(to);
        to[length++] = (byte)':';
        port.TryFormat(to[length..], out int digits, default, CultureInfo.InvariantCulture);
        return length + digits;
    }

    /// <summary>Writes the address without port, an IPv6 address in brackets; returns the length.</summary>
    /// <param name="to">At least <see cref="MaxTextLength"/> octets.</param>
    public int FormatHost(Span<byte> to)
    {
        if (kind != Kind.IPv6)
        {
            return FormatHostBare(to);
        }

        to[0] = (byte)'[';
        int length = FormatHostBare(to[1..]) + 1;
        to[length] = (byte)']';
        return length + 1;
    }

    /// <summary>Writes the address without port, brackets and zone, as the received parameter has it; returns the length.</summary>
    /// <param name="to">At least <see cref="MaxTextLength"/> octets.</param>
    public int FormatHostBare(Span<byte> to)
    {
        if (kind == Kind.IPv4)
        {
            return FormatIPv4((uint)low, to);
        }

        return IPv6Text.Format(high, low, to);
    }

    /// <inheritdoc/>
    public bool Equals(SipAddress other) =>
        low == other.low && high == other.high && port == other.port && kind == other.kind && scope == other.scope;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is SipAddress other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(high, low, port);

    /// <inheritdoc/>
    public override string ToString()
    {
        if (kind == Kind.None)
        {
            return "none";
        }

        Span<byte> text = stackalloc byte[MaxTextLength];
        return Encoding.ASCII.GetString(text[..Format(text)]);
    }

    private static int FormatIPv4(uint address, Span<byte> to)
    {
        int length = 0;
        for (int shift = 24; shift >= 0; shift -= 8)
        {
            ((byte)(address >> shift)).TryFormat(to[length..], out int digits, default, CultureInfo.InvariantCulture);
            length += digits;
            if (shift > 0)
            {
                to[length++] = (byte)'.';
            }
        }

        return length;
    }

    // Strict: four decimal numbers without leading zeros. "010.1" and other old spellings are names to us.
    private static bool TryParseIPv4(ReadOnlySpan<byte> text, int port, out SipAddress address)
    {
        address = default;
        uint value = 0;
        int part = 0;
        while (true)
        {
            int end = text.IndexOf((byte)'.');
            ReadOnlySpan<byte> digits = end < 0 ? text : text[..end];
            if (digits.Length is 0 or > 3 || (digits.Length > 1 && digits[0] == '0'))
            {
                return false;
            }

            uint number = 0;
            foreach (byte digit in digits)
            {
                if (digit is < (byte)'0' or > (byte)'9')
                {
                    return false;
                }

                number = (number * 10) + digit - '0';
            }

            value = (value << 8) | number;
            part++;
            if (number > 255 || part > 4)
            {
                return false;
            }

            if (end < 0)
            {
                address = FromIPv4(value, (ushort)port);
                return part == 4;
            }

            text = text[(end + 1)..];
        }
    }

    private static bool TryParseIPv6(ReadOnlySpan<byte> text, int port, out SipAddress address)
    {
        address = default;
        Span<byte> octets = stackalloc byte[16];
        if (!IPv6Text.TryParse(text, octets))
        {
            return false;
        }

        address = FromIPv6(octets, (ushort)port);
        return true;
    }
}

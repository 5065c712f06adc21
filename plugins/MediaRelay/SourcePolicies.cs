using System.Net;
using System.Net.Sockets;
using System.Text;
using Sip.Sdp;

namespace Sip.B2bua.Plugins.MediaRelay;

/// <summary>Makes <see cref="SourcePolicy"/> values from a party's description and its signalling address.</summary>
internal static class SourcePolicies
{
    /// <summary>Before the party's description is known, only its signalling host is allowed and nothing is sent.</summary>
    public static SourcePolicy BeforeDescription(RelayParty party) => new() { Signalling = NativeAddress.From(party.Signalling, 0) };

    /// <summary>The policies of a media section's RTP and RTCP; <paramref name="isOurs"/> tells our own relay ports.</summary>
    public static (SourcePolicy Rtp, SourcePolicy Rtcp) From(RelayParty party, SdpMedia media, bool muxed, Func<IPAddress, int, bool> isOurs)
    {
        media.TryGetConnection(out SdpConnection connection);
        TryReadAddress(connection.Address, out IPAddress? host);
        bool receives = media.Direction is SdpDirection.SendRecv or SdpDirection.RecvOnly;
        (IPAddress? rtcpHost, int rtcpPort) = ReadRtcp(media, host, muxed);
        return (Make(party, host, media.Port, connection.IsHold, receives, isOurs),
            Make(party, rtcpHost, rtcpPort, connection.IsHold, receives, isOurs));
    }

    /// <summary>Reads a literal address; false for a host name, which the relay does not resolve: it waits to learn the source.</summary>
    public static bool TryReadAddress(ReadOnlySpan<byte> text, out IPAddress? address)
    {
        address = null;
        Span<char> characters = stackalloc char[64];
        if (text.IsEmpty || text.Length > characters.Length || (!text.Contains((byte)':') && text.Count((byte)'.') != 3))
        {
            return false;
        }

        Encoding.Latin1.GetChars(text, characters);
        if (!IPAddress.TryParse(characters[..text.Length], out IPAddress? parsed))
        {
            return false;
        }

        address = parsed.IsIPv4MappedToIPv6 ? parsed.MapToIPv4() : parsed;
        return true;
    }

    /// <summary>Whether no packet of the open Internet can be addressed so: private, shared, link-local, loopback (RFC 6890).</summary>
    public static bool IsPrivate(IPAddress address)
    {
        Span<byte> octets = stackalloc byte[16];
        address.TryWriteBytes(octets, out int length);
        if (length == 16)
        {
            return (octets[0] & 0xFE) == 0xFC || address.IsIPv6LinkLocal || IPAddress.IsLoopback(address);
        }

        return octets[0] switch
        {
            10 or 127 => true,
            100 => (octets[1] & 0xC0) == 64,
            169 => octets[1] == 254,
            172 => (octets[1] & 0xF0) == 16,
            192 => octets[1] == 168,
            _ => false,
        };
    }

    /// <summary>Whether one party can be reached there at all: no multicast, broadcast or unspecified address.</summary>
    public static bool IsUnicast(IPAddress address)
    {
        Span<byte> octets = stackalloc byte[16];
        address.TryWriteBytes(octets, out int length);
        return length == 16
            ? octets[0] != 0xFF && !address.Equals(IPAddress.IPv6Any)
            : octets[0] is > 0 and < 224;
    }

    private static SourcePolicy Make(
        RelayParty party, IPAddress? host, int port, bool onHold, bool receives, Func<IPAddress, int, bool> isOurs)
    {
        NativeAddress signalling = NativeAddress.From(party.Signalling, 0);
        bool described = host is not null && IsUnicast(host);
        bool reachable = described && !IsBehindNat(host!, party.Signalling) && party.Local(IsIPv6(host!)) is { } local && IsIPv6(local) == IsIPv6(host!);
        IPAddress target = reachable ? host! : party.Signalling;

        // Sending to a port of our own relay would let two calls feed each other for ever.
        bool hasTarget = port > 0 && !isOurs(target, port);
        return new SourcePolicy
        {
            Signalling = signalling,
            Described = described ? NativeAddress.From(host!, port) : default,
            FirstTarget = hasTarget ? NativeAddress.From(target, port) : default,
            OnHold = onHold,
            Receives = receives && !onHold,
        };
    }

    private static bool IsIPv6(IPAddress address) => address.AddressFamily == AddressFamily.InterNetworkV6;

    // The described address means nothing from where we are: a loopback of another machine, or a private address of a phone
    // whose messages come from a public one. What its NAT shows is the signalling host, perhaps even with the same port.
    private static bool IsBehindNat(IPAddress described, IPAddress signalling) =>
        (IPAddress.IsLoopback(described) && !IPAddress.IsLoopback(signalling)) || (IsPrivate(described) && !IsPrivate(signalling));

    // RFC 3605 2.1: a=rtcp:port [IN IP4 address]; otherwise the next port (RFC 3550 11). RFC 5761 5.1.1: the RTP port when muxed.
    private static (IPAddress? Host, int Port) ReadRtcp(SdpMedia media, IPAddress? host, bool muxed)
    {
        int port = media.Port;
        if (muxed || port == 0)
        {
            return (host, port);
        }

        if (!media.TryGetAttribute("rtcp"u8, out ReadOnlySpan<byte> value))
        {
            return (host, port == ushort.MaxValue ? 0 : port + 1);
        }

        int blank = value.IndexOf((byte)' ');
        ReadOnlySpan<byte> digits = blank < 0 ? value : value[..blank];
        if (!int.TryParse(digits, out int rtcpPort) || rtcpPort is < 0 or > ushort.MaxValue)
        {
            return (host, 0);
        }

        if (blank >= 0 && SdpConnection.TryParse(value[(blank + 1)..], out SdpConnection own))
        {
            return TryReadAddress(own.Address, out IPAddress? other) ? (other, rtcpPort) : (null, rtcpPort);
        }

        return (host, rtcpPort);
    }
}

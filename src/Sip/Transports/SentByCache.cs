using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Sip.Transports;

/// <summary>
/// Finds our host and port as a peer sees them. Where only the system's routing table knows, a connected UDP socket asks it (no
/// packet is sent), and the answer is remembered for a while.
/// </summary>
internal sealed class SentByCache
{
    private const int MaxRoutes = 1024;

    private readonly Dictionary<SipAddress, SipAddress> routes = [];

    public int Write(in Flow flow, Span<byte> to)
    {
        if (flow.IsNone)
        {
            return 0;
        }

        ListeningPoint point = flow.Transport.Point;
        int length;
        if (point.AdvertisedHost is { } host)
        {
            length = Encoding.ASCII.GetBytes(host, to);
        }
        else
        {
            SipAddress local = AddressFor(flow);
            if (local.IsNone)
            {
                return 0;
            }

            length = local.FormatHost(to);
        }

        to[length++] = (byte)':';
        (point.AdvertisedPort ?? point.Port).TryFormat(to[length..], out int digits, default, CultureInfo.InvariantCulture);
        return length + digits;
    }

    /// <summary>Our address as the flow's peer sees it; none if none can be found.</summary>
    public SipAddress AddressFor(in Flow flow)
    {
        if (flow.IsNone)
        {
            return default;
        }

        SipAddress advertised = flow.Transport.Point.AdvertisedAddress;
        return advertised.IsNone || IsThisSideOfTheNat(flow.Remote, advertised) ? LocalAddress(flow) : advertised;
    }

    // Where the advertised address is itself private, as between two offices, other private networks may well lie behind the NAT.
    private static bool IsThisSideOfTheNat(in SipAddress remote, in SipAddress advertised) =>
        advertised.IsPrivate ? remote.IsLoopback : remote.IsPrivate;

    private SipAddress LocalAddress(in Flow flow)
    {
        if (!flow.Local.IsNone && !flow.Local.IsAny)
        {
            return flow.Local;
        }

        SipAddress bound = flow.Transport.Point.Address;
        return bound.IsAny ? Route(flow.Remote) : bound;
    }

    private SipAddress Route(in SipAddress remote)
    {
        // The port plays no part in routing, but connect() refuses 0 on some systems.
        SipAddress key = remote.WithPort(9);
        if (routes.TryGetValue(key, out SipAddress local))
        {
            return local;
        }

        if (routes.Count >= MaxRoutes)
        {
            routes.Clear();
        }

        local = Ask(key);
        routes[key] = local;
        return local;
    }

    private static SipAddress Ask(in SipAddress remote)
    {
        try
        {
            IPEndPoint to = remote.ToEndPoint();
            using Socket probe = new(to.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
            probe.Connect(to);
            return SipAddress.From((IPEndPoint)probe.LocalEndPoint!);
        }
        catch (SocketException)
        {
            // No route: the message cannot be sent either, which the send itself will report.
            return default;
        }
    }
}

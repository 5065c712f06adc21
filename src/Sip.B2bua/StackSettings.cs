using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Logging;
using Sip.B2bua.Configuration;
using Sip.Messages;
using Sip.Transactions;
using Sip.Transports;

namespace Sip.B2bua;

/// <summary>What the section <c>[global]</c> means for the stack.</summary>
internal static class StackSettings
{
    /// <summary>Translates the settings.</summary>
    public static SipStackOptions From(ServerOptions server, ILogger logger, TimeProvider time)
    {
        List<ListeningFault> faults = [];
        return WithoutPoints(server, logger, time) with { Points = PointsOf(server, faults), Faults = faults };
    }

    private static SipStackOptions WithoutPoints(ServerOptions server, ILogger logger, TimeProvider time) => new()
    {
        EventLoops = server.EventLoops,
        Time = time,
        Logger = logger,
        Limits = SipLimits.Default with { MaxHeaders = server.MaxHeaderCount, MaxHeaderBytes = server.MaxHeaderSize, MaxMessageBytes = server.MaxMessageSize },
        Transports = new TransportOptions
        {
            MaxMessageBytes = server.MaxMessageSize,
            MaxConnections = server.MaxConnections,
            MaxConnectionsPerAddress = server.MaxConnectionsPerAddress,
            KeepAliveSeconds = (int)server.KeepaliveInterval.TotalSeconds,
            IdleSeconds = (int)server.IdleTimeout.TotalSeconds,
            ConnectSeconds = (int)server.ConnectionEstablishmentTimeout.TotalSeconds,
            UdpMtu = server.UdpMtu,
            HandshakeSeconds = (int)server.TlsHandshakeTimeout.TotalSeconds,
            MaxHandshakes = server.TlsMaxHandshakes,
        },
        Dns = new DnsOptions
        {
            Servers = server.NameServers(),
            TimeoutMilliseconds = (int)server.DnsTimeout.TotalMilliseconds,
            CacheSize = server.DnsCacheSize,
        },
        Transactions = new TransactionOptions
        {
            MaxTransactions = server.MaxTransactions,
            Timers = SipTimerValues.Default with { T1 = (int)(server.TransactionTimeout.TotalMilliseconds / 64) },
        },
    };

    private static List<ListeningPoint> PointsOf(ServerOptions server, List<ListeningFault> faults)
    {
        List<ListeningPoint> points = [];
        foreach (TransportUri uri in server.TransportUris())
        {
            try
            {
                points.AddRange(PointsOf(uri, server));
            }
            catch (SocketException e)
            {
                faults.Add(new ListeningFault(uri.Text, $"no address is found for the name {uri.BindHost} ({e.Message})"));
            }
        }

        return points;
    }

    // flexisip.md b.8: sip:host[:port][;transport=...]; * means all addresses; maddr binds to another than the one announced.
    private static IEnumerable<ListeningPoint> PointsOf(TransportUri uri, ServerOptions server)
    {
        TlsSettings? tls = TransportTls.IsSecure(uri) ? TransportTls.SettingsOf(uri, server) : null;
        foreach (string token in uri.Tokens)
        {
            foreach (IPAddress address in AddressesOf(uri.BindHost))
            {
                yield return new ListeningPoint
                {
                    Token = token,
                    Written = uri.Text,
                    Bind = new IPEndPoint(address, uri.Port),
                    Tls = tls,
                    AdvertisedHost = Announces(uri) && !IsAddress(uri.Host) ? uri.Host : null,
                    AdvertisedAddress = AdvertisedAddressOf(uri, address, server),
                    Networks = NetworksOf(uri),
                };
            }
        }
    }

    private static bool Announces(TransportUri uri) =>
        uri.Host != "*" && (uri.Maddr is not null || !IsAddress(uri.Host));

    private static bool IsAddress(string host) => IPAddress.TryParse(host.Trim('[', ']'), out _);

    // The URI's own, written before a maddr; else the setting for all, which is for addresses that are not the Internet's.
    private static SipAddress AdvertisedAddressOf(TransportUri uri, IPAddress bound, ServerOptions server)
    {
        SipAddress own = SipAddress.From(bound, 0);
        if (Announces(uri) && IPAddress.TryParse(uri.Host, out IPAddress? written))
        {
            return written.AddressFamily == bound.AddressFamily ? SipAddress.From(written, 0) : default;
        }

        return (own.IsAny || (own.IsPrivate && !own.IsLoopback)) && server.AdvertisedAddressFor(bound.AddressFamily) is { } advertised
            ? SipAddress.From(advertised, 0)
            : default;
    }

    private static IReadOnlyList<IPNetwork> NetworksOf(TransportUri uri) =>
        uri.Parameters.TryGetValue("network", out string? networks) ? [.. networks.Split(',').Select(IPNetwork.Parse)] : [];

    private static IPAddress[] AddressesOf(string host)
    {
        if (host == "*")
        {
            return Socket.OSSupportsIPv6 ? [IPAddress.Any, IPAddress.IPv6Any] : [IPAddress.Any];
        }

        return IPAddress.TryParse(host.Trim('[', ']'), out IPAddress? literal) ? [literal] : Dns.GetHostAddresses(host);
    }
}

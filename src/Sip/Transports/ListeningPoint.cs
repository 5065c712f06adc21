using System.Net;

namespace Sip.Transports;

/// <summary>A local address and transport that we accept on. The same point is opened once on each loop.</summary>
public sealed record ListeningPoint
{
    /// <summary>The point's number among the server's points; flows of different loops are recognised by it.</summary>
    public int Index { get; init; }

    /// <summary>What the administrator has written for it, by which messages name it; empty: nothing.</summary>
    public string Written { get; init; } = "";

    /// <summary>The transport as the Via header writes it: "UDP", "TCP", "TLS", "WS", "WSS".</summary>
    public required string Token { get; init; }

    /// <summary>The address to bind to; it may be a wildcard.</summary>
    public required IPEndPoint Bind { get; init; }

    /// <summary>The host that we write into Via and Contact, where it is not the address itself (NAT, a name); else null.</summary>
    public string? AdvertisedHost { get; init; }

    /// <summary>
    /// Our address as the Internet sees it, where a NAT stands before us (1:1, as cloud machines have it); else none. Peers in a private
    /// network are told the address that they have reached us by.
    /// </summary>
    public SipAddress AdvertisedAddress { get; init; }

    /// <summary>
    /// The IPv4 networks that this point sends to (Flexisip's <c>network</c>); empty for all. Where several points of a transport could
    /// serve a destination, the narrowest network wins.
    /// </summary>
    public IReadOnlyList<IPNetwork> Networks { get; init; } = [];

    /// <summary>The port that we write into Via and Contact, where it is not the port itself (NAT); else null.</summary>
    public int? AdvertisedPort { get; init; }

    /// <summary>Certificates and checks of a point that encrypts; else null.</summary>
    public TlsSettings? Tls { get; init; }

    /// <summary>The port that is listened on; when <see cref="Bind"/> left it open, known once the point is open.</summary>
    public int Port => Bind.Port;

    /// <summary>The address that is bound, as a <see cref="SipAddress"/>.</summary>
    public SipAddress Address => SipAddress.From(Bind);
}

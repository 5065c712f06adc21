namespace Sip.Transports;

/// <summary>The limits and times of the transports; the defaults suit a server with 1 GB of memory.</summary>
public sealed record TransportOptions
{
    /// <summary>How many octets the system may keep for a datagram socket in each direction (SO_RCVBUF, SO_SNDBUF); the system may grant less.</summary>
    public int SocketBufferBytes { get; init; } = 4 * 1024 * 1024;

    /// <summary>How many datagrams may wait for room in the system's send buffer; more are dropped and counted.</summary>
    public int MaxQueuedDatagrams { get; init; } = 4096;

    /// <summary>The longest message taken from a stream, in octets.</summary>
    public int MaxMessageBytes { get; init; } = 65536;

    /// <summary>How many octets may wait to be sent on one connection; with more it is closed.</summary>
    public int MaxSendQueueBytes { get; init; } = 256 * 1024;

    /// <summary>How many connections one listening point may have.</summary>
    public int MaxConnections { get; init; } = 10000;

    /// <summary>How many connections one address may have opened to one listening point.</summary>
    public int MaxConnectionsPerAddress { get; init; } = 200;

    /// <summary>After how many seconds without traffic a connection is closed.</summary>
    public int IdleSeconds { get; init; } = 3600;

    /// <summary>After how many seconds without traffic a stream connection is sent an empty line, to keep it open in the routers between; 0: never.</summary>
    public int KeepAliveSeconds { get; init; }

    /// <summary>After how many seconds a message that was begun must be complete.</summary>
    public int PartialMessageSeconds { get; init; } = 30;

    /// <summary>How many seconds a connect may take; 0: as long as the system lets it.</summary>
    public int ConnectSeconds { get; init; } = 10;

    /// <summary>The longest request that goes by UDP where the target has TCP, too (RFC 3261 18.1.1), in octets.</summary>
    public int UdpMtu { get; init; } = 1300;

    /// <summary>How many seconds a TLS handshake may take.</summary>
    public int HandshakeSeconds { get; init; } = 10;

    /// <summary>How many handshakes of accepted connections may be unfinished on one loop and listening point; more are refused.</summary>
    public int MaxHandshakes { get; init; } = 1000;
}

using System.Net.Sockets;

namespace Sip.Transports;

/// <summary>TCP on one listening point, on one loop.</summary>
public sealed class TcpTransport : SocketTransport
{
    /// <summary>Makes a transport that is not open yet.</summary>
    /// <param name="point">What it listens on.</param>
    /// <param name="set">The transports of its loop.</param>
    public TcpTransport(ListeningPoint point, TransportSet set)
        : base(point, set)
    {
    }

    /// <inheritdoc/>
    public override ReadOnlySpan<byte> ViaToken => "TCP"u8;

    /// <inheritdoc/>
    public override ReadOnlySpan<byte> UriToken => "tcp"u8;

    private protected override SocketConnection CreateConnection(Socket socket, in SipAddress local, in SipAddress remote, string peerName) =>
        new TcpConnection(this, socket, local, remote, accepted: false);

    private protected override SocketConnection? CreateAccepted(Socket socket, in SipAddress local, in SipAddress remote) =>
        new TcpConnection(this, socket, local, remote, accepted: true);
}

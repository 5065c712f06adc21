using System.Text;
using Sip.Transports;

namespace Sip.B2bua.TestKit;

/// <summary>The server's TCP, or any other stream by its token, on a <see cref="MemoryNetwork"/>.</summary>
internal sealed class MemoryStreamTransport(MemoryNetwork network, ListeningPoint point, TransportSet set) : StreamTransport(point, set)
{
    private readonly byte[] viaToken = Encoding.ASCII.GetBytes(point.Token);
    private readonly byte[] uriToken = Encoding.ASCII.GetBytes(point.Token.ToLowerInvariant());
    private int nextPort = 50000;

    public override ReadOnlySpan<byte> ViaToken => viaToken;

    public override ReadOnlySpan<byte> UriToken => uriToken;

    public override bool IsSecure => Point.Token is "TLS" or "WSS";

    protected override bool CanConnect => Point.Token is "TCP" or "TLS";

    public override void Open() => network.Opened(this);

    public override void Close()
    {
        network.Closed(this);
        base.Close();
    }

    /// <summary>A peer opens a connection.</summary>
    public void Arrived(MemoryPeerConnection peer) => Loop.Post(new Arrival(() =>
    {
        if (!MayAccept(peer.Local) || !Adopt(new MemoryConnection(network, this, peer, peer.Remote, accepted: true)))
        {
            peer.Ended();
        }
    }));

    protected override StreamConnection? Connect(in SipAddress remote, string peerName)
    {
        SipAddress local = Point.Address.WithPort(nextPort++);
        MemoryPeerConnection end = new(network, remote, local);
        MemoryConnection connection = new(network, this, end, default, accepted: false);
        SipAddress to = remote;
        network.Schedule(network.Time.Elapsed + network.NextDelay(), () =>
        {
            // Nobody there at all: the connect runs into its time-out, as packets to nowhere do.
            if (network.FindPeer(to) is not { } peer)
            {
                return;
            }

            if (peer.IsUnreachable || !peer.AcceptsConnections)
            {
                connection.Refused();
                return;
            }

            peer.Adopt(end);
            connection.Connected(local);
        });
        return connection;
    }
}

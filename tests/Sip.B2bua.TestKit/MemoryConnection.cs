using Sip.Transports;

namespace Sip.B2bua.TestKit;

/// <summary>The server's end of a connection on a <see cref="MemoryNetwork"/>.</summary>
internal sealed class MemoryConnection : StreamConnection
{
    private readonly MemoryNetwork network;
    private readonly MemoryPeerConnection peer;
    private TimeSpan lastArrival;

    public MemoryConnection(MemoryNetwork network, MemoryStreamTransport transport, MemoryPeerConnection peer, SipAddress local, bool accepted)
        : base(transport, local, peer.Local, accepted)
    {
        this.network = network;
        this.peer = peer;
        peer.Server = this;
    }

    public void Arrived(byte[] octets) => Loop.Post(new Arrival(() => Receive(octets)));

    public void PeerEnded() => Loop.Post(new Arrival(ReceiveEnd));

    public void RoomAgain() => Loop.Post(new Arrival(Drain));

    public void Connected(SipAddress local) => Loop.Post(new Arrival(() => Opened(local)));

    public void Refused() => Loop.Post(new Arrival(() => Close(CloseReason.ConnectFailed)));

    protected override int Write(ReadOnlySpan<byte> octets)
    {
        if (!peer.IsReading)
        {
            return 0;
        }

        byte[] piece = octets[..network.NextPiece(octets.Length)].ToArray();
        network.Schedule(NextArrival(), () => peer.Arrived(piece));
        return piece.Length;
    }

    protected override void WaitForRoom(bool wait)
    {
    }

    protected override void ShutdownWrite() => network.Schedule(NextArrival(), () =>
    {
        peer.Ended();
        PeerEnded();
    });

    protected override void CloseStream() => network.Schedule(NextArrival(), peer.Ended);

    private TimeSpan NextArrival()
    {
        TimeSpan at = network.Time.Elapsed + network.NextDelay();
        lastArrival = at > lastArrival ? at : lastArrival;
        return lastArrival;
    }
}

using Sip.Messages;
using Sip.Transports;

namespace Sip.B2bua.TestKit;

/// <summary>The peer's end of a connection on a <see cref="MemoryNetwork"/>.</summary>
public sealed class MemoryPeerConnection
{
    private readonly MemoryNetwork network;
    private readonly List<byte> unread = [];
    private readonly Queue<PeerMessage> inbox = new();
    private readonly List<PeerMessage> received = [];
    private readonly List<byte> raw = [];
    private readonly List<Action<MemoryConnection>> early = [];
    private SipFramer framer;
    private TimeSpan lastArrival;
    private bool reading = true;

    internal MemoryPeerConnection(MemoryNetwork network, SipAddress local, SipAddress remote)
    {
        this.network = network;
        Local = local;
        Remote = remote;
    }

    /// <summary>The peer's address on it.</summary>
    public SipAddress Local { get; }

    /// <summary>The server's address on it.</summary>
    public SipAddress Remote { get; }

    /// <summary>Whether either side has closed it, or the server refused it.</summary>
    public bool IsClosed { get; private set; }

    /// <summary>Every whole message received so far.</summary>
    public IReadOnlyList<PeerMessage> Received => received;

    /// <summary>Every octet received so far, keep-alives among them.</summary>
    public IReadOnlyList<byte> RawReceived => raw;

    /// <summary>Called for every whole message that arrives, so that a test can answer on its own.</summary>
    public Action<PeerMessage>? OnReceived { get; set; }

    /// <summary>Whether the peer reads; while it does not, the server's send queue fills up.</summary>
    public bool IsReading
    {
        get => reading;
        set
        {
            reading = value;
            if (value)
            {
                Server?.RoomAgain();
            }
        }
    }

    internal MemoryConnection? Server { get; private set; }

    /// <summary>Sends a text; its line ends become CRLF.</summary>
    /// <param name="text">The text.</param>
    public void Send(string text) => Send(MemoryPeer.ToWire(text));

    /// <summary>Sends octets as they are.</summary>
    /// <param name="octets">The octets.</param>
    public void Send(ReadOnlySpan<byte> octets)
    {
        while (!octets.IsEmpty)
        {
            byte[] piece = octets[..network.NextPiece(octets.Length)].ToArray();
            octets = octets[piece.Length..];
            network.Schedule(NextArrival(), () => WithServer(server => server.Arrived(piece)));
        }
    }

    /// <summary>Closes the connection; the server learns of it when everything sent before has arrived.</summary>
    public void Close()
    {
        IsClosed = true;
        network.Schedule(NextArrival(), () => WithServer(server => server.PeerEnded()));
    }

    /// <summary>Takes the oldest whole message that was not taken yet; null if there is none.</summary>
    public PeerMessage? Take() => inbox.TryDequeue(out PeerMessage? message) ? message : null;

    internal void Forget()
    {
        received.Clear();
        received.TrimExcess();
        inbox.Clear();
        inbox.TrimExcess();
        raw.Clear();
        raw.TrimExcess();
        unread.TrimExcess();
    }

    internal void Ended() => IsClosed = true;

    internal void Attach(MemoryConnection server)
    {
        Server = server;
        early.ForEach(what => what(server));
        early.Clear();
    }

    internal void Arrived(ReadOnlySpan<byte> octets)
    {
        raw.AddRange(octets);
        unread.AddRange(octets);
        byte[] rest = unread.ToArray();
        int used = 0;
        while (used < rest.Length)
        {
            SipFrame frame = framer.Next(rest.AsSpan(used), SipLimits.Default);
            if (frame.Kind is not (SipFrameKind.Message or SipFrameKind.KeepAlive))
            {
                break;
            }

            if (frame.Kind == SipFrameKind.Message)
            {
                Deliver(rest.AsSpan(used, frame.Length).ToArray());
            }

            used += frame.Length;
        }

        unread.RemoveRange(0, used);
    }

    // A stream keeps its order whatever the jitter.
    internal TimeSpan NextArrival()
    {
        TimeSpan at = network.Time.Elapsed + network.NextDelay();
        lastArrival = at > lastArrival ? at : lastArrival;
        return lastArrival;
    }

    // What the peer sends may arrive before the server has accepted.
    private void WithServer(Action<MemoryConnection> what)
    {
        if (Server is null)
        {
            early.Add(what);
        }
        else
        {
            what(Server);
        }
    }

    private void Deliver(byte[] octets)
    {
        PeerMessage message = new(network.Time.Elapsed, Remote, octets);
        received.Add(message);
        inbox.Enqueue(message);
        OnReceived?.Invoke(message);
    }
}

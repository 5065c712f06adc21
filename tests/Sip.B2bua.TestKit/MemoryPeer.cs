using System.Text;
using Sip.Transports;

namespace Sip.B2bua.TestKit;

/// <summary>One address on a <see cref="MemoryNetwork"/> that a test speaks for. It sends raw text and keeps what it receives.</summary>
public sealed class MemoryPeer
{
    private readonly MemoryNetwork network;
    private readonly Queue<PeerMessage> inbox = new();
    private readonly List<PeerMessage> received = [];
    private readonly List<MemoryPeerConnection> connections = [];

    internal MemoryPeer(MemoryNetwork network, SipAddress address)
    {
        this.network = network;
        Address = address;
    }

    /// <summary>The peer's address.</summary>
    public SipAddress Address { get; }

    /// <summary>Whether datagrams to it come back as ICMP port unreachable, and connections to it are refused.</summary>
    public bool IsUnreachable { get; set; }

    /// <summary>Whether the server may open connections to it.</summary>
    public bool AcceptsConnections { get; set; } = true;

    /// <summary>Everything received so far by datagram, in the order of arrival.</summary>
    public IReadOnlyList<PeerMessage> Received => received;

    /// <summary>The peer's connections, whoever opened them, in the order in which they were opened.</summary>
    public IReadOnlyList<MemoryPeerConnection> Connections => connections;

    /// <summary>Whether what arrives is kept for <see cref="Received"/> and <see cref="Take"/>.</summary>
    public bool KeepsReceived { get; set; } = true;

    /// <summary>Called for every datagram that arrives, so that a test can answer on its own.</summary>
    public Action<PeerMessage>? OnReceived { get; set; }

    /// <summary>Sends a text as one datagram; its line ends become CRLF.</summary>
    /// <param name="text">The text.</param>
    /// <param name="to">Where to.</param>
    public void Send(string text, SipAddress to) => Send(ToWire(text), to);

    /// <summary>Sends one datagram as it is.</summary>
    /// <param name="octets">The octets.</param>
    /// <param name="to">Where to.</param>
    public void Send(ReadOnlySpan<byte> octets, SipAddress to) => network.CarryDatagram(Address, to, octets.ToArray(), static () => { });

    /// <summary>Takes the oldest datagram that was not taken yet; null if there is none.</summary>
    public PeerMessage? Take() => inbox.TryDequeue(out PeerMessage? message) ? message : null;

    /// <summary>Opens a connection to a listening point of the server.</summary>
    /// <param name="to">Where to.</param>
    /// <param name="localPort">The port to open it from; 0 takes one that is free.</param>
    public MemoryPeerConnection Connect(SipAddress to, int localPort = 0)
    {
        SipAddress local = Address.WithPort(localPort == 0 ? 40000 + connections.Count : localPort);
        MemoryPeerConnection connection = new(network, local, to);
        connections.Add(connection);
        network.Schedule(connection.NextArrival(), () =>
        {
            if (network.FindTransport<MemoryStreamTransport>(to, local) is { } transport)
            {
                transport.Arrived(connection);
            }
            else
            {
                connection.Ended();
            }
        });
        return connection;
    }

    internal static byte[] ToWire(string text) =>
        Encoding.UTF8.GetBytes(text.Replace("\r\n", "\n", StringComparison.Ordinal).Replace("\n", "\r\n", StringComparison.Ordinal));

    internal void Arrived(in SipAddress from, byte[] octets)
    {
        PeerMessage message = new(network.Time.Elapsed, from, octets);
        if (KeepsReceived)
        {
            received.Add(message);
            inbox.Enqueue(message);
        }

        OnReceived?.Invoke(message);
    }

    internal void Forget()
    {
        received.Clear();
        received.TrimExcess();
        inbox.Clear();
        inbox.TrimExcess();
        connections.RemoveAll(connection => connection.IsClosed);
        connections.ForEach(connection => connection.Forget());
    }

    internal void Adopt(MemoryPeerConnection connection) => connections.Add(connection);
}

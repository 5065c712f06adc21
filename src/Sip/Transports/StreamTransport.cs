using Sip.Messages;

namespace Sip.Transports;

/// <summary>
/// What all transports of connections share: the connections of one listening point on one loop, their reuse and their limits.
/// A further one (TLS, WebSocket) derives from it, and its connections from <see cref="StreamConnection"/>.
/// </summary>
public abstract class StreamTransport : SipTransport
{
    private readonly HashSet<StreamConnection> connections = [];

    /// <summary>Makes a transport that is not open yet.</summary>
    /// <param name="point">What it listens on.</param>
    /// <param name="set">The transports of its loop.</param>
    protected StreamTransport(ListeningPoint point, TransportSet set)
        : base(point, set)
    {
        ArgumentNullException.ThrowIfNull(set);
        Table = set.ConnectionsOf(point);
        Limits = SipLimits.Default with { MaxMessageBytes = set.Options.MaxMessageBytes };
    }

    /// <inheritdoc/>
    public override bool IsReliable => true;

    /// <summary>How many connections the listening point has, over all loops.</summary>
    public int ConnectionCount => Table.Count;

    /// <summary>The sizes that a stream's messages may have.</summary>
    internal SipLimits Limits { get; }

    internal ConnectionTable Table { get; }

    /// <summary>Whether connections can be opened from here; false for a transport that only accepts (WebSocket), or is closed.</summary>
    protected virtual bool CanConnect => true;

    /// <inheritdoc/>
    public override void Send(in Flow flow, SipBuffer message) => flow.Connection?.Send(message);

    /// <inheritdoc/>
    public override bool TryGetFlow(in SipAddress remote, out Flow flow) => TryGetFlow(remote, default, out flow);

    /// <inheritdoc/>
    public override bool TryGetFlow(in SipAddress remote, ReadOnlySpan<byte> domain, out Flow flow)
    {
        // RFC 3261 18.1.1 and 18: a connection to that address is used again, whoever opened it.
        string peerName = NameToProve(remote, domain);
        StreamConnection? connection = Table.Find(remote, peerName);
        if (connection is null && CanConnect && remote.Port != 0)
        {
            connection = Connect(remote, peerName);
            if (connection is not null && !Adopt(connection))
            {
                // Another loop was quicker, or the limit is reached.
                connection.Close(CloseReason.Shutdown);
                connection = Table.Find(remote, peerName);
            }
        }

        flow = connection?.Flow ?? default;
        return connection is not null;
    }

    /// <inheritdoc/>
    public override void Close()
    {
        foreach (StreamConnection connection in connections.ToArray())
        {
            connection.Close(CloseReason.Shutdown);
        }
    }

    /// <summary>Whether the limits allow one more connection from that address.</summary>
    /// <param name="remote">The peer's address.</param>
    protected bool MayAccept(in SipAddress remote) => Table.MayAccept(remote);

    /// <summary>Takes a new connection, accepted or opened, under the limits; false if it must be closed instead.</summary>
    /// <param name="connection">The connection.</param>
    protected bool Adopt(StreamConnection connection)
    {
        ArgumentNullException.ThrowIfNull(connection);
        if (!Table.TryAdd(connection))
        {
            SipMeter.ConnectionsRefused.Add(1);
            return false;
        }

        connections.Add(connection);
        connection.Adopted();
        SipMeter.Connections.Add(1);
        return true;
    }

    /// <summary>Begins to open a connection; null if that fails at once.</summary>
    /// <param name="remote">The peer's address.</param>
    /// <param name="peerName">What <see cref="NameToProve"/> has said.</param>
    protected abstract StreamConnection? Connect(in SipAddress remote, string peerName);

    /// <summary>The name that a peer must prove, which a connection is then bound to; empty where the transport asks for no proof.</summary>
    /// <param name="remote">The peer's address.</param>
    /// <param name="domain">The host of the URI that was resolved to it, if any.</param>
    protected virtual string NameToProve(in SipAddress remote, ReadOnlySpan<byte> domain) => string.Empty;

    internal void Forget(StreamConnection connection)
    {
        if (connections.Remove(connection))
        {
            Table.Remove(connection);
            SipMeter.Connections.Add(-1);
        }
    }
}

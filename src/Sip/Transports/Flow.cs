namespace Sip.Transports;

/// <summary>
/// Where a message came from and how to go back (RFC 5626 2.1): for a reliable transport the connection, for UDP the pair of
/// addresses. A value that may be kept and handed to another loop: <see cref="TransportSet.Send"/> finds the right way from there.
/// </summary>
public readonly struct Flow : IEquatable<Flow>
{
    /// <summary>Makes a flow.</summary>
    /// <param name="transport">The transport by which it leaves.</param>
    /// <param name="local">Our address that the peer used, or none if not known.</param>
    /// <param name="remote">The peer's address.</param>
    /// <param name="connection">The connection, for a transport that has one.</param>
    public Flow(SipTransport transport, in SipAddress local, in SipAddress remote, StreamConnection? connection = null)
    {
        Transport = transport;
        Local = local;
        Remote = remote;
        Connection = connection;
    }

    /// <summary>The transport, on some loop; null only in the default value.</summary>
    public SipTransport Transport { get; }

    /// <summary>Our address that the peer used, so that answers leave from it; none if not known.</summary>
    public SipAddress Local { get; }

    /// <summary>The peer's address.</summary>
    public SipAddress Remote { get; }

    /// <summary>The connection, for a transport that has one.</summary>
    public StreamConnection? Connection { get; }

    /// <summary>Whether this is the default value, which leads nowhere.</summary>
    public bool IsNone => Transport is null;

    /// <summary>Whether the transport retransmits by itself (TCP, TLS, WebSocket).</summary>
    public bool IsReliable => Transport is { IsReliable: true };

    /// <summary>Whether the way is encrypted up to the peer.</summary>
    public bool IsSecure => Transport is { IsSecure: true };

    /// <summary>Whether something sent now has a chance: false once the connection is closed.</summary>
    public bool IsAlive => Transport is not null && (Connection is null || Connection.IsAlive);

    /// <summary>Whether an answer may still go back by it: also for a moment after the framing of its connection broke.</summary>
    internal bool TakesAnswers => Transport is not null && (Connection is null || Connection.TakesAnswers);

    /// <summary>Compares transport's point, addresses and connection.</summary>
    public static bool operator ==(in Flow left, in Flow right) => left.Equals(right);

    /// <summary>Compares transport's point, addresses and connection.</summary>
    public static bool operator !=(in Flow left, in Flow right) => !left.Equals(right);

    /// <summary>
    /// Whether both lead to the same peer by the same way, whatever local address is known of either. A flow that failed
    /// (<see cref="IMessageSink.OnFlowFailed"/>) concerns exactly those for which this is true.
    /// </summary>
    /// <param name="other">The other flow.</param>
    public bool IsSameWay(in Flow other) =>
        ReferenceEquals(Connection, other.Connection) && Remote == other.Remote && Transport?.Point.Index == other.Transport?.Point.Index;

    /// <inheritdoc/>
    public bool Equals(Flow other) => IsSameWay(other) && Local == other.Local;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is Flow other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => Remote.GetHashCode();

    /// <inheritdoc/>
    public override string ToString() => IsNone ? "none" : $"{Transport.Point.Token} {Remote}";
}

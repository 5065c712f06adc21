using System.Collections.Concurrent;
using System.Text;
using Sip.Messages;

namespace Sip.Transports;

/// <summary>
/// All transports of one loop, and the one door through which the stack sends. Used on its loop, except where a member says otherwise.
/// The sets of a server's loops know each other (<see cref="Link"/>), so that a flow may be used from any of them.
/// </summary>
public sealed class TransportSet
{
    private const int MaxSpareSends = 1024;

    private readonly List<SipTransport> transports = [];
    private readonly SentByCache sentBy = new();

    // Shared by the sets of all loops: which connections a listening point has.
    private ConcurrentDictionary<int, ConnectionTable> connectionTables = new();
    private readonly ConcurrentQueue<ConnectionSend> spareSends = new();
    private TransportSet[] all;
    private DatagramKeepAlives? keepAlives;

    /// <summary>Makes a set without transports.</summary>
    /// <param name="loop">The loop.</param>
    /// <param name="sink">Who is given what is received.</param>
    /// <param name="options">Limits and times; null for the defaults.</param>
    public TransportSet(EventLoop loop, IMessageSink sink, TransportOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(loop);
        ArgumentNullException.ThrowIfNull(sink);
        Loop = loop;
        Sink = sink;
        Options = options ?? new TransportOptions();
        all = [this];
    }

    /// <summary>The loop.</summary>
    public EventLoop Loop { get; }

    /// <summary>Who is given what is received.</summary>
    public IMessageSink Sink { get; }

    /// <summary>Limits and times.</summary>
    public TransportOptions Options { get; }

    /// <summary>The transports, in the order in which they were added.</summary>
    public IReadOnlyList<SipTransport> Transports => transports;

    /// <summary>The sets of all loops, this one among them.</summary>
    public ReadOnlySpan<TransportSet> All => all;

    /// <summary>Makes the sets of a server's loops known to each other. Called once, before the loops start.</summary>
    /// <param name="sets">All sets, in the order of their loops' numbers.</param>
    public static void Link(ReadOnlySpan<TransportSet> sets)
    {
        TransportSet[] all = sets.ToArray();
        foreach (TransportSet set in all)
        {
            set.all = all;
            set.connectionTables = all[0].connectionTables;
        }
    }

    /// <summary>
    /// Opens a UDP, TCP or TLS listening point on every loop. To be called before the loops start. Returns the point with its port,
    /// which the system chooses where the given one is 0.
    /// </summary>
    /// <param name="sets">The linked sets of all loops.</param>
    /// <param name="point">What to listen on.</param>
    /// <exception cref="System.Net.Sockets.SocketException">The address is in use or not ours.</exception>
    /// <exception cref="TlsCredentialsException">A certificate cannot be used; the message says which and why.</exception>
    public static ListeningPoint Open(ReadOnlySpan<TransportSet> sets, ListeningPoint point)
    {
        ArgumentNullException.ThrowIfNull(point);
        TlsCredentials? credentials = point.Token == "TLS"
            ? TlsCredentials.Open(point.Tls ?? new TlsSettings(), sets[0].Loop.Time, sets[0].Loop.Logger)
            : null;
        if (point.Tls is not { IsClientOnly: true })
        {
            point = point with { Bind = PortProbe.Reserve(point) };
        }

        foreach (TransportSet set in sets)
        {
            SipTransport transport = point.Token switch
            {
                "UDP" => new UdpTransport(point, set),
                "TCP" => new TcpTransport(point, set),
                "TLS" => new TlsTransport(point, set, credentials!),
                _ => throw new ArgumentException($"No transport is called {point.Token} here.", nameof(point)),
            };
            set.Add(transport);
            transport.Open();
        }

        SipLog.Listening(sets[0].Loop.Logger, point.Token, point.Address);
        return point;
    }

    /// <summary>Adds a transport; the caller opens it.</summary>
    /// <param name="transport">The transport.</param>
    public void Add(SipTransport transport) => transports.Add(transport);

    /// <summary>Closes every transport.</summary>
    public void Close()
    {
        foreach (SipTransport transport in transports)
        {
            transport.Close();
        }
    }

    /// <summary>Sends a message by a flow of any loop. Takes its own count of the buffer; a failure is reported later to the sink.</summary>
    /// <param name="flow">The way.</param>
    /// <param name="message">The message.</param>
    public void Send(in Flow flow, SipBuffer message)
    {
        ArgumentNullException.ThrowIfNull(message);
        if (flow.Connection is { } connection)
        {
            if (connection.Loop == Loop)
            {
                connection.Send(message);
            }
            else
            {
                connection.SendFromOtherLoop(message, this);
            }
        }
        else if (FindSame(flow.Transport) is { } transport)
        {
            transport.Send(flow, message);
        }
        else
        {
            SipMeter.SendDrops.Add(1);
            ReportFailure(flow);
        }
    }

    /// <summary>A flow to that address by a transport of that name.</summary>
    /// <param name="token">The transport as a Via or a URI writes it, in any case.</param>
    /// <param name="remote">The peer's address.</param>
    /// <param name="flow">The flow; of a stream it may still be connecting, what is sent waits.</param>
    public bool TryGetFlow(ReadOnlySpan<byte> token, in SipAddress remote, out Flow flow) => TryGetFlow(token, remote, default, out flow);

    /// <summary>As the other, to a peer that must prove a name where the transport is TLS.</summary>
    /// <param name="token">The transport as a Via or a URI writes it, in any case.</param>
    /// <param name="remote">The peer's address.</param>
    /// <param name="domain">The host of the URI that was resolved to the address (RFC 5922 7.3); empty: the address itself.</param>
    /// <param name="flow">The flow.</param>
    public bool TryGetFlow(ReadOnlySpan<byte> token, in SipAddress remote, ReadOnlySpan<byte> domain, out Flow flow)
    {
        // The transports of the narrowest network first, then the others, each in the order of the configuration.
        int narrowest = NarrowestMatch(token, remote);
        flow = default;
        return narrowest >= 0
            && (TryGetFlow(token, remote, domain, narrowest, narrowest, out flow) || TryGetFlow(token, remote, domain, 0, narrowest - 1, out flow));
    }

    /// <summary>Our address as the flow's peer sees it (<see cref="ListeningPoint.AdvertisedAddress"/>); none if none can be found.</summary>
    /// <param name="flow">The way.</param>
    public SipAddress AddressFor(in Flow flow) => sentBy.AddressFor(flow);

    /// <summary>The flow of a connection to that address that is open already.</summary>
    /// <param name="token">The transport as a Via or a URI writes it, in any case.</param>
    /// <param name="remote">The peer's address.</param>
    /// <param name="flow">The flow.</param>
    public bool TryGetOpenFlow(ReadOnlySpan<byte> token, in SipAddress remote, out Flow flow)
    {
        foreach (SipTransport transport in transports)
        {
            if (transport is StreamTransport stream && IsCandidate(transport, token, remote) && stream.Table.Find(remote, "") is { IsOpen: true } connection)
            {
                flow = connection.Flow;
                return true;
            }
        }

        flow = default;
        return false;
    }

    /// <summary>
    /// Writes our host and port for Via and Contact as the flow's peer sees us: the advertised host, or the address the peer used, or
    /// the address that the system would use towards it. Returns the length; 0 if none can be found.
    /// </summary>
    /// <param name="flow">The way.</param>
    /// <param name="to">At least 300 octets.</param>
    public int WriteSentBy(in Flow flow, Span<byte> to) => sentBy.Write(flow, to);

    /// <summary>Tells the sinks of all loops that a flow has failed; posted, so nothing happens within the caller's work.</summary>
    /// <param name="flow">The flow.</param>
    public void ReportFailure(in Flow flow)
    {
        foreach (TransportSet set in all)
        {
            set.Loop.Post(new FlowFailedWork(set, flow));
        }
    }

    /// <summary>
    /// Sends a peer behind a NAT a double CRLF at regular intervals, so that the NAT goes on letting our datagrams through (RFC 5626
    /// 3.5.1, seen from the other end). Called again for the same peer, it changes how long. A flow that is a connection is not concerned.
    /// May be called on any of the server's loops.
    /// </summary>
    /// <param name="flow">The way to the peer.</param>
    /// <param name="interval">The time between two.</param>
    /// <param name="duration">For how long; zero: no longer.</param>
    public void KeepOpen(in Flow flow, TimeSpan interval, TimeSpan duration)
    {
        if (!flow.IsNone && !flow.IsReliable && interval > TimeSpan.Zero)
        {
            TransportSet here = EventLoop.Current is { } loop && loop != Loop ? all[loop.Number] : this;
            here.keepAlives ??= new DatagramKeepAlives(here);
            here.keepAlives.Keep(flow, (int)interval.TotalMilliseconds, (long)duration.TotalMilliseconds);
        }
    }

    /// <summary>Gives the sink one message and releases it. A transport calls this for each; a fault of the sink ends with the message.</summary>
    /// <param name="flow">How it came.</param>
    /// <param name="message">Its octets; the caller's count passes over.</param>
    /// <param name="stream">Whether it was framed out of a stream.</param>
    public void Deliver(in Flow flow, SipBuffer message, bool stream)
    {
        ArgumentNullException.ThrowIfNull(message);
        SipMeter.Received.Add(1);
        long began = Loop.BeginWork();
        try
        {
            Sink.OnMessage(this, flow, message, stream);
        }
        catch (Exception e)
        {
            // The border of the loop: a message's fault is that message's alone.
            Loop.ReportFault($"message from {flow}", e);
        }

        message.Release();
        if (Loop.EndWork(began))
        {
            Loop.ReportSlow($"message from {flow}", began);
        }
    }

    internal ConnectionTable ConnectionsOf(ListeningPoint point) =>
        connectionTables.GetOrAdd(point.Index, static (_, options) => new ConnectionTable(options), Options);

    internal ConnectionSend RentSend() => spareSends.TryDequeue(out ConnectionSend? work) ? work : new ConnectionSend();

    internal void ReturnSend(ConnectionSend work)
    {
        if (spareSends.Count < MaxSpareSends)
        {
            spareSends.Enqueue(work);
        }
    }

    internal void DeliverFramingError(in Flow flow, SipBuffer partial, FramingError error)
    {
        try
        {
            Sink.OnFramingError(flow, partial, error);
        }
        catch (Exception e)
        {
            // The border of the loop, as in Deliver.
            Loop.ReportFault($"broken stream from {flow}", e);
        }
    }

    private int NarrowestMatch(ReadOnlySpan<byte> token, in SipAddress remote)
    {
        int narrowest = -1;
        foreach (SipTransport transport in transports)
        {
            if (IsCandidate(transport, token, remote))
            {
                narrowest = Math.Max(narrowest, transport.NetworkMatch(remote));
            }
        }

        return narrowest;
    }

    private bool TryGetFlow(ReadOnlySpan<byte> token, in SipAddress remote, ReadOnlySpan<byte> domain, int least, int most, out Flow flow)
    {
        foreach (SipTransport transport in transports)
        {
            if (IsCandidate(transport, token, remote)
                && transport.NetworkMatch(remote) is var match && match >= least && match <= most
                && transport.TryGetFlow(remote, domain, out flow))
            {
                return true;
            }
        }

        flow = default;
        return false;
    }

    private static bool IsCandidate(SipTransport transport, ReadOnlySpan<byte> token, in SipAddress remote) =>
        Ascii.EqualsIgnoreCase(transport.ViaToken, token) && transport.CanReach(remote);

    // A datagram flow may be used on any loop: each has a socket of the same point.
    private SipTransport? FindSame(SipTransport? wanted)
    {
        if (wanted is null || wanted.Set == this)
        {
            return wanted;
        }

        foreach (SipTransport transport in transports)
        {
            if (transport.Point.Index == wanted.Point.Index)
            {
                return transport;
            }
        }

        return null;
    }

    private sealed class FlowFailedWork(TransportSet set, Flow flow) : LoopWork
    {
        protected internal override void Run(EventLoop loop) => set.Sink.OnFlowFailed(flow);
    }
}

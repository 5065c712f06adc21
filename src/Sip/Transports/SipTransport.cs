using Sip.Messages;

namespace Sip.Transports;

/// <summary>
/// One listening point on one loop: receives for the loop's sink and sends for the stack, which knows no more of a transport than
/// this class. Everything is called on the transport's loop.
/// </summary>
public abstract class SipTransport
{
    private readonly (uint Network, int Length)[] networks;

    /// <summary>Makes a transport that is not open yet.</summary>
    /// <param name="point">What it listens on.</param>
    /// <param name="set">The transports of its loop, of which it will be one.</param>
    protected SipTransport(ListeningPoint point, TransportSet set)
    {
        ArgumentNullException.ThrowIfNull(point);
        ArgumentNullException.ThrowIfNull(set);
        Point = point;
        Set = set;
        networks = [.. point.Networks.Select(network => (SipAddress.From(network.BaseAddress, 0).IPv4, network.PrefixLength))];
    }

    /// <summary>What the transport listens on.</summary>
    public ListeningPoint Point { get; }

    /// <summary>The transports of the same loop.</summary>
    public TransportSet Set { get; }

    /// <summary>The loop.</summary>
    public EventLoop Loop => Set.Loop;

    /// <summary>The transport in a Via: "UDP".</summary>
    public abstract ReadOnlySpan<byte> ViaToken { get; }

    /// <summary>The transport in a URI parameter: "udp".</summary>
    public abstract ReadOnlySpan<byte> UriToken { get; }

    /// <summary>Whether it retransmits by itself, so that transactions do not.</summary>
    public abstract bool IsReliable { get; }

    /// <summary>Whether it encrypts.</summary>
    public virtual bool IsSecure => false;

    /// <summary>Whether it can reach addresses of this family.</summary>
    /// <param name="remote">The peer's address.</param>
    public virtual bool CanReach(in SipAddress remote) => remote.IsIPv4 == Point.Address.IsIPv4;

    /// <summary>
    /// How many leading bits the narrowest of the point's networks shares with a destination; 0 where the point sends to every network,
    /// -1 where it does not send there.
    /// </summary>
    /// <param name="remote">The peer's address.</param>
    public int NetworkMatch(in SipAddress remote)
    {
        if (Point.Networks.Count == 0)
        {
            return 0;
        }

        int longest = -1;
        foreach ((uint network, int length) in networks)
        {
            bool isInside = remote.IsIPv4 && ((remote.IPv4 ^ network) & MaskOf(length)) == 0;
            longest = isInside && length > longest ? length : longest;
        }

        return longest;
    }

    /// <summary>Begins to receive.</summary>
    public abstract void Open();

    /// <summary>Ends receiving and closes every connection; nothing is reported any more.</summary>
    public abstract void Close();

    /// <summary>
    /// Sends a message, or queues it. It takes its own count of the buffer. A failure is reported later through
    /// <see cref="TransportSet.ReportFailure"/>, never from within this call. Use <see cref="TransportSet.Send"/>, which finds the loop.
    /// </summary>
    /// <param name="flow">The way.</param>
    /// <param name="message">The message.</param>
    public abstract void Send(in Flow flow, SipBuffer message);

    /// <summary>A flow to that address: for UDP always, for a stream the existing connection, or one that is being opened.</summary>
    /// <param name="remote">The peer's address.</param>
    /// <param name="flow">The flow.</param>
    public abstract bool TryGetFlow(in SipAddress remote, out Flow flow);

    /// <summary>As <see cref="TryGetFlow(in SipAddress, out Flow)"/>, to a peer that must prove a name where the transport can ask for proof.</summary>
    /// <param name="remote">The peer's address.</param>
    /// <param name="domain">The host of the URI that was resolved to the address (RFC 5922 7.3); empty: the address itself.</param>
    /// <param name="flow">The flow.</param>
    public virtual bool TryGetFlow(in SipAddress remote, ReadOnlySpan<byte> domain, out Flow flow) => TryGetFlow(remote, out flow);

    private static uint MaskOf(int length) => length == 0 ? 0 : uint.MaxValue << (32 - length);
}

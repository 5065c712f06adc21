namespace Sip.Transports;

/// <summary>
/// The ways to one target in the order in which they are to be tried, for one request. Each attempt is a transaction of its own
/// (RFC 3263 4.3):
/// <code>
///   while (path.MoveNext())
///       send by path.Flow; answered: done; failed by transport, time-out or 503: path.Failed()
/// </code>
/// </summary>
public sealed class TargetPath
{
    private readonly TargetResolver? resolver;
    private readonly List<TargetWay> ways;
    private TargetWay current;
    private TargetWay triedAsStream;
    private Flow flow;
    private int next;

    internal TargetPath(TargetResolver resolver, string domain, List<TargetWay> ways, TargetProblem problem)
    {
        this.resolver = resolver;
        Domain = domain;
        this.ways = ways;
        Problem = problem;
    }

    private TargetPath(in Flow flow)
    {
        ways = [];
        this.flow = flow;
        next = -1;
    }

    /// <summary>The domain that was looked up: the name that a TLS peer's certificate must be for (RFC 5922 4).</summary>
    public string Domain { get; } = "";

    /// <summary>Why there is no way at all.</summary>
    public TargetProblem Problem { get; private set; }

    /// <summary>The ways that were found.</summary>
    public IReadOnlyList<TargetWay> Ways => ways;

    /// <summary>The flow of the current way.</summary>
    public ref readonly Flow Flow => ref flow;

    /// <summary>The path that is a single flow, such as that of a registered phone.</summary>
    /// <param name="flow">The flow.</param>
    public static TargetPath Along(in Flow flow) => new(flow);

    /// <summary>Whether there is a way beyond the current one.</summary>
    public bool HasMore => next >= 0 && next < ways.Count;

    /// <summary>Goes to the next way that has a flow; false if there is none left.</summary>
    public bool MoveNext()
    {
        if (next < 0)
        {
            next = 0;
            return flow.IsAlive;
        }

        while (next < ways.Count)
        {
            current = ways[next++];
            if (resolver!.TryGetFlow(current, Domain, out flow))
            {
                return true;
            }

            resolver.Avoided.Add(current);
        }

        flow = default;
        return false;
    }

    /// <summary>Leaves out the ways that lead back to this server: whatever names it, a request of ours is not sent to us (RFC 3261 16.3).</summary>
    /// <param name="isUs">Whether an address is one that this server listens on.</param>
    public void LeaveOutOurselves(Predicate<SipAddress> isUs)
    {
        ArgumentNullException.ThrowIfNull(isUs);
        for (int i = ways.Count - 1; i >= 0; i--)
        {
            if (isUs(ways[i].Address))
            {
                ways.RemoveAt(i);
                Problem = ways.Count == 0 ? TargetProblem.Loop : TargetProblem.None;
            }
        }
    }

    /// <summary>Notes that the current way has failed: for a while, every request tries it last.</summary>
    public void Failed()
    {
        if (resolver is not null && !flow.IsNone)
        {
            resolver.Avoided.Add(current);
        }
    }

    /// <summary>
    /// RFC 3261 18.1.1: takes TCP to the same host in place of UDP for a request that is too long for a datagram. True if the flow
    /// is another one now, so that the request must be written anew. If TCP then fails, the next way is UDP after all.
    /// </summary>
    /// <param name="length">The octets of the request.</param>
    public bool TryUseStream(int length) => resolver is not null && TryUseStream(length, resolver.UdpMtu);

    /// <summary>As <see cref="TryUseStream(int)"/>, for a peer with a limit of its own.</summary>
    /// <param name="length">The octets of the request.</param>
    /// <param name="mtu">The most octets that are sent by UDP.</param>
    public bool TryUseStream(int length, int mtu)
    {
        if (resolver is null || current == triedAsStream || flow.IsReliable || length <= mtu)
        {
            return false;
        }

        triedAsStream = current;
        TargetWay stream = StreamBeside(current);
        if (resolver.Avoided.Contains(stream) || !resolver.TryGetFlow(stream, Domain, out Flow found))
        {
            return false;
        }

        ways.Remove(stream);
        next--; // the datagram's way comes again if this one fails
        current = stream;
        flow = found;
        return true;
    }

    /// <inheritdoc/>
    public override string ToString() => flow.IsNone ? $"none of {ways.Count}" : resolver is null ? flow.ToString() : $"{current} of {ways.Count}";

    // The port that the domain has given for TCP on that host, else the same port.
    private TargetWay StreamBeside(in TargetWay way)
    {
        foreach (TargetWay other in ways)
        {
            if (other.Token == SipService.Tcp.Token && other.Address.WithPort(0) == way.Address.WithPort(0))
            {
                return other;
            }
        }

        return new TargetWay(SipService.Tcp.Token, way.Address);
    }
}

using Sip.Transports;

namespace Sip.B2bua.TestKit;

/// <summary>
/// A network without sockets between a server's transports and test peers, in virtual time and on the caller's thread. What goes
/// wrong on it is decided by a seed, so that a run can be repeated exactly.
/// <code>
///   VirtualTime time = new();
///   MemoryNetwork network = new(time, seed: 1);
///   EventLoop loop = network.CreateLoop();
///   TransportSet set = new(loop, sink);
///   ListeningPoint udp = network.Listen([set], new ListeningPoint { Token = "UDP", Bind = IPEndPoint.Parse("192.0.2.1:5060") });
///   MemoryPeer alice = network.AddPeer("198.51.100.7:5060");
///   alice.Send("OPTIONS sip:...", udp.Address);
///   network.Advance(TimeSpan.FromMilliseconds(500));
/// </code>
/// </summary>
public sealed class MemoryNetwork
{
    // More turns than this without the clock moving means that two parts keep each other busy for ever.
    private const int MaxTurns = 1_000_000;

    private readonly Random random;
    private readonly PriorityQueue<Action, (TimeSpan At, long Sequence)> events = new();
    private readonly List<EventLoop> loops = [];
    private readonly Dictionary<SipAddress, MemoryPeer> peers = [];
    private readonly List<SipTransport> transports = [];
    private long sequence;

    /// <summary>Makes a network that carries everything at once.</summary>
    /// <param name="time">The clock, which the network moves.</param>
    /// <param name="seed">Decides what is lost, late or doubled.</param>
    public MemoryNetwork(VirtualTime time, int seed = 1)
    {
        Time = time;
        Seed = seed;
        random = new Random(seed);
    }

    /// <summary>What decides about chance.</summary>
    public int Seed { get; }

    /// <summary>The clock.</summary>
    public VirtualTime Time { get; }

    /// <summary>The names of this world, for whoever makes the server: <see cref="SipStackOptions.CreateDns"/>.</summary>
    public MemoryDns Dns { get; } = new();

    /// <summary>How the network treats what is sent from now on.</summary>
    public NetworkConditions Conditions { get; set; } = new();

    /// <summary>How many datagrams were sent, lost ones among them.</summary>
    public int DatagramsSent { get; private set; }

    /// <summary>How many datagrams were lost.</summary>
    public int DatagramsLost { get; private set; }

    /// <summary>The loops whose turns the network runs.</summary>
    public IReadOnlyList<EventLoop> Loops => loops;

    /// <summary>Makes a loop under this network's clock, whose turns the network runs.</summary>
    /// <param name="options">More about the loop; its clock, its lots and its poller are replaced.</param>
    public EventLoop CreateLoop(EventLoopOptions? options = null)
    {
        EventLoop loop = new(loops.Count, (options ?? new EventLoopOptions()) with { Time = Time, Random = new Random(Seed + loops.Count), Poller = EventLoopOptions.WithoutSockets() });
        loops.Add(loop);
        return loop;
    }

    /// <summary>Has the network run the turns of a loop made elsewhere under its clock and <see cref="EventLoopOptions.WithoutSockets"/>.</summary>
    /// <param name="loop">The loop.</param>
    public void AddLoop(EventLoop loop) => loops.Add(loop);

    /// <summary>Opens a listening point of the server on every loop, in place of <see cref="TransportSet.Open"/>.</summary>
    /// <param name="sets">The linked sets of all loops.</param>
    /// <param name="point">What to listen on; "UDP" is a datagram transport, every other token a stream.</param>
    public ListeningPoint Listen(ReadOnlySpan<TransportSet> sets, ListeningPoint point)
    {
        ArgumentNullException.ThrowIfNull(point);
        foreach (TransportSet set in sets)
        {
            SipTransport transport = point.Token == "UDP"
                ? new MemoryDatagramTransport(this, point, set)
                : new MemoryStreamTransport(this, point, set);
            set.Add(transport);
            transport.Open();
        }

        return point;
    }

    /// <summary>Puts a peer on the network.</summary>
    /// <param name="address">Its address and port, such as "198.51.100.7:5060" or "[2001:db8::7]:5060".</param>
    public MemoryPeer AddPeer(string address)
    {
        MemoryPeer peer = new(this, SipAddress.From(System.Net.IPEndPoint.Parse(address)));
        peers.Add(peer.Address, peer);
        return peer;
    }

    /// <summary>
    /// Moves the clock from one event to the next (a delivery, a timer of a loop, a timer of the clock), each at its time, and runs
    /// the loops until they are quiet.
    /// </summary>
    /// <param name="by">How far.</param>
    public void Advance(TimeSpan by)
    {
        TimeSpan end = Time.Elapsed + by;
        RunUntilQuiet();
        while (NextEvent() is { } next && next <= end)
        {
            Time.MoveTo(next);
            RunUntilQuiet();
        }

        Time.MoveTo(end);
        RunUntilQuiet();
    }

    /// <summary>Moves the clock until a condition holds; false if it does not within the given time.</summary>
    /// <param name="condition">Asked after every event.</param>
    /// <param name="limit">How far at most.</param>
    public bool AdvanceUntil(Func<bool> condition, TimeSpan limit)
    {
        ArgumentNullException.ThrowIfNull(condition);
        TimeSpan end = Time.Elapsed + limit;
        RunUntilQuiet();
        while (!condition())
        {
            if (NextEvent() is not { } next || next > end)
            {
                Time.MoveTo(end);
                RunUntilQuiet();
                return condition();
            }

            Time.MoveTo(next);
            RunUntilQuiet();
        }

        return true;
    }

    /// <summary>Gives back the memory that many events at once have taken, so that memory in use is the server's.</summary>
    public void Forget()
    {
        events.TrimExcess();
        Time.Forget();
    }

    /// <summary>Delivers what is due and runs the loops until nothing more happens without the clock moving.</summary>
    public void RunUntilQuiet()
    {
        for (int turns = 0; turns < MaxTurns; turns++)
        {
            bool busy = DeliverDue();
            foreach (EventLoop loop in loops)
            {
                if (!loop.IsQuiet)
                {
                    loop.Turn(0);
                    busy = true;
                }
            }

            if (!busy)
            {
                return;
            }
        }

        throw new InvalidOperationException("The loops never become quiet.");
    }

    internal void Schedule(TimeSpan at, Action what) => events.Enqueue(what, (at, ++sequence));

    internal TimeSpan NextDelay()
    {
        NetworkConditions c = Conditions;
        return c.Delay + (c.Jitter * random.NextDouble());
    }

    internal int NextPiece(int length) => Conditions.MaxStreamPiece == 0 ? length : random.Next(1, Math.Min(length, Conditions.MaxStreamPiece) + 1);

    internal MemoryPeer? FindPeer(in SipAddress address) => peers.GetValueOrDefault(address);

    internal void Opened(SipTransport transport) => transports.Add(transport);

    internal void Closed(SipTransport transport) => transports.Remove(transport);

    /// <summary>The server's transport that listens at an address; of several loops' the one that the sender's address falls to, as with SO_REUSEPORT.</summary>
    internal T? FindTransport<T>(in SipAddress to, in SipAddress from)
        where T : SipTransport
    {
        List<T> found = [];
        foreach (SipTransport transport in transports)
        {
            SipAddress at = transport.Point.Address;
            if (transport is T one && (at == to || (at.IsAny && at.Port == to.Port && at.IsIPv4 == to.IsIPv4)))
            {
                found.Add(one);
            }
        }

        return found.Count == 0 ? null : found[(int)(StableHash(from) % (uint)found.Count)];
    }

    internal void CarryDatagram(in SipAddress from, in SipAddress to, byte[] octets, Action unreachable)
    {
        DatagramsSent++;
        NetworkConditions c = Conditions;
        if (random.NextDouble() < c.Loss)
        {
            DatagramsLost++;
            return;
        }

        int copies = random.NextDouble() < c.Duplicate ? 2 : 1;
        for (int i = 0; i < copies; i++)
        {
            TimeSpan delay = NextDelay() + (random.NextDouble() < c.Reorder ? c.ReorderDelay : TimeSpan.Zero);
            SipAddress source = from;
            SipAddress destination = to;
            Schedule(Time.Elapsed + delay, () => Arrive(source, destination, octets, unreachable));
        }
    }

    private static uint StableHash(in SipAddress address)
    {
        Span<byte> octets = stackalloc byte[16];
        int length = address.WriteAddress(octets);
        uint hash = address.Port;
        foreach (byte octet in octets[..length])
        {
            hash = (hash * 31) + octet;
        }

        return hash;
    }

    private void Arrive(in SipAddress from, in SipAddress to, byte[] octets, Action unreachable)
    {
        if (FindPeer(to) is { } peer)
        {
            if (peer.IsUnreachable)
            {
                unreachable();
            }
            else
            {
                peer.Arrived(from, octets);
            }
        }
        else
        {
            FindTransport<MemoryDatagramTransport>(to, from)?.Arrived(from, to, octets);
        }
    }

    private bool DeliverDue()
    {
        bool any = false;
        while (events.TryPeek(out Action? what, out (TimeSpan At, long) due) && due.At <= Time.Elapsed)
        {
            events.Dequeue();
            what();
            any = true;
        }

        return any;
    }

    private TimeSpan? NextEvent()
    {
        TimeSpan? next = Time.NextTimer;
        if (events.TryPeek(out _, out (TimeSpan At, long) due) && (next is null || due.At < next))
        {
            next = due.At;
        }

        foreach (EventLoop loop in loops)
        {
            if (loop.NextTimerAt != long.MaxValue)
            {
                TimeSpan at = VirtualTime.FromTimestamp(loop.NextTimerAt);
                next = next is null || at < next ? at : next;
            }
        }

        return next;
    }
}

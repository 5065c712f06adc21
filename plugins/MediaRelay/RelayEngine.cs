using System.Collections.Concurrent;
using System.Net;
using Microsoft.Extensions.Logging;

namespace Sip.B2bua.Plugins.MediaRelay;

/// <summary>
/// The relay as a whole: its ports, its threads, its calls. Knows nothing of SIP but what a <see cref="RelayParty"/> says.
/// </summary>
internal sealed class RelayEngine : IDisposable
{
    private const int BindAttempts = 100;

    private readonly ILogger logger;
    private readonly TimeProvider time;
    private readonly long startedAt;
    private readonly int maxCalls;
    private readonly bool preventLoops;
    private readonly RelayThread[] threads;
    private readonly ConcurrentBag<SdpRewriter> rewriters = [];
    private readonly ConcurrentDictionary<RelaySession, byte> sessions = new();
    private readonly ConcurrentDictionary<IPAddress, byte> ownAddresses = new();
    private readonly string mark;
    private int nextThread;
    private int sessionCount;

    public RelayEngine(MediaRelayOptions options, TimeProvider time, ILogger logger)
    {
        this.time = time;
        this.logger = logger;
        startedAt = time.GetTimestamp();
        maxCalls = options.MaxCalls;
        preventLoops = options.PreventLoops;
        mark = options.Nortpproxy;
        Dtmf = options.Dtmf;
        Ports = new PortPool(options.SdpPortRange.Min, options.SdpPortRange.Max);
        threads = new RelayThread[options.Threads > 0 ? options.Threads : Environment.ProcessorCount];
        for (int i = 0; i < threads.Length; i++)
        {
            threads[i] = new RelayThread(time, startedAt, logger, closed: Reclaim);
        }
    }

    public PortPool Ports { get; }

    /// <summary>Which keys are converted.</summary>
    public DtmfMode Dtmf { get; }

    /// <summary>Called on a relay thread: a key for this leg was heard in the RTP and is to be told in INFO.</summary>
    public Action<RelaySession, RelayLeg, DtmfTone>? ToneHeard { get; set; }

    internal TimeProvider Time => time;

    /// <summary>How many calls are relayed now.</summary>
    public int SessionCount => Volatile.Read(ref sessionCount);

    /// <summary>Milliseconds since the engine was made, by its clock.</summary>
    public long Now => (long)time.GetElapsedTime(startedAt).TotalMilliseconds;

    /// <summary>The threads, for a test that turns them by hand.</summary>
    internal ReadOnlySpan<RelayThread> Threads => threads;

    /// <summary>Starts the threads.</summary>
    public void Start()
    {
        for (int i = 0; i < threads.Length; i++)
        {
            threads[i].Start($"media-relay-{i}");
        }
    }

    /// <summary>Begins to relay a call; null when as many as allowed are relayed already.</summary>
    public RelaySession? TryOpen(RelayParty caller)
    {
        if (Interlocked.Increment(ref sessionCount) > maxCalls && maxCalls > 0)
        {
            Interlocked.Decrement(ref sessionCount);
            return null;
        }

        int thread = (int)((uint)Interlocked.Increment(ref nextThread) % (uint)threads.Length);
        RelaySession session = new(this, threads[thread], caller);
        sessions[session] = 0;
        return session;
    }

    /// <summary>Calls <paramref name="act"/> for each call without packet, offer or answer for <paramref name="milliseconds"/>.</summary>
    public void FindIdle(long milliseconds, Action<RelaySession> act)
    {
        long now = Now;
        foreach ((RelaySession session, _) in sessions)
        {
            if (session.IsRelaying && now - session.LastActivity >= milliseconds)
            {
                act(session);
            }
        }
    }

    public void Dispose()
    {
        foreach (RelayThread thread in threads)
        {
            thread.Dispose();
        }
    }

    /// <summary>Opens a pair of ports; null when none is left or the address is not ours.</summary>
    internal RelayChannel? OpenChannel(RelayThread thread, IPAddress local)
    {
        Span<int> taken = stackalloc int[BindAttempts];
        int attempts = 0;
        RelayChannel? channel = null;
        int error = 0;
        while (channel is null && attempts < BindAttempts && Ports.TryTake(out int port))
        {
            channel = TryBind(thread, local, port, out error);
            if (channel is null)
            {
                // Somebody else's port: kept aside until we are done, or random order might offer it again.
                taken[attempts++] = port;
                if (error != LinuxSockets.AddressInUse)
                {
                    break;
                }
            }
        }

        foreach (int port in taken[..attempts])
        {
            Ports.Return(port);
        }

        if (channel is null)
        {
            RelayLog.NoPort(logger, local.ToString(), error);
            return null;
        }

        ownAddresses.TryAdd(local, 0);
        thread.Add(channel);
        return channel;
    }

    /// <summary>Whether this is a port of the relay itself, by its bound or its advertised address.</summary>
    internal bool IsOwnPort(IPAddress host, int port) =>
        preventLoops && Ports.Holds(port)
        && (ownAddresses.ContainsKey(host) || (IPAddress.IsLoopback(host) && ownAddresses.ContainsKey(IPAddress.Any)));

    internal void NoteOwnAddress(IPAddress? address)
    {
        if (address is not null)
        {
            ownAddresses.TryAdd(address, 0);
        }
    }

    internal SdpRewriter RentRewriter() => rewriters.TryTake(out SdpRewriter? rewriter) ? rewriter : new SdpRewriter(mark);

    internal void Return(SdpRewriter rewriter) => rewriters.Add(rewriter);

    internal void Forget(RelaySession session)
    {
        if (sessions.TryRemove(session, out _))
        {
            Interlocked.Decrement(ref sessionCount);
        }
    }

    // The ports are free again only now that the thread has closed them.
    private void Reclaim(RelayChannel channel) => Ports.Return(channel.Port);

    private static RelayChannel? TryBind(RelayThread thread, IPAddress local, int port, out int error)
    {
        error = 0;
        int rtp = LinuxSockets.OpenBound(NativeAddress.From(local, port));
        if (rtp < 0)
        {
            error = -rtp;
            return null;
        }

        int rtcp = LinuxSockets.OpenBound(NativeAddress.From(local, port + 1));
        if (rtcp < 0)
        {
            error = -rtcp;
            LinuxSockets.Close(rtp);
            return null;
        }

        return new RelayChannel(thread, local, port, rtp, rtcp);
    }
}

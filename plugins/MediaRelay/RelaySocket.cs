using System.Net;

namespace Sip.B2bua.Plugins.MediaRelay;

/// <summary>
/// One UDP port of the relay and the one party behind it. It hears that party only, and sends to that party only: the source
/// is learned from the first packet whose host signalling allows ("latching"); the same allowed hosts may replace it after
/// <see cref="SilenceBeforeRelatch"/>. Everybody else is counted and dropped, and causes nothing to be sent.
/// Everything but <see cref="Policy"/> belongs to the relay thread; the counters may be read from anywhere.
/// </summary>
internal sealed unsafe class RelaySocket
{
    /// <summary>Milliseconds without a packet of the learned source before another allowed one may take its place.</summary>
    public const long SilenceBeforeRelatch = 5000;

    private volatile SourcePolicy policy = SourcePolicy.Closed;
    private SourcePolicy applied = SourcePolicy.Closed;
    private NativeAddress learned;
    private long packetsIn;
    private long octetsIn;
    private long packetsOut;
    private long octetsOut;
    private long refused;
    private long unsent;
    private long firstHeard = -1;
    private long lastHeard = -1;

    public RelaySocket(int fd, RelayChannel channel, bool isRtcp)
    {
        Fd = fd;
        Channel = channel;
        IsRtcp = isRtcp;
    }

    public int Fd { get; }

    public RelayChannel Channel { get; }

    public bool IsRtcp { get; }

    /// <summary>What signalling says of the party; set by the signalling side.</summary>
    public SourcePolicy Policy
    {
        get => policy;
        set => policy = value;
    }

    /// <summary>Milliseconds of the engine's clock at the last packet of the party, or -1.</summary>
    public long LastHeard => Volatile.Read(ref lastHeard);

    /// <summary>A copy of the counters, true enough for a call record while packets flow.</summary>
    public RelayCounters ReadCounters() => new(
        Volatile.Read(ref packetsIn),
        Volatile.Read(ref octetsIn),
        Volatile.Read(ref packetsOut),
        Volatile.Read(ref octetsOut),
        Volatile.Read(ref refused),
        Volatile.Read(ref unsent),
        Volatile.Read(ref firstHeard));

    /// <summary>The learned source; null before a packet came. Only for records: it may be read torn while it changes.</summary>
    public IPEndPoint? Learned => learned.ToEndPoint();

    /// <summary>Whether a packet from <paramref name="source"/> is the party's; learns the source where that is due.</summary>
    public bool Accept(in NativeAddress source, int length, long now)
    {
        SourcePolicy current = TakeUpPolicy();
        if (!source.IsSame(learned))
        {
            bool vacant = learned.IsNone || now - lastHeard >= SilenceBeforeRelatch;
            if (!vacant || !current.Allows(source))
            {
                Volatile.Write(ref refused, refused + 1);
                return false;
            }

            learned = source;
        }

        if (firstHeard < 0)
        {
            Volatile.Write(ref firstHeard, now);
        }

        Volatile.Write(ref lastHeard, now);
        Volatile.Write(ref packetsIn, packetsIn + 1);
        Volatile.Write(ref octetsIn, octetsIn + length);
        return true;
    }

    /// <summary>Sends one packet to the party: to its learned source, or where signalling says until one is learned.</summary>
    public void Send(byte* packet, int length, bool isRtp)
    {
        SourcePolicy current = TakeUpPolicy();
        NativeAddress to = learned.IsNone ? current.FirstTarget : learned;

        // RFC 3264 5.1: the direction speaks of RTP; RTCP flows whatever it is. 8.4: on hold by 0.0.0.0 neither does.
        if (to.IsNone || current.OnHold || (isRtp && !current.Receives))
        {
            Volatile.Write(ref unsent, unsent + 1);
            return;
        }

        if (LinuxSockets.SendTo(Fd, packet, length, 0, &to, to.Size) < 0)
        {
            Volatile.Write(ref unsent, unsent + 1);
            return;
        }

        Volatile.Write(ref packetsOut, packetsOut + 1);
        Volatile.Write(ref octetsOut, octetsOut + length);
    }

    // A description with another address, or one that no longer allows what was learned, starts the learning over.
    private SourcePolicy TakeUpPolicy()
    {
        SourcePolicy current = policy;
        if (!ReferenceEquals(current, applied))
        {
            bool moved = !applied.Described.IsNone && !current.Described.IsSame(applied.Described);
            if (moved || !current.Allows(learned))
            {
                learned = default;
            }

            applied = current;
        }

        return current;
    }
}

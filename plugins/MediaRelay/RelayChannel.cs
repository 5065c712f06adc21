using System.Net;

namespace Sip.B2bua.Plugins.MediaRelay;

/// <summary>
/// The relay's side of one media line towards one party: an RTP and an RTCP port. What the party sends goes to the
/// <see cref="Targets"/>: the caller's channel feeds those of all branches while they ring, a branch's feeds the caller's.
/// </summary>
internal sealed unsafe class RelayChannel
{
    private volatile RelayChannel[] targets = [];
    private volatile bool muxed;
    private volatile bool muted;
    private volatile DtmfStream? dtmf;

    public RelayChannel(RelayThread thread, IPAddress local, int port, int rtpFd, int rtcpFd)
    {
        Thread = thread;
        Local = local;
        Port = port;
        Rtp = new RelaySocket(rtpFd, this, isRtcp: false);
        Rtcp = new RelaySocket(rtcpFd, this, isRtcp: true);
    }

    public RelayThread Thread { get; }

    /// <summary>The address both ports are bound to.</summary>
    public IPAddress Local { get; }

    /// <summary>The RTP port; RTCP is the next.</summary>
    public int Port { get; }

    public RelaySocket Rtp { get; }

    public RelaySocket Rtcp { get; }

    /// <summary>Where the party's packets go; replaced whole by the signalling side.</summary>
    public RelayChannel[] Targets
    {
        get => targets;
        set => targets = value;
    }

    /// <summary>Whether the party takes RTCP on the RTP port (RFC 5761, offered and answered).</summary>
    public bool Muxed
    {
        get => muxed;
        set => muxed = value;
    }

    /// <summary>Whether the party is not to be heard now: another branch's early media is.</summary>
    public bool Muted
    {
        get => muted;
        set => muted = value;
    }

    /// <summary>Converts keys on the way to the party; null where none are converted.</summary>
    public DtmfStream? Dtmf
    {
        get => dtmf;
        set => dtmf = value;
    }

    /// <summary>One packet of the party, on the relay thread.</summary>
    public void Forward(RelaySocket arrivedOn, byte* packet, int length, long now)
    {
        // An empty datagram only keeps a NAT's mapping open.
        if (length == 0 || muted)
        {
            return;
        }

        bool isRtcp = arrivedOn.IsRtcp || (muxed && IsRtcp(packet, length));
        foreach (RelayChannel target in targets)
        {
            if (!isRtcp && target.dtmf is { } keys)
            {
                keys.Forward(packet, length, now);
                continue;
            }

            RelaySocket socket = isRtcp && !target.muxed ? target.Rtcp : target.Rtp;
            socket.Send(packet, length, !isRtcp);
        }
    }

    // RFC 5761 section 4: with both on one port, the second octet is 192 to 223 for RTCP; 128 to 191 in the first octet is
    // RTP or RTCP at all (RFC 7983 section 7), the rest being STUN, DTLS or ZRTP.
    private static bool IsRtcp(byte* packet, int length) =>
        length >= 2 && (packet[0] & 0xC0) == 0x80 && packet[1] is >= 192 and <= 223;
}

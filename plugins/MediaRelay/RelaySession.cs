using System.Buffers;
using System.Net;
using System.Net.Sockets;
using Sip.Sdp;

namespace Sip.B2bua.Plugins.MediaRelay;

/// <summary>
/// The media of one call: the caller's leg in front, and behind it one leg for each branch that rings, of which the answer
/// leaves one. Belongs to the call's event loop; only what <see cref="RelayChannel"/> marks as shared reaches the relay thread.
/// </summary>
/// <remarks>
/// A description that crosses goes through <see cref="Offer"/> or <see cref="Answer"/>: what it says of its sender becomes the
/// policy of the sender's channels, and what its receiver reads names the receiver's channels only.
/// </remarks>
internal sealed partial class RelaySession
{
    /// <summary>Media lines relayed in one call; further ones are refused by port 0.</summary>
    public const int MaxLines = 8;

    private readonly RelayEngine engine;
    private readonly RelayThread thread;
    // Replaced whole, because the search for silent calls reads it from another thread.
    private volatile RelayLeg[] branches = [];
    private long lastSignalled;
    private bool answered;
    private bool closed;
    private bool yields;

    internal RelaySession(RelayEngine engine, RelayThread thread, RelayParty caller)
    {
        this.engine = engine;
        this.thread = thread;
        lastSignalled = engine.Now;
        Front = new RelayLeg(caller, MaxLines) { Keys = engine.Dtmf };
        NoteAddresses(caller);
    }

    /// <summary>The caller's leg; after he left by a transfer, that of the party who stayed.</summary>
    public RelayLeg Front { get; private set; }

    /// <summary>The legs of the branches that still ring, or the one that answered.</summary>
    public IReadOnlyList<RelayLeg> Branches => branches;

    /// <summary>Why the last description was refused.</summary>
    public SdpError LastError { get; private set; }

    /// <summary>Whether any line of the caller is relayed.</summary>
    public bool IsRelaying
    {
        get
        {
            foreach (RelayChannel? channel in Front.Channels)
            {
                if (channel is not null)
                {
                    return true;
                }
            }

            return false;
        }
    }

    /// <summary>Who is told when the call falls silent.</summary>
    public object? Owner { get; set; }

    /// <summary>Milliseconds of the engine's clock at the last packet, offer or answer of either side.</summary>
    public long LastActivity
    {
        get
        {
            long last = LastHeard(Front);
            foreach (RelayLeg branch in branches)
            {
                last = long.Max(last, LastHeard(branch));
            }

            return long.Max(last, Volatile.Read(ref lastSignalled));
        }
    }

    /// <summary>Adds the leg of one branch.</summary>
    public RelayLeg AddBranch(RelayParty party)
    {
        RelayLeg leg = new(party, MaxLines) { IsWaiting = answered, Keys = engine.Dtmf };
        NoteAddresses(party);
        branches = [.. branches, leg];
        return leg;
    }

    /// <summary>
    /// An offer crosses from one leg to the other. The channels of both are opened where they are not yet; those that are stay.
    /// </summary>
    public RelayOutcome Offer(RelayLeg from, RelayLeg to, ReadOnlySpan<byte> description, IBufferWriter<byte> output) =>
        Cross(from, to, description, output, isAnswer: false);

    /// <summary>An answer crosses from one leg to the other.</summary>
    public RelayOutcome Answer(RelayLeg from, RelayLeg to, ReadOnlySpan<byte> description, IBufferWriter<byte> output) =>
        Cross(from, to, description, output, isAnswer: true);

    /// <summary>The branch whose offer waits for the answer of the front leg: the one that answered, or before that the one that changes its session.</summary>
    public RelayLeg? FindOfferer()
    {
        foreach (RelayLeg branch in branches)
        {
            if (branch.IsOffering)
            {
                return branch;
            }
        }

        return null;
    }

    /// <summary>The offer of this leg was refused: what its description said before holds again.</summary>
    public static void Reject(RelayLeg offerer)
    {
        for (int i = 0; i < offerer.MaxLines; i++)
        {
            if (offerer.ChannelAt(i) is { } channel && offerer.Wanted[i] is { Rtp: { } rtp, Rtcp: { } rtcp })
            {
                channel.Rtp.Policy = rtp;
                channel.Rtcp.Policy = rtcp;
            }

            offerer.Wanted[i] = default;
        }
    }

    /// <summary>Of several branches with early media, the caller hears this one only; all of them hear the caller.</summary>
    public void Hear(RelayLeg branch)
    {
        foreach (RelayLeg other in branches)
        {
            if (other.Partner is null)
            {
                SetMuted(other, other != branch);
            }
        }
    }

    /// <summary>The caller does not hear this branch; it hears him.</summary>
    public static void Mute(RelayLeg branch) => SetMuted(branch, true);

    /// <summary>This branch answered the call: the others' channels are closed.</summary>
    public void Win(RelayLeg branch)
    {
        answered = true;
        foreach (RelayLeg other in branches)
        {
            if (other != branch)
            {
                Remove(other);
            }
        }

        Hear(branch);
    }

    /// <summary>
    /// A leg is over: its channels are closed. When it was the caller's and the call goes on, the other party moves to the front.
    /// </summary>
    public void Remove(RelayLeg leg)
    {
        if (leg == Front && branches.Length > 0)
        {
            Front = branches[0];
            Front.Partner = null;
        }

        branches = Array.FindAll(branches, branch => branch != leg && branch != Front);

        foreach (RelayLeg branch in branches)
        {
            if (branch.Partner == leg || branch.Partner == Front)
            {
                branch.Partner = null;
            }
        }

        CloseAll(leg);
        Link();
    }

    /// <summary>The call is over: everything is closed. May be called again.</summary>
    public void Close()
    {
        if (closed)
        {
            return;
        }

        closed = true;
        CloseAll(Front);
        foreach (RelayLeg branch in branches)
        {
            CloseAll(branch);
        }

        branches = [];
        engine.Forget(this);
    }

    /// <summary>The sum of a leg's counters over its lines and both ports.</summary>
    public static RelayCounters Count(RelayLeg leg)
    {
        RelayCounters sum = new(0, 0, 0, 0, 0, 0, -1);
        foreach (RelayChannel? channel in leg.Channels)
        {
            if (channel is not null)
            {
                sum += channel.Rtp.ReadCounters() + channel.Rtcp.ReadCounters();
            }
        }

        return sum;
    }

    private RelayOutcome Cross(RelayLeg from, RelayLeg to, ReadOnlySpan<byte> description, IBufferWriter<byte> output, bool isAnswer)
    {
        if (closed)
        {
            return RelayOutcome.Closed;
        }

        Volatile.Write(ref lastSignalled, engine.Now);
        SdpRewriter rewriter = engine.RentRewriter();
        try
        {
            LastError = rewriter.Read(description);
            if (LastError != SdpError.None)
            {
                return RelayOutcome.BadDescription;
            }

            // Who relayed first relays the whole call: the answer to a marked offer is left alone though it has no mark, and a mark in what
            // comes back for an offer of ours is that of a relay behind us.
            yields |= rewriter.IsMarked && !IsRelaying;
            if (yields)
            {
                return RelayOutcome.Untouched;
            }

            RelayOutcome outcome = OpenLines(from, to, rewriter.Session, isAnswer);
            if (outcome == RelayOutcome.Relayed)
            {
                Describe(from, to, rewriter.Session, isAnswer);
                to.IsWaiting &= !isAnswer;
                if (!from.IsWaiting && !to.IsWaiting)
                {
                    Join(from, to);
                }

                Link();
                rewriter.Write(from, to, isAnswer, output);
            }

            return outcome;
        }
        finally
        {
            engine.Return(rewriter);
        }
    }

    private RelayOutcome OpenLines(RelayLeg from, RelayLeg to, SdpSession session, bool isAnswer)
    {
        from.UsesIPv6 = FamilyOf(from, session);
        for (int i = 0; i < int.Min(session.MediaCount, MaxLines); i++)
        {
            SdpMedia media = session.MediaAt(i);
            if (SdpRewriter.IsRelayed(media))
            {
                RelayOutcome outcome = Open(from, i);
                outcome = outcome == RelayOutcome.Relayed ? Open(to, i) : outcome;
                if (outcome != RelayOutcome.Relayed)
                {
                    return outcome;
                }
            }
            else if (isAnswer)
            {
                CloseLine(from, i);
                if (branches.Length == 1)
                {
                    CloseLine(to, i);
                }
            }
        }

        return RelayOutcome.Relayed;
    }

    private RelayOutcome Open(RelayLeg leg, int line)
    {
        IPAddress? local = leg.Party.Local(leg.UsesIPv6);
        if (local is null)
        {
            return RelayOutcome.NoLocalAddress;
        }

        // RFC 3264 8.3.1: an unchanged stream keeps its port; only a party that changed its address family gets another.
        RelayChannel? present = leg.ChannelAt(line);
        if (present is not null && present.Local.AddressFamily == local.AddressFamily)
        {
            return RelayOutcome.Relayed;
        }

        RelayChannel? opened = engine.OpenChannel(thread, local);
        if (opened is null)
        {
            return RelayOutcome.NoPorts;
        }

        CloseLine(leg, line);
        SourcePolicy policy = SourcePolicies.BeforeDescription(leg.Party);
        opened.Rtp.Policy = policy;
        opened.Rtcp.Policy = policy;
        leg.SetChannel(line, opened);
        return RelayOutcome.Relayed;
    }

    private void Describe(RelayLeg from, RelayLeg to, SdpSession session, bool isAnswer)
    {
        for (int i = 0; i < int.Min(session.MediaCount, MaxLines); i++)
        {
            SdpMedia media = session.MediaAt(i);
            if (from.ChannelAt(i) is not { } channel || !SdpRewriter.IsRelayed(media))
            {
                continue;
            }

            bool offersMux = media.TryGetAttribute("rtcp-mux"u8, out _);
            bool muxed = isAnswer && offersMux && to.Offered[i];
            (SourcePolicy rtp, SourcePolicy rtcp) = SourcePolicies.From(from.Party, media, muxed, engine.IsOwnPort);
            from.Wanted[i] = isAnswer ? default : (channel.Rtp.Policy, channel.Rtcp.Policy);
            if (from.Keys != DtmfMode.Pass)
            {
                ConvertKeys(from, channel, DtmfFormat.Read(session, media));
            }

            channel.Rtp.Policy = Adopt(channel.Rtp.Policy, rtp);
            channel.Rtcp.Policy = Adopt(channel.Rtcp.Policy, rtcp);
            if (!isAnswer)
            {
                from.Offered[i] = offersMux;
                continue;
            }

            to.Wanted[i] = default;
            from.HasAnswered = true;
            channel.Muxed = muxed;
            if (to.ChannelAt(i) is { } other)
            {
                other.Muxed = muxed;
            }
        }
    }

    // On hold by 0.0.0.0 the described address says nothing: the one before is where the party still is.
    private static SourcePolicy Adopt(SourcePolicy before, SourcePolicy now) =>
        now.OnHold && !before.Described.IsNone ? before.WithHold() : now;

    private void Join(RelayLeg from, RelayLeg to)
    {
        bool aside = from != Front && to != Front;
        if (from != Front)
        {
            from.Partner = aside ? to : null;
        }

        if (aside)
        {
            SetMuted(from, false);
            SetMuted(to, false);
        }

        if (to != Front)
        {
            to.Partner = aside ? from : null;
        }
    }

    // Several branches ring: the caller's packets go to all of them, theirs to the caller.
    private void Link()
    {
        for (int i = 0; i < MaxLines; i++)
        {
            RelayChannel? front = Front.ChannelAt(i);
            List<RelayChannel> back = [];
            foreach (RelayLeg branch in branches)
            {
                if (branch is { IsWaiting: false } && branch.ChannelAt(i) is { } channel)
                {
                    RelayChannel? target = branch.Partner is null ? front : branch.Partner.ChannelAt(i);
                    channel.Targets = target is null ? [] : [target];
                    if (branch.Partner is null)
                    {
                        back.Add(channel);
                    }
                }
            }

            if (front is not null)
            {
                front.Targets = [.. back];
                front.Muted = false;
            }
        }
    }

    private static bool FamilyOf(RelayLeg leg, SdpSession session)
    {
        for (int i = 0; i < session.MediaCount; i++)
        {
            if (session.MediaAt(i).Port != 0
                && session.MediaAt(i).TryGetConnection(out SdpConnection connection)
                && !connection.IsHold
                && SourcePolicies.TryReadAddress(connection.Address, out IPAddress? address))
            {
                return leg.Party.Local(address!.AddressFamily == AddressFamily.InterNetworkV6)?.AddressFamily == AddressFamily.InterNetworkV6;
            }
        }

        return leg.UsesIPv6;
    }

    private void CloseAll(RelayLeg leg)
    {
        for (int i = 0; i < MaxLines; i++)
        {
            CloseLine(leg, i);
        }
    }

    private void CloseLine(RelayLeg leg, int line)
    {
        if (leg.ChannelAt(line) is { } channel)
        {
            channel.Dtmf?.Stop();
            channel.Targets = [];
            leg.SetChannel(line, null);
            thread.Close(channel);
        }
    }

    private static void SetMuted(RelayLeg leg, bool muted)
    {
        foreach (RelayChannel? channel in leg.Channels)
        {
            if (channel is not null)
            {
                channel.Muted = muted;
            }
        }
    }

    private void NoteAddresses(RelayParty party)
    {
        engine.NoteOwnAddress(party.AdvertisedIPv4);
        engine.NoteOwnAddress(party.AdvertisedIPv6);
    }

    private static long LastHeard(RelayLeg leg)
    {
        long last = -1;
        foreach (RelayChannel? channel in leg.Channels)
        {
            if (channel is not null)
            {
                last = long.Max(last, long.Max(channel.Rtp.LastHeard, channel.Rtcp.LastHeard));
            }
        }

        return last;
    }
}

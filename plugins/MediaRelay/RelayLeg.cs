using System.Net;
using System.Net.Sockets;

namespace Sip.B2bua.Plugins.MediaRelay;

/// <summary>
/// The relay's side of one leg: its channels, one for each media line, and the origin that we write into the descriptions the
/// party gets. The session id is ours and random; the version grows only when the rest of the description changes
/// (RFC 3264 section 8).
/// </summary>
internal sealed class RelayLeg
{
    private readonly RelayChannel?[] channels;
    private ulong lastHash;

    public RelayLeg(RelayParty party, int maxLines)
    {
        Party = party;
        channels = new RelayChannel?[maxLines];
        Offered = new bool[maxLines];
        Wanted = new (SourcePolicy?, SourcePolicy?)[maxLines];
        UsesIPv6 = party.Local(party.Signalling.AddressFamily == AddressFamily.InterNetworkV6)?.AddressFamily == AddressFamily.InterNetworkV6;

        // RFC 8866 5.2 suggests a time stamp; a random number says nothing. 53 bits fit every phone's parser.
        SessionId = (ulong)Random.Shared.NextInt64(1, 1L << 53);
    }

    /// <summary>What signalling knows of the party; replaced when its signalling address changes.</summary>
    public RelayParty Party { get; set; }

    public ulong SessionId { get; }

    public ulong Version { get; private set; }

    /// <summary>
    /// The leg that this one talks to where that is not the front one: after a transfer two branches are joined.
    /// </summary>
    public RelayLeg? Partner { get; set; }

    /// <summary>
    /// Whether the leg came when the call was answered already, for a transfer, and nobody has agreed to talk to it yet: it hears nobody
    /// and nobody hears it.
    /// </summary>
    public bool IsWaiting { get; set; }

    /// <summary>How the party is told of keys: with events in the RTP, by INFO, or as they come.</summary>
    public DtmfMode Keys { get; set; }

    /// <summary>Whether the leg's channels are on IPv6.</summary>
    public bool UsesIPv6 { get; set; }

    public int MaxLines => channels.Length;

    /// <summary>For each line, whether the party's last offer had rtcp-mux.</summary>
    public bool[] Offered { get; }

    /// <summary>For each line, the policies before the offer under way: what holds again when it is refused.</summary>
    public (SourcePolicy? Rtp, SourcePolicy? Rtcp)[] Wanted { get; }

    /// <summary>Whether the party has answered an offer.</summary>
    public bool HasAnswered { get; set; }

    /// <summary>Whether an offer of the party waits for its answer.</summary>
    public bool IsOffering => Array.Exists(Wanted, before => before.Rtp is not null);

    public ReadOnlySpan<RelayChannel?> Channels => channels;

    /// <summary>The address that the party describes and that means nothing to us, because a NAT stands between; else null.</summary>
    public IPAddress? NatAddress
    {
        get
        {
            foreach (RelayChannel? channel in channels)
            {
                if (channel?.Rtp.Policy is { } policy && !policy.Described.IsNone && !policy.FirstTarget.IsNone && !policy.FirstTarget.IsSameHost(policy.Described))
                {
                    return policy.Described.ToEndPoint()?.Address;
                }
            }

            return null;
        }
    }

    /// <summary>The address to write into the party's SDP.</summary>
    public IPAddress Written(RelayChannel? channel)
    {
        IPAddress? local = channel?.Local ?? Party.Local(UsesIPv6);
        IPAddress? advertised = UsesIPv6 ? Party.AdvertisedIPv6 : Party.AdvertisedIPv4;
        return advertised ?? local ?? IPAddress.Any;
    }

    public RelayChannel? ChannelAt(int line) => line < channels.Length ? channels[line] : null;

    public void SetChannel(int line, RelayChannel? channel) => channels[line] = channel;

    /// <summary>The version to write for a description whose other octets have this hash.</summary>
    public ulong VersionFor(ulong hash)
    {
        if (Version == 0 || hash != lastHash)
        {
            Version++;
            lastHash = hash;
        }

        return Version;
    }
}

namespace Sip.B2bua.Plugins.MediaRelay;

/// <summary>The settings of <c>[module::MediaRelay]</c>.</summary>
public sealed class MediaRelayOptions : ICheckedOptions
{
    /// <summary>See the help text.</summary>
    [Setting("SDP attribute that tells later relays not to relay again. A description that carries it already crosses as it is. "
        + "\"disable\" neither sets nor honours it.")]
    public string Nortpproxy { get; init; } = "nortpproxy";

    /// <summary>See the help text.</summary>
    [Setting("Range that the relay's ports are taken from. RTP uses the even ones, RTCP the odd one above: an odd minimum is "
        + "raised, an even maximum lowered. A call with one media line takes four ports. Open the range for UDP in the firewall.",
        Fallback = "sdp-port-range-min sdp-port-range-max")]
    public PortRange SdpPortRange { get; init; } = new(1024, 65535);

    /// <summary>See the help text.</summary>
    [Setting("Has no effect: the server ends each dialog itself, so a 2xx never belongs to an unknown call.", Deprecated = "it has no effect")]
    public bool ByeOrphanDialogs { get; init; }

    /// <summary>See the help text.</summary>
    [Setting("Most calls relayed at once; further ones get 503. 0: no limit.", Min = 0)]
    public int MaxCalls { get; init; }

    /// <summary>See the help text.</summary>
    [Setting("Has no effect: the relay is each phone's media peer, so c= and m= are always ours and candidates never cross.",
        Deprecated = "the relay always rewrites c= and m=")]
    public bool ForceRelayForNonIceTargets { get; init; } = true;

    /// <summary>See the help text.</summary>
    [Setting("Refuse to send media to a port of the relay itself. Phones on the server's own machine are not concerned.")]
    public bool PreventLoops { get; init; } = true;

    /// <summary>See the help text.</summary>
    [Setting("Of several targets that send media while they ring, the caller hears only the one whose session came last. "
        + "If false he hears all of them.")]
    public bool EarlyMediaRelaySingle { get; init; } = true;

    /// <summary>See the help text.</summary>
    [Setting("Most targets of one call whose media is relayed while they ring. 0: no limit.", Min = 0)]
    public int MaxEarlyMediaPerCall { get; init; }

    /// <summary>See the help text.</summary>
    [Setting("A call without any media for this long is ended. 0: never.", Unit = "s")]
    public TimeSpan InactivityPeriod { get; init; } = TimeSpan.FromHours(1);

    /// <summary>See the help text.</summary>
    [Setting("Write the public address into every session description. If false, phones in private networks get the address that "
        + "their signalling reaches us at.")]
    public bool ForcePublicIpForSdpMasquerading { get; init; }

    /// <summary>See the help text.</summary>
    [Setting("Public IPv4 address to write into session descriptions, where the server stands behind a NAT that maps it one to one. "
        + "Empty: the address that the phone's signalling reaches us at.")]
    public string PublicIpv4 { get; init; } = "";

    /// <summary>See the help text.</summary>
    [Setting("The same for IPv6.")]
    public string PublicIpv6 { get; init; } = "";

    /// <summary>See the help text.</summary>
    [Setting("Threads that move the packets. 0: one for each core.", Min = 0, Max = 256)]
    public int Threads { get; init; }

    /// <summary>See the help text.</summary>
    [Setting("Keys that are pressed during a call: pass lets them cross as the phones send them; info-to-rtp makes telephone events "
        + "(RFC 4733) of INFO where the other phone takes them; rtp-to-info makes INFO (application/dtmf-relay) of telephone events; both does both. "
        + "Not possible where the phones encrypt their media.")]
    public DtmfMode Dtmf { get; init; }

    /// <inheritdoc/>
    public IEnumerable<SettingFault> Check()
    {
        if (new PortPool(SdpPortRange.Min, SdpPortRange.Max).Capacity == 0)
        {
            yield return new SettingFault("sdp-port-range", "holds no even port followed by an odd one; 10000-20000 would do");
        }

        if (PublicIpv4.Length > 0 && !System.Net.IPAddress.TryParse(PublicIpv4, out _))
        {
            yield return new SettingFault("public-ipv4", "must be an IPv4 address such as 203.0.113.9");
        }

        if (PublicIpv6.Length > 0 && !System.Net.IPAddress.TryParse(PublicIpv6, out _))
        {
            yield return new SettingFault("public-ipv6", "must be an IPv6 address such as 2001:db8::9");
        }
    }
}

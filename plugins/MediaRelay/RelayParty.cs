using System.Net;

namespace Sip.B2bua.Plugins.MediaRelay;

/// <summary>
/// What signalling knows of one party: the address it signals from, and our own addresses towards it.
/// </summary>
/// <param name="Signalling">The host the party's SIP messages come from.</param>
/// <param name="LocalIPv4">Our IPv4 address to bind towards it, if any.</param>
/// <param name="LocalIPv6">Our IPv6 address to bind towards it, if any.</param>
internal sealed record RelayParty(IPAddress Signalling, IPAddress? LocalIPv4, IPAddress? LocalIPv6)
{
    /// <summary>The IPv4 address written into its SDP in place of the bound one: ours as seen from outside a NAT.</summary>
    public IPAddress? AdvertisedIPv4 { get; init; }

    /// <summary>The same for IPv6.</summary>
    public IPAddress? AdvertisedIPv6 { get; init; }

    /// <summary>The address to bind for a family, or for the other one where we have none; null when there is none at all.</summary>
    public IPAddress? Local(bool wantsIPv6) => wantsIPv6 ? LocalIPv6 ?? LocalIPv4 : LocalIPv4 ?? LocalIPv6;
}

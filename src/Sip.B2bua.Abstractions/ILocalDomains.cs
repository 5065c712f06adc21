using Sip.Transports;

namespace Sip.B2bua;

/// <summary>Which names and addresses mean this server.</summary>
public interface ILocalDomains
{
    /// <summary>Whether <paramref name="host"/> (no port; IPv6 with or without brackets; any case; trailing dot ignored) and port are one of our listening points or aliases.</summary>
    /// <param name="host">The host as written.</param>
    /// <param name="port">The port, or -1 when none is written.</param>
    bool IsUs(ReadOnlySpan<byte> host, int port);

    /// <summary>Whether the address is one that we listen on.</summary>
    bool IsUs(in SipAddress address);

    /// <summary>
    /// Whether users of this domain are ours: it is an alias, or a setting marked with <see cref="DeclaresDomainsAttribute"/> has it.
    /// The word <c>localhost</c> there means this machine, whichever of its addresses the domain is. A <c>*</c> in such a setting means every domain, but not an IP address that is none of our own.
    /// </summary>
    /// <param name="host">The host as written, in any case; a trailing dot is ignored.</param>
    bool IsServedDomain(ReadOnlySpan<byte> host);

    /// <summary>
    /// The address by which the location service and the message store keep what is of a user: the address-of-record itself or, where a setting
    /// marked <see cref="ServerRule.OneDomain"/> is on, <c>user@merged</c>.
    /// </summary>
    /// <param name="addressOfRecord">The address-of-record.</param>
    string RecordKey(string addressOfRecord) => addressOfRecord;
}

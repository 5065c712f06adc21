namespace Sip.Transports;

/// <summary>The kinds of DNS records that target resolution asks for and meets, with their numbers on the wire.</summary>
public enum DnsType : ushort
{
    /// <summary>No type of ours.</summary>
    None = 0,

    /// <summary>An IPv4 address (RFC 1035 3.4.1).</summary>
    A = 1,

    /// <summary>The true name behind an alias (RFC 1035 3.3.1).</summary>
    Cname = 5,

    /// <summary>The start of a zone, which says how long a negative answer holds (RFC 2308 4).</summary>
    Soa = 6,

    /// <summary>An IPv6 address (RFC 3596 2.1).</summary>
    Aaaa = 28,

    /// <summary>Host and port of a service (RFC 2782).</summary>
    Srv = 33,

    /// <summary>The services of a domain and their order (RFC 3403 4).</summary>
    Naptr = 35,
}

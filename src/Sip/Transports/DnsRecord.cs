namespace Sip.Transports;

/// <summary>One record of a DNS answer; which members mean something depends on its type.</summary>
public sealed record DnsRecord
{
    /// <summary>The name that the record is of, in lower case and without the last dot.</summary>
    public required string Name { get; init; }

    /// <summary>Its type.</summary>
    public required DnsType Type { get; init; }

    /// <summary>For how many seconds it may be kept.</summary>
    public int TimeToLive { get; init; }

    /// <summary>A and AAAA: the address, without port.</summary>
    public SipAddress Address { get; init; }

    /// <summary>SRV: the priority, lowest first. NAPTR: the order, lowest first.</summary>
    public int Priority { get; init; }

    /// <summary>SRV: the weight among equal priorities. NAPTR: the preference among equal orders, lowest first.</summary>
    public int Weight { get; init; }

    /// <summary>SRV: the port.</summary>
    public int Port { get; init; }

    /// <summary>SRV: the host; empty for ".", which says that there is no such service. CNAME: the true name. NAPTR: the replacement.</summary>
    public string Target { get; init; } = "";

    /// <summary>NAPTR: the flags, in lower case.</summary>
    public string Flags { get; init; } = "";

    /// <summary>NAPTR: the service, in upper case, such as "SIP+D2U".</summary>
    public string Service { get; init; } = "";
}

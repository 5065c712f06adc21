using System.Net;

namespace Sip.Transports;

/// <summary>How names are looked up.</summary>
public sealed record DnsOptions
{
    /// <summary>The name servers; empty for those of <see cref="ResolverFile"/>.</summary>
    public IReadOnlyList<IPEndPoint> Servers { get; init; } = [];

    /// <summary>How many milliseconds one name server has for its answer before the next is asked.</summary>
    public int TimeoutMilliseconds { get; init; } = 2000;

    /// <summary>How often each name server is asked before a look-up has failed.</summary>
    public int Attempts { get; init; } = 2;

    /// <summary>How many answers each loop keeps.</summary>
    public int CacheSize { get; init; } = 1000;

    /// <summary>For how many seconds an answer is kept at least, whatever the name server says.</summary>
    public int MinSeconds { get; init; } = 5;

    /// <summary>For how many seconds an answer is kept at most.</summary>
    public int MaxSeconds { get; init; } = 86_400;

    /// <summary>For how many seconds "there is no such thing" is kept at most (RFC 2308 5).</summary>
    public int MaxNegativeSeconds { get; init; } = 900;

    /// <summary>For how many seconds the name servers are left alone after a failed look-up (RFC 2308 7).</summary>
    public int FailureSeconds { get; init; } = 5;

    /// <summary>How many questions may wait for an answer at once on each loop; more fail at once.</summary>
    public int MaxQuestions { get; init; } = 1024;

    /// <summary>For how many seconds a place that could not be reached is tried after all others.</summary>
    public int AvoidSeconds { get; init; } = 60;

    /// <summary>
    /// The transport of a SIP URI with a name, but neither a port nor a transport. TCP or TLS: as if the URI asked for it; UDP: what the DNS
    /// says (RFC 3263 4.1). For an address or a port, and for SIPS, it does not count.
    /// </summary>
    public string DefaultTransport { get; init; } = "UDP";

    /// <summary>Where the name servers and search domains of the machine stand; read again when it changes.</summary>
    public string ResolverFile { get; init; } = "/etc/resolv.conf";

    /// <summary>Where the machine's own names stand; read again when it changes.</summary>
    public string HostsFile { get; init; } = "/etc/hosts";
}

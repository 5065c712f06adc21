namespace Sip.Transports;

/// <summary>
/// Target resolution (RFC 3263): from a URI to the transports, addresses and ports that its requests may be sent to, in order.
/// <code>
///   4.1 transport   the URI's parameter; else, for an address or a port, UDP (sips: TLS); else what the administrator says; else NAPTR;
///                   else SRV of each; else UDP (sips: TLS)
///   4.2 port        the URI's; else that of the SRV records; else 5060 (TLS: 5061)
///       address     the URI's; else A and AAAA of the SRV records' hosts, or of the host itself
///   4.3 failover    TargetPath
/// </code>
/// Only transports and address families that this server listens on are asked for.
/// </summary>
public sealed class TargetResolver
{
    // Whatever a domain publishes, one request of ours tries no more than that.
    private const int MaxWays = 32;
    private const int MaxHosts = 16;

    // RFC 1035 2.3.4.
    private const int MaxDomainLength = 255;

    private readonly TransportSet transports;
    private readonly IDnsSource dns;
    private readonly Random random;
    private readonly SipService? preferred;

    /// <summary>Makes the resolver of a loop.</summary>
    /// <param name="transports">The loop's transports.</param>
    /// <param name="dns">Where names are looked up.</param>
    /// <param name="options">How long a failed way is avoided; null for the default.</param>
    /// <param name="random">Draws the lots among SRV records of equal priority; null for any.</param>
    public TargetResolver(TransportSet transports, IDnsSource dns, DnsOptions? options = null, Random? random = null)
    {
        ArgumentNullException.ThrowIfNull(transports);
        ArgumentNullException.ThrowIfNull(dns);
        this.transports = transports;
        this.dns = dns;
        this.random = random ?? Random.Shared;
        SipService chosen = SipService.All.FirstOrDefault(service => service.Token.Equals((options ?? new DnsOptions()).DefaultTransport, StringComparison.OrdinalIgnoreCase), SipService.Udp);
        preferred = chosen.Token == SipService.Udp.Token ? null : chosen;
        Avoided = new AvoidedWays(transports.Loop, (options ?? new DnsOptions()).AvoidSeconds * 1000L);
    }

    internal AvoidedWays Avoided { get; }

    internal int UdpMtu => transports.Options.UdpMtu;

    /// <summary>Finds the ways to a URI. It completes on the loop, at once for an address or what is known.</summary>
    /// <param name="uri">A SIP or SIPS URI, without angle brackets.</param>
    /// <param name="useMaddr">Whether a maddr parameter counts: not in a URI of a stranger, who could lead us anywhere with it.</param>
    public ValueTask<TargetPath> FindAsync(ReadOnlySpan<byte> uri, bool useMaddr = false)
    {
        TargetProblem problem = TargetPlace.Read(uri, useMaddr, out TargetPlace place);
        if (problem != TargetProblem.None)
        {
            return new ValueTask<TargetPath>(new TargetPath(this, "", [], problem));
        }

        // 4.1, 4.2: of an address, everything is said.
        if (!place.Literal.IsNone)
        {
            return new ValueTask<TargetPath>(ByAddress(place));
        }

        // Against 4.1, as Flexisip has it: as if the URI had the parameter. With an address or a port, UDP is meant.
        bool isOpen = place is { Service: null, IsSecure: false, Port: <= 0 };
        return FindByNameAsync(isOpen && preferred is not null ? place with { Service = preferred } : place);
    }

    internal bool TryGetFlow(in TargetWay way, string domain, out Flow flow)
    {
        Span<byte> token = stackalloc byte[way.Token.Length];
        System.Text.Encoding.ASCII.GetBytes(way.Token, token);
        Span<byte> name = stackalloc byte[Math.Min(domain.Length, MaxDomainLength)];
        System.Text.Encoding.ASCII.GetBytes(domain.AsSpan(0, name.Length), name);
        return transports.TryGetFlow(token, way.Address, name, out flow);
    }

    private TargetPath ByAddress(in TargetPlace place)
    {
        SipService service = place.Service ?? DefaultOf(place);
        return Reaches(service, place.Literal.IsIPv4)
            ? new TargetPath(this, place.Host, new(1) { new TargetWay(service.Token, place.Literal.WithPort(PortOf(place, service))) }, TargetProblem.None)
            : new TargetPath(this, place.Host, [], TargetProblem.NoTransport);
    }

    private async ValueTask<TargetPath> FindByNameAsync(TargetPlace place)
    {
        TargetSearch search = new();
        if (place.Port > 0 || dns.IsLocalHost(place.Host))
        {
            // 4.1, 4.2: with a port there is neither NAPTR nor SRV; nor for a name that the administrator has set himself.
            await AddHostAsync(search, place);
            return ToPath(search, place);
        }

        if (place.Service is { } asked)
        {
            await AddServicesAsync(search, place.Host, [asked]);
        }
        else
        {
            await AddNaptrAsync(search, place);
            if (search.Ways.Count == 0)
            {
                // 4.1: "If no NAPTR records are found, the client constructs SRV queries for those transport protocols it supports".
                await AddServicesAsync(search, place.Host, [.. SipService.All.Where(s => s.IsSecure || !place.IsSecure)]);
            }
        }

        if (search.Ways.Count == 0 && !search.IsDenied)
        {
            // 4.1, 4.2: "If no SRV records were found, the client performs an A or AAAA record lookup of the domain name."
            await AddHostAsync(search, place);
        }

        return ToPath(search, place);
    }

    private async ValueTask AddNaptrAsync(TargetSearch search, TargetPlace place)
    {
        DnsAnswer answer = await dns.LookUpAsync(place.Host, DnsType.Naptr);
        search.Note(answer);

        // RFC 3403 4.1: by order, then by preference.
        foreach (DnsRecord record in answer.Records.OrderBy(r => r.Priority).ThenBy(r => r.Weight).Take(MaxHosts))
        {
            // 4.1: for SIPS only what is secure; for SIP everything that we have.
            if (ServiceOf(record) is not { } service || (place.IsSecure && !service.IsSecure))
            {
                continue;
            }

            switch (record.Flags)
            {
                case "s":
                    await AddServersAsync(search, service, await dns.LookUpAsync(record.Target, DnsType.Srv));
                    break;
                case "a":
                    search.Add(service, await AddressesAsync(search, record.Target, service), service.Port);
                    break;
                default:
                    break; // 4.1: "s" is the flag of SIP, "a" is met; any other is not for us
            }
        }
    }

    // All questions go out together, so the slowest answer decides how long it takes.
    private async ValueTask AddServicesAsync(TargetSearch search, string domain, SipService[] services)
    {
        SipService[] ours = [.. services.Where(Has)];
        Task<DnsAnswer>[] answers = [.. ours.Select(s => dns.LookUpAsync(s.SrvPrefix + domain, DnsType.Srv).AsTask())];
        for (int i = 0; i < ours.Length; i++)
        {
            await AddServersAsync(search, ours[i], await answers[i]);
        }

        if (ours.Length == 0)
        {
            search.Note(TargetProblem.NoTransport);
        }
    }

    private async ValueTask AddServersAsync(TargetSearch search, SipService service, DnsAnswer answer)
    {
        search.Note(answer);
        if (answer.Records is [{ Target: "" }])
        {
            search.Deny(); // RFC 2782: "the service is decidedly not available at this domain"
            return;
        }

        List<DnsRecord> servers = [.. SrvOrder.Sort(answer.Records, random).Where(r => r.Target.Length > 0 && r.Port > 0).Take(MaxHosts)];
        Task<List<SipAddress>>[] addresses = [.. servers.Select(r => AddressesAsync(search, r.Target, service).AsTask())];
        for (int i = 0; i < servers.Count; i++)
        {
            search.Add(service, await addresses[i], servers[i].Port);
        }
    }

    private async ValueTask AddHostAsync(TargetSearch search, TargetPlace place)
    {
        SipService service = place.Service ?? DefaultOf(place);
        if (Has(service))
        {
            search.Add(service, await AddressesAsync(search, place.Host, service), PortOf(place, service));
        }
        else
        {
            search.Note(TargetProblem.NoTransport);
        }
    }

    // IPv4 first: a host that announces IPv6 is often not reached by it, and finding out takes a whole transaction.
    private async ValueTask<List<SipAddress>> AddressesAsync(TargetSearch search, string host, SipService service)
    {
        Task<DnsAnswer>? four = Reaches(service, isIPv4: true) ? dns.LookUpAsync(host, DnsType.A).AsTask() : null;
        Task<DnsAnswer>? six = Reaches(service, isIPv4: false) ? dns.LookUpAsync(host, DnsType.Aaaa).AsTask() : null;
        List<SipAddress> addresses = [];
        Append(four is null ? DnsAnswer.Nothing : await four);
        Append(six is null ? DnsAnswer.Nothing : await six);
        return addresses;

        void Append(DnsAnswer answer)
        {
            search.Note(answer);
            addresses.AddRange(answer.Records.Select(record => record.Address));
        }
    }

    private TargetPath ToPath(TargetSearch search, in TargetPlace place)
    {
        // 4.3: what has failed lately comes last, but it comes. An address leads one way only: nothing to be put in order.
        List<TargetWay> ways = search.Ways.Count <= 1 ? search.Ways : [.. search.Ways.OrderBy(way => Avoided.Contains(way)).Take(MaxWays)];
        return new TargetPath(this, place.Host, ways, ways.Count == 0 ? search.Problem : TargetProblem.None);
    }

    private SipService? ServiceOf(DnsRecord naptr)
    {
        foreach (SipService service in SipService.All)
        {
            if (service.Naptr == naptr.Service && Has(service))
            {
                return service;
            }
        }

        return null;
    }

    // 4.1: UDP for a SIP URI, TCP (so TLS) for a SIPS URI.
    private static SipService DefaultOf(in TargetPlace place) => place.IsSecure ? SipService.Tls : SipService.Udp;

    private static int PortOf(in TargetPlace place, SipService service) => place.Port > 0 ? place.Port : service.Port;

    private bool Has(SipService service) => Reaches(service, isIPv4: true) || Reaches(service, isIPv4: false);

    private bool Reaches(SipService service, bool isIPv4)
    {
        IReadOnlyList<SipTransport> all = transports.Transports;
        for (int i = 0; i < all.Count; i++) // asked for every request: an enumerator would be an object
        {
            SipTransport transport = all[i];
            if (transport.Point.Token == service.Token && transport.Point.Address.IsIPv4 == isIPv4)
            {
                return true;
            }
        }

        return false;
    }
}

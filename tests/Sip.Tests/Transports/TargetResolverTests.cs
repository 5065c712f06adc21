using System.Net;
using System.Text;
using Sip.B2bua.TestKit;
using Sip.Transports;

namespace Sip.Tests.Transports;

/// <summary>RFC 3263 4, row by row.</summary>
public sealed class TargetResolverTests
{
    private static readonly string[] Everything =
    [
        "A pbx.test 192.0.2.1",
        "AAAA pbx.test 2001:db8::1",
        "NAPTR full.test 90 50 s SIP+D2T _sip._tcp.full.test",
        "NAPTR full.test 100 50 s SIP+D2U _sip._udp.full.test",
        "NAPTR full.test 50 50 s SIPS+D2T _sips._tcp.full.test",
        "NAPTR full.test 40 50 s SIP+D2S _sip._sctp.full.test",
        "NAPTR full.test 10 50 u E2U+SIP _x.full.test",
        "SRV _sip._udp.full.test 1 0 5070 pbx.test",
        "SRV _sip._tcp.full.test 1 0 5071 pbx.test",
        "SRV _sips._tcp.full.test 1 0 5072 pbx.test",
        "SRV _sip._udp.srv.test 1 0 5080 pbx.test",
        "SRV _sip._tcp.srv.test 1 0 5081 pbx.test",
        "SRV _sips._tcp.srv.test 1 0 5082 pbx.test",
        "A full.test 192.0.2.77",
        "A srv.test 192.0.2.78",
        "SRV _sip._udp.udponly.test 1 0 5080 pbx.test",
        "A udponly.test 192.0.2.79",
        "SRV _sip._udp.none.test 0 0 0 .",
        "A none.test 192.0.2.80",
        "NAPTR flag-a.test 1 1 a SIP+D2T pbx.test",
        "NAPTR sctp.test 1 1 s SIP+D2S _sip._sctp.sctp.test",
        "A sctp.test 192.0.2.81",
        "NAPTR quiet.test timeout",
        "SRV _sip._udp.quiet.test timeout",
        "SRV _sip._tcp.quiet.test timeout",
        "SRV _sips._tcp.quiet.test timeout",
        "A quiet.test timeout",
        "NAPTR router.test timeout",
        "A router.test 192.0.2.82",
    ];

    private readonly VirtualTime time = new();
    private readonly MemoryDns dns;
    private readonly MemoryNetwork network;
    private readonly EventLoop loop;
    private readonly TransportSet set;
    private TargetResolver? resolver;

    public TargetResolverTests()
    {
        network = new MemoryNetwork(time);
        dns = network.Dns;
        dns.Add(Everything);
        loop = network.CreateLoop();
        set = new TransportSet(loop, new TestSink());
    }

    [Theory]
    // 4.1, 4.2: an address is taken as it is
    [InlineData("sip:192.0.2.5", "UDP 192.0.2.5:5060")]
    [InlineData("sip:u@192.0.2.5:5070", "UDP 192.0.2.5:5070")]
    [InlineData("sip:192.0.2.5;transport=tcp", "TCP 192.0.2.5:5060")]
    [InlineData("sip:192.0.2.5;transport=TLS", "TLS 192.0.2.5:5061")]
    [InlineData("sips:192.0.2.5", "TLS 192.0.2.5:5061")]
    [InlineData("sips:192.0.2.5:5099", "TLS 192.0.2.5:5099")]
    [InlineData("sips:192.0.2.5;transport=tcp", "TLS 192.0.2.5:5061")]
    // a name with a port: no NAPTR, no SRV
    [InlineData("sip:pbx.test:5090", "UDP 192.0.2.1:5090")]
    [InlineData("sip:full.test:5090", "UDP 192.0.2.77:5090")]
    [InlineData("sips:pbx.test:5090", "TLS 192.0.2.1:5090")]
    [InlineData("sip:pbx.test:5090;transport=tcp", "TCP 192.0.2.1:5090")]
    // a name with a transport: SRV of that one, else its address
    [InlineData("sip:full.test;transport=udp", "UDP 192.0.2.1:5070")]
    [InlineData("sip:full.test;transport=tcp", "TCP 192.0.2.1:5071")]
    [InlineData("sips:full.test;transport=tcp", "TLS 192.0.2.1:5072")]
    [InlineData("sip:full.test;transport=tls", "TLS 192.0.2.1:5072")]
    [InlineData("sip:pbx.test;transport=tcp", "TCP 192.0.2.1:5060")]
    [InlineData("sip:udponly.test;transport=tcp", "TCP 192.0.2.79:5060")]
    // a bare name: NAPTR in the domain's order, what we do not have left out
    [InlineData("sip:full.test", "TLS 192.0.2.1:5072, TCP 192.0.2.1:5071, UDP 192.0.2.1:5070")]
    [InlineData("sips:full.test", "TLS 192.0.2.1:5072")]
    [InlineData("sip:flag-a.test", "TCP 192.0.2.1:5060")]
    // no NAPTR: SRV of each of ours
    [InlineData("sip:srv.test", "UDP 192.0.2.1:5080, TCP 192.0.2.1:5081, TLS 192.0.2.1:5082")]
    [InlineData("sips:srv.test", "TLS 192.0.2.1:5082")]
    // neither: the address
    [InlineData("sip:pbx.test", "UDP 192.0.2.1:5060")]
    [InlineData("sips:pbx.test", "TLS 192.0.2.1:5061")]
    [InlineData("sips:udponly.test", "TLS 192.0.2.79:5061")]
    [InlineData("sip:sctp.test", "UDP 192.0.2.81:5060")]
    // a router that swallows what it does not know must not stop the call
    [InlineData("sip:router.test", "UDP 192.0.2.82:5060")]
    public void A_URI_leads_to(string uri, string ways)
    {
        Listen("UDP", "TCP", "TLS");
        Assert.Equal(ways, Ways(uri));
    }

    [Theory]
    [InlineData("tcp", "sip:pbx.test", "TCP 192.0.2.1:5060")]
    [InlineData("tls", "sip:pbx.test", "TLS 192.0.2.1:5061")]
    [InlineData("tcp", "sip:full.test", "TCP 192.0.2.1:5071")]
    [InlineData("tls", "sip:srv.test", "TLS 192.0.2.1:5082")]
    [InlineData("tcp", "sip:udponly.test", "TCP 192.0.2.79:5060")]
    [InlineData("udp", "sip:full.test", "TLS 192.0.2.1:5072, TCP 192.0.2.1:5071, UDP 192.0.2.1:5070")]
    // what has an address, a port or a transport stays as it is
    [InlineData("tcp", "sip:192.0.2.5", "UDP 192.0.2.5:5060")]
    [InlineData("tls", "sip:192.0.2.5", "UDP 192.0.2.5:5060")]
    [InlineData("tcp", "sip:pbx.test:5090", "UDP 192.0.2.1:5090")]
    [InlineData("tcp", "sip:full.test;transport=udp", "UDP 192.0.2.1:5070")]
    [InlineData("tcp", "sips:192.0.2.5", "TLS 192.0.2.5:5061")]
    [InlineData("tcp", "sips:pbx.test", "TLS 192.0.2.1:5061")]
    public void The_default_transport_is_for_names_without_a_port_or_a_transport(string transport, string uri, string ways)
    {
        Listen("UDP", "TCP", "TLS");
        resolver = new TargetResolver(set, dns, new DnsOptions { DefaultTransport = transport }, new Random(1));
        Assert.Equal(ways, Ways(uri));
    }

    [Theory]
    [InlineData("tel:+49301234", TargetProblem.BadUri)]
    [InlineData("sip:", TargetProblem.BadUri)]
    [InlineData("sip:pbx.test;transport=sctp", TargetProblem.NoTransport)]
    [InlineData("sips:pbx.test;transport=udp", TargetProblem.NoTransport)]
    [InlineData("sip:pbx.test;transport=ws", TargetProblem.NoTransport)]
    [InlineData("sip:[2001:db8::1]", TargetProblem.NoTransport)]
    [InlineData("sip:nowhere.test", TargetProblem.UnknownHost)]
    [InlineData("sip:none.test", TargetProblem.NoService)]
    [InlineData("sip:quiet.test", TargetProblem.NoAnswer)]
    public void Where_there_is_no_way_the_reason_is_told(string uri, TargetProblem problem)
    {
        Listen("UDP", "TCP", "TLS");
        TargetPath path = Find(uri);
        Assert.Empty(path.Ways);
        Assert.False(path.MoveNext());
        Assert.Equal(problem, path.Problem);
    }

    [Fact]
    public void Only_transports_that_we_have_are_used()
    {
        Listen("UDP");
        Assert.Equal("UDP 192.0.2.1:5070", Ways("sip:full.test"));
        Assert.Equal("UDP 192.0.2.1:5080", Ways("sip:srv.test"));
        Assert.DoesNotContain("Srv _sip._tcp.srv.test", dns.Asked);
    }

    [Fact]
    public void Both_families_are_used_where_we_listen_on_both()
    {
        Listen("UDP");
        network.Listen([set], new ListeningPoint { Index = 9, Token = "UDP", Bind = IPEndPoint.Parse("[2001:db8::99]:5060") });
        Assert.Equal("UDP 192.0.2.1:5060, UDP [2001:db8::1]:5060", Ways("sip:pbx.test"));
        Assert.Equal("UDP [2001:db8::5]:5060", Ways("sip:[2001:db8::5]"));
    }

    [Fact]
    public void A_name_of_the_hosts_file_is_a_host_not_a_domain()
    {
        Listen("UDP");
        dns.LocalHosts.Add("full.test");
        Assert.Equal("UDP 192.0.2.77:5060", Ways("sip:full.test"));
        Assert.Equal(["A full.test"], dns.Asked);
    }

    [Fact]
    public void A_maddr_counts_only_where_it_is_trusted()
    {
        Listen("UDP");
        Assert.Equal("UDP 192.0.2.1:5060", Ways("sip:bob@pbx.test;maddr=203.0.113.66"));
        TargetPath trusted = Find("sip:bob@pbx.test;maddr=203.0.113.66", useMaddr: true);
        Assert.Equal("UDP 203.0.113.66:5060", string.Join(", ", trusted.Ways));
    }

    [Fact]
    public void A_way_that_failed_is_tried_last_for_a_while()
    {
        Listen("UDP", "TCP", "TLS");
        TargetPath first = Find("sip:srv.test");
        Assert.True(first.MoveNext());
        first.Failed();
        Assert.Equal("TCP 192.0.2.1:5081, TLS 192.0.2.1:5082, UDP 192.0.2.1:5080", Ways("sip:srv.test"));
        network.Advance(TimeSpan.FromSeconds(60));
        loop.Turn(0);
        Assert.Equal("UDP 192.0.2.1:5080, TCP 192.0.2.1:5081, TLS 192.0.2.1:5082", Ways("sip:srv.test"));
    }

    [Fact]
    public void The_only_way_is_tried_even_if_it_failed()
    {
        Listen("UDP");
        Find("sip:pbx.test").Failed();
        TargetPath path = Find("sip:pbx.test");
        Assert.True(path.MoveNext());
        path.Failed();
        Assert.True(Find("sip:pbx.test").MoveNext());
    }

    [Fact]
    public void The_failures_remembered_are_bounded()
    {
        AvoidedWays avoided = new(loop, 1000);
        for (int i = 0; i < 5000; i++)
        {
            avoided.Add(new TargetWay("UDP", SipAddress.FromIPv4((uint)i, 5060)));
        }

        Assert.Equal(1024, avoided.Count);
        Assert.True(avoided.Contains(new TargetWay("UDP", SipAddress.FromIPv4(4999, 5060))));
        Assert.False(avoided.Contains(new TargetWay("UDP", SipAddress.FromIPv4(0, 5060))));
        network.Advance(TimeSpan.FromSeconds(1));
        loop.Turn(0);
        Assert.False(avoided.Contains(new TargetWay("UDP", SipAddress.FromIPv4(4999, 5060))));
        Assert.Equal(0, avoided.Count);
    }

    [Fact]
    public void The_ways_are_gone_through_in_order()
    {
        Listen("UDP", "TCP");
        TargetPath path = Find("sip:srv.test");
        Assert.True(path.MoveNext());
        Assert.Equal("UDP 192.0.2.1:5080", path.Flow.ToString());
        Assert.True(path.MoveNext());
        Assert.Equal("TCP 192.0.2.1:5081", path.Flow.ToString());
        Assert.False(path.MoveNext());
        Assert.True(path.Flow.IsNone);
    }

    [Fact]
    public void A_request_too_long_for_a_datagram_goes_by_TCP_to_the_same_host()
    {
        // RFC 3261 18.1.1.
        Listen("UDP", "TCP");
        TargetPath path = Find("sip:pbx.test");
        path.MoveNext();
        Assert.False(path.TryUseStream(1300));
        Assert.Equal("UDP 192.0.2.1:5060", path.Flow.ToString());
        Assert.True(path.TryUseStream(1301));
        Assert.Equal("TCP 192.0.2.1:5060", path.Flow.ToString());
        Assert.False(path.TryUseStream(1301));

        // and by UDP after all, if nobody takes the connection
        path.Failed();
        Assert.True(path.MoveNext());
        Assert.Equal("UDP 192.0.2.1:5060", path.Flow.ToString());
        Assert.False(path.TryUseStream(1301));
        Assert.False(path.MoveNext());

        // The next one is not held up again.
        TargetPath later = Find("sip:pbx.test");
        later.MoveNext();
        Assert.False(later.TryUseStream(9999));
    }

    [Fact]
    public void TCP_for_a_long_request_goes_to_the_port_that_the_domain_gives()
    {
        Listen("UDP", "TCP");
        TargetPath path = Find("sip:srv.test");
        path.MoveNext();
        Assert.True(path.TryUseStream(5000));
        Assert.Equal("TCP 192.0.2.1:5081", path.Flow.ToString());
        path.Failed();
        Assert.True(path.MoveNext());
        Assert.Equal("UDP 192.0.2.1:5080", path.Flow.ToString());
        Assert.False(path.MoveNext());
    }

    [Fact]
    public void A_long_request_stays_with_UDP_where_there_is_nothing_else()
    {
        Listen("UDP");
        TargetPath path = Find("sip:pbx.test");
        path.MoveNext();
        Assert.False(path.TryUseStream(5000));
        TargetPath along = TargetPath.Along(path.Flow);
        Assert.True(along.MoveNext());
        Assert.False(along.TryUseStream(5000));
        Assert.False(along.MoveNext());
    }

    private void Listen(params string[] tokens)
    {
        for (int i = 0; i < tokens.Length; i++)
        {
            network.Listen([set], new ListeningPoint { Index = i, Token = tokens[i], Bind = IPEndPoint.Parse($"192.0.2.99:{5060 + i}") });
        }
    }

    private string Ways(string uri) => string.Join(", ", Find(uri).Ways);

    private TargetPath Find(string uri, bool useMaddr = false)
    {
        resolver ??= new TargetResolver(set, dns, null, new Random(1));
        Task<TargetPath> path = resolver.FindAsync(Encoding.UTF8.GetBytes(uri), useMaddr).AsTask();
        Assert.True(path.IsCompletedSuccessfully);
        return path.GetAwaiter().GetResult();
    }
}

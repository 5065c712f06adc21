using System.Net;
using System.Text;
using Sip.Transports;

namespace Sip.B2bua.Tests;

public sealed class LocalDomainsTests
{
    private readonly LocalDomains domains = new(new LocalNames
    {
        Points =
        [
            new ListeningPoint { Token = "UDP", Bind = IPEndPoint.Parse("192.0.2.1:5060"), AdvertisedHost = "sip.example.org" },
            new ListeningPoint { Token = "TCP", Bind = IPEndPoint.Parse("192.0.2.1:5070"), AdvertisedHost = "203.0.113.5", AdvertisedPort = 5080 },
            new ListeningPoint { Token = "UDP", Bind = IPEndPoint.Parse("[::]:5062") },
        ],
        Addresses = [IPAddress.Parse("2001:db8::1"), IPAddress.Parse("198.51.100.7")],
        Aliases = ["example.com", "sip.example.org", "203.0.113.99", "[2001:db8::99]"],
        ServedDomains = ["example.net"],
    });

    [Theory]
    [InlineData("192.0.2.1", 5060, true)]
    [InlineData("192.0.2.1", 5070, true)]
    [InlineData("192.0.2.1", 5061, false)]
    [InlineData("192.0.2.1", -1, true)]
    [InlineData("192.0.2.2", 5060, false)]
    [InlineData("203.0.113.5", 5080, true)]
    [InlineData("203.0.113.5", 5070, false)]
    [InlineData("203.0.113.99", 1234, true)]
    [InlineData("[2001:db8::1]", 5062, true)]
    [InlineData("2001:db8::1", 5062, true)]
    [InlineData("2001:DB8:0:0::1", 5062, true)]
    [InlineData("[2001:db8::1]", 5060, false)]
    [InlineData("[2001:db8::99]", 7, true)]
    [InlineData("[::1]", 5062, true)]
    [InlineData("198.51.100.7", 5062, false)]
    [InlineData("example.com", 1234, true)]
    [InlineData("EXAMPLE.com.", -1, true)]
    [InlineData("notexample.com", -1, false)]
    [InlineData("example.net", -1, false)]
    [InlineData("", -1, false)]
    public void IsUs_compares_names_addresses_and_ports(string host, int port, bool expected) =>
        Assert.Equal(expected, domains.IsUs(Encoding.ASCII.GetBytes(host), port));

    [Theory]
    [InlineData(5060, true)]
    [InlineData(5080, false)]
    public void An_alias_that_is_the_name_of_a_listening_point_needs_its_port(int port, bool expected) =>
        Assert.Equal(expected, domains.IsUs("sip.example.org"u8, port));

    [Fact]
    public void A_name_longer_than_any_name_is_not_ours() => Assert.False(domains.IsUs(new byte[70000], -1));

    [Fact]
    public void An_address_is_ours_when_we_listen_on_it()
    {
        Assert.True(domains.IsUs(SipAddress.From(IPEndPoint.Parse("192.0.2.1:5060"))));
        Assert.False(domains.IsUs(SipAddress.From(IPEndPoint.Parse("192.0.2.1:5090"))));
    }

    [Theory]
    [InlineData("example.com", true)]
    [InlineData("Example.NET.", true)]
    [InlineData("example.org", false)]
    [InlineData("2001:db8::99", true)]
    public void Served_are_aliases_and_declared_domains(string host, bool expected) =>
        Assert.Equal(expected, domains.IsServedDomain(Encoding.ASCII.GetBytes(host)));

    [Theory]
    [InlineData("anything.example", true)]
    [InlineData("192.0.2.1", true)]
    [InlineData("192.0.2.77", false)]
    public void The_star_serves_every_name_but_no_foreign_address(string host, bool expected)
    {
        domains.Replace(new LocalNames
        {
            Points = [new ListeningPoint { Token = "UDP", Bind = IPEndPoint.Parse("192.0.2.1:5060") }],
            ServedDomains = ["*"],
        });
        Assert.Equal(expected, domains.IsServedDomain(Encoding.ASCII.GetBytes(host)));
    }

    [Theory]
    [InlineData("localhost", true)]
    [InlineData("192.0.2.1", true)]
    [InlineData("203.0.113.9", true)]
    [InlineData("192.0.2.77", false)]
    [InlineData("anything.example", false)]
    public void The_word_localhost_serves_this_machine_by_each_of_its_addresses_and_aliases(string host, bool expected)
    {
        domains.Replace(new LocalNames
        {
            Points = [new ListeningPoint { Token = "UDP", Bind = IPEndPoint.Parse("192.0.2.1:5060") }],
            Aliases = ["203.0.113.9"],
            ServedDomains = ["localhost"],
        });
        Assert.Equal(expected, domains.IsServedDomain(Encoding.ASCII.GetBytes(host)));
    }

    [Fact]
    public void Settings_marked_DeclaresDomains_are_collected() =>
        Assert.Equal(["example.org"], LocalNames.DeclaredBy([new Modules.ChoosingOptions(), new Modules.RedOptions()]));
}

using System.Net;
using Microsoft.Extensions.Logging.Abstractions;
using Sip.B2bua.Configuration;
using Sip.Transports;

namespace Sip.B2bua.Tests.Configuration;

/// <summary>flexisip.md b.8: what each part of a URI of <c>transports</c> makes of a listening point.</summary>
public sealed class StackSettingsTests
{
    [Theory]
    [InlineData("sip:203.0.113.5;maddr=10.0.0.5", "", null, "203.0.113.5")]
    [InlineData("sip:sip.example.org;maddr=10.0.0.5", "", "sip.example.org", null)]
    [InlineData("sip:sip.example.org;maddr=10.0.0.5", "203.0.113.5", "sip.example.org", "203.0.113.5")]
    [InlineData("sip:10.0.0.5", "", null, null)]
    [InlineData("sip:10.0.0.5", "2001:db8::5 203.0.113.5", null, "203.0.113.5")]
    [InlineData("sip:0.0.0.0", "203.0.113.5", null, "203.0.113.5")]
    [InlineData("sip:198.51.100.1", "203.0.113.5", null, null)] // the Internet's already
    [InlineData("sip:127.0.0.1", "203.0.113.5", null, null)]
    [InlineData("sip:[fd00::5]", "203.0.113.5 2001:db8::5", null, "2001:db8::5")]
    public void What_is_announced(string transport, string advertised, string? host, string? address)
    {
        ListeningPoint point = PointsOf(transport, advertised)[0];
        Assert.Equal(host, point.AdvertisedHost);
        Assert.Equal(address, point.AdvertisedAddress.IsNone ? null : point.AdvertisedAddress.ToIPAddress().ToString());
    }

    [Fact]
    public void Maddr_is_bound() =>
        Assert.Equal(IPEndPoint.Parse("10.0.0.5:5070"), PointsOf("sip:203.0.113.5:5070;transport=udp;maddr=10.0.0.5")[0].Bind);

    [Fact]
    public void Networks_are_those_that_the_point_sends_to()
    {
        Assert.Equal(["10.0.0.0/8", "192.168.0.0/16"], PointsOf("sip:10.0.0.1;network=10.0.0.0/8,192.168.0.0/16")[0].Networks.Select(n => n.ToString()));
        Assert.Empty(PointsOf("sip:10.0.0.1")[0].Networks);
    }

    [Fact]
    public void No_transport_means_UDP_and_TCP_on_every_address()
    {
        IReadOnlyList<ListeningPoint> points = PointsOf("sip:*:5070");
        Assert.Contains(points, p => p.Token == "UDP" && p.Bind.Equals(IPEndPoint.Parse("0.0.0.0:5070")));
        Assert.Contains(points, p => p.Token == "TCP" && p.Bind.Equals(IPEndPoint.Parse("0.0.0.0:5070")));
    }

    [Fact]
    public void Tls_verify_outgoing_is_on_and_a_client_only_point_is_one_if_the_URI_says_so()
    {
        TlsSettings plain = PointsOf("sips:10.0.0.1")[0].Tls!;
        Assert.True(plain.VerifyOutgoing);
        Assert.False(plain.IsClientOnly);
        Assert.Equal(ClientCertificateRule.NotAsked, plain.ClientCertificates);
        TlsSettings other = PointsOf("sips:10.0.0.1;tls-verify-outgoing=0;tls-client-connection=1;tls-verify-incoming=1;tls-allow-missing-client-certificate=1")[0].Tls!;
        Assert.False(other.VerifyOutgoing);
        Assert.True(other.IsClientOnly);
        Assert.Equal(ClientCertificateRule.Optional, other.ClientCertificates);
        Assert.Equal(ClientCertificateRule.Required, PointsOf("sips:10.0.0.1;require-peer-certificate=1")[0].Tls!.ClientCertificates);
    }

    [Fact]
    public void An_advertised_address_that_is_none_is_a_mistake() =>
        Assert.Contains(new ServerOptions { AdvertisedAddress = ["example.org"] }.Check(), fault => fault.Key == "advertised-address");

    [Fact]
    public void The_limits_of_connections_reach_the_transports()
    {
        var server = new ServerOptions { MaxConnections = 7, MaxConnectionsPerAddress = 6, TlsMaxHandshakes = 5 };
        TransportOptions limits = StackSettings.From(server, NullLogger.Instance, TimeProvider.System).Transports;
        Assert.Equal((7, 6, 5), (limits.MaxConnections, limits.MaxConnectionsPerAddress, limits.MaxHandshakes));
    }

    private static IReadOnlyList<ListeningPoint> PointsOf(string transport, string advertised = "") =>
        StackSettings.From(
            new ServerOptions { Transports = [transport], AdvertisedAddress = advertised.Split(' ', StringSplitOptions.RemoveEmptyEntries) },
            NullLogger.Instance,
            TimeProvider.System).Points;
}

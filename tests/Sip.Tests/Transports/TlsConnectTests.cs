using System.Net;
using System.Text;
using Sip.Transports;

namespace Sip.Tests.Transports;

/// <summary>Connections that we open: RFC 5922 7.3, RFC 5923.</summary>
public sealed class TlsConnectTests : IDisposable
{
    private readonly TestAuthority authority = new();

    public void Dispose() => authority.Dispose();

    [Theory]
    [InlineData("sip.example.org", "sip.example.org")]
    [InlineData("sip.example.org", "SIP.Example.ORG.")]
    [InlineData("sip:example.org", "example.org")]
    [InlineData("127.0.0.1", "127.0.0.1")]
    [InlineData("127.0.0.1", "")]
    public async Task A_peer_that_proves_its_name_is_spoken_to(string certified, string wanted)
    {
        await using SocketServer peer = Peer(authority.Issue(certified));
        await using SocketServer server = Client(authority.Settings("us.example.org"));
        Flow flow = await Open(server, peer, wanted);
        await server.Send(flow, Message("hello"));
        (Flow back, string text) = await peer.Sink.MessageAsync();
        Assert.Equal(Message("hello"), text);
        await peer.Send(back, Message("answer"));
        Assert.Equal(Message("answer"), (await server.Sink.MessageAsync()).Text);
        Assert.True(flow.IsSecure);
    }

    [Theory]
    [InlineData("sip.example.org", "example.org")]
    [InlineData("example.org", "sip.example.org")]
    [InlineData("*.example.org", "sip.example.org")]
    [InlineData("sip:user@example.org", "example.org")]
    [InlineData("sips:example.org", "example.org")]
    [InlineData("127.0.0.2", "127.0.0.1")]
    [InlineData("sip.example.org", "")]
    public async Task A_peer_with_another_name_is_not(string certified, string wanted)
    {
        // 7.2: no suffixes, no wildcards; 7.3: the connection is closed immediately.
        await using SocketServer peer = Peer(authority.Issue(certified));
        await using SocketServer server = Client(authority.Settings("us.example.org"));
        await AssertNotTrusted(server, peer, wanted);
    }

    [Fact]
    public async Task A_peer_whose_certificate_has_expired_is_not()
    {
        TlsSettings settings = authority.Settings("us.example.org");
        await using SocketServer server = Client(settings);
        TlsCertificateFiles files = authority.Write(authority.Issue("sip.example.org", ["sip.example.org"], expired: true), "expired");
        await using OtherServer peer = new(files);
        Flow flow = await server.OnLoop(set => set.TryGetFlow("tls"u8, SipAddress.From(peer.At), "sip.example.org"u8, out Flow f) ? f : default);
        Assert.True(flow.IsSameWay(await server.Sink.FailureAsync()));
        Assert.Equal(CloseReason.NotTrusted, flow.Connection!.CloseReason);
    }

    [Fact]
    public async Task A_peer_certified_by_a_stranger_is_not()
    {
        using TestAuthority stranger = new();
        await using SocketServer peer = Peer(stranger.Issue("sip.example.org"));
        await using SocketServer server = Client(authority.Settings("us.example.org"));
        await AssertNotTrusted(server, peer, "sip.example.org");
    }

    [Fact]
    public async Task The_authorities_of_the_system_do_not_know_a_test()
    {
        await using SocketServer peer = Peer(authority.Issue("sip.example.org"));
        await using SocketServer server = Client(authority.Settings("us.example.org") with { AuthoritiesFile = string.Empty });
        await AssertNotTrusted(server, peer, "sip.example.org");
    }

    [Fact]
    public async Task Without_verification_any_peer_is_spoken_to()
    {
        using TestAuthority stranger = new();
        await using SocketServer peer = Peer(stranger.Issue("elsewhere.example"));
        await using SocketServer server = Client(authority.Settings("us.example.org") with { VerifyOutgoing = false });
        await server.Send(await Open(server, peer, "sip.example.org"), Message("hello"));
        Assert.Equal(Message("hello"), (await peer.Sink.MessageAsync()).Text);
    }

    [Fact]
    public async Task The_name_is_asked_for_in_the_handshake()
    {
        TlsSettings two = authority.Settings("one.example", "two.example");
        await using SocketServer peer = new SocketServer("TLS", "127.0.0.1:0", tls: two).Start();
        await using SocketServer server = Client(authority.Settings("us.example.org"));
        await server.Send(await Open(server, peer, "two.example"), Message("hello"));
        Assert.Equal(Message("hello"), (await peer.Sink.MessageAsync()).Text);
    }

    [Fact]
    public async Task A_connection_is_used_again_for_its_name_and_for_no_other()
    {
        await using SocketServer peer = new SocketServer("TLS", "127.0.0.1:0", tls: authority.Settings("one.example", "two.example")).Start();
        await using SocketServer server = Client(authority.Settings("us.example.org"));
        Flow one = await Open(server, peer, "one.example");
        await server.Send(one, Message("first"));
        await peer.Sink.MessageAsync();
        Flow two = await Open(server, peer, "two.example");
        Assert.NotSame(one.Connection, two.Connection);
        Assert.Same(one.Connection, (await Open(server, peer, "ONE.example.")).Connection);
        Assert.Same(two.Connection, (await Open(server, peer, "two.example")).Connection);
        await AssertNotTrusted(server, peer, "three.example");
        Assert.True(one.IsAlive && two.IsAlive);
    }

    [Fact]
    public async Task A_connection_that_the_peer_opened_is_used_for_the_domain_that_it_proved()
    {
        // RFC 5923 8.2: with the client's certificate its connection serves both ways; without, it does not.
        await using SocketServer server = Client(authority.Settings("us.example.org") with { ClientCertificates = ClientCertificateRule.Optional });
        await using TlsClient proved = await TlsClient.ConnectAsync(server.At("127.0.0.1"), own: authority.Issue("pbx.example.com"));
        await proved.SendAsync(Message("hello"));
        (Flow flow, _) = await server.Sink.MessageAsync();
        Assert.Same(flow.Connection, (await Open(server, proved.Local, "pbx.example.com")).Connection);
        Assert.NotSame(flow.Connection, (await Open(server, proved.Local, "other.example.com")).Connection);

        await using TlsClient silent = await TlsClient.ConnectAsync(server.At("127.0.0.1"));
        await silent.SendAsync(Message("hello"));
        (flow, _) = await server.Sink.MessageAsync();
        Assert.NotSame(flow.Connection, (await Open(server, silent.Local, "pbx.example.com")).Connection);
    }

    [Fact]
    public async Task We_show_our_certificate_to_a_peer_that_asks()
    {
        TlsSettings asks = authority.Settings("sip.example.org") with { ClientCertificates = ClientCertificateRule.Required };
        await using SocketServer peer = new SocketServer("TLS", "127.0.0.1:0", tls: asks).Start();
        await using SocketServer server = Client(authority.Settings("us.example.org"));
        await server.Send(await Open(server, peer, "sip.example.org"), Message("hello"));
        Assert.Equal(["us.example.org"], (await peer.Sink.MessageAsync()).Flow.Connection!.PeerIdentities);
    }

    [Fact]
    public async Task A_point_for_clients_only_needs_no_certificate_and_does_not_listen()
    {
        await using SocketServer peer = Peer(authority.Issue("sip.example.org"));
        await using SocketServer server = Client(new TlsSettings { IsClientOnly = true, AuthoritiesFile = authority.File });
        await server.Send(await Open(server, peer, "sip.example.org"), Message("hello"));
        Assert.Equal(Message("hello"), (await peer.Sink.MessageAsync()).Text);
        Assert.Equal(0, server.Point.Port);
    }

    [Fact]
    public async Task A_peer_without_TLS_fails_its_flow()
    {
        await using SocketServer peer = new SocketServer("TCP", "127.0.0.1:0").Start();
        await using SocketServer server = Client(authority.Settings("us.example.org"));
        Flow flow = await Open(server, peer, "sip.example.org");
        Assert.True(flow.IsSameWay(await server.Sink.FailureAsync()));
        Assert.Equal(CloseReason.HandshakeFailed, flow.Connection!.CloseReason);
    }

    [Fact]
    public async Task A_peer_that_is_silent_fails_its_flow()
    {
        using System.Net.Sockets.TcpListener peer = new(IPAddress.Loopback, 0);
        peer.Start();
        await using SocketServer server = Client(authority.Settings("us.example.org"), new TransportOptions { HandshakeSeconds = 1 });
        Flow flow = await Open(server, (IPEndPoint)peer.LocalEndpoint, "sip.example.org");
        Assert.True(flow.IsSameWay(await server.Sink.FailureAsync()));
        Assert.Equal(CloseReason.HandshakeTimeout, flow.Connection!.CloseReason);
    }

    private static string Message(string body) => $"MESSAGE sip:a@b SIP/2.0\r\nContent-Length: {body.Length}\r\n\r\n{body}";

    private static SocketServer Client(TlsSettings tls, TransportOptions? options = null) =>
        new SocketServer("TLS", "127.0.0.1:0", options, tls: tls).Start();

    private SocketServer Peer(System.Security.Cryptography.X509Certificates.X509Certificate2 certificate) =>
        new SocketServer("TLS", "127.0.0.1:0", tls: new TlsSettings { Certificates = [authority.Write(certificate, "peer")] }).Start();

    private static Task<Flow> Open(SocketServer server, SocketServer peer, string name) => Open(server, peer.At("127.0.0.1"), name);

    private static Task<Flow> Open(SocketServer server, IPEndPoint at, string name) =>
        server.OnLoop(set => set.TryGetFlow("tls"u8, SipAddress.From(at), Encoding.ASCII.GetBytes(name), out Flow flow) ? flow : default);

    private static async Task AssertNotTrusted(SocketServer server, SocketServer peer, string name)
    {
        Flow flow = await Open(server, peer, name);
        await server.Send(flow, Message("secret"));
        Flow failed = await server.Sink.FailureAsync();
        Assert.True(flow.IsSameWay(failed));
        Assert.Equal(CloseReason.NotTrusted, failed.Connection!.CloseReason);
        Assert.False(peer.Sink.HasMessage);
    }
}

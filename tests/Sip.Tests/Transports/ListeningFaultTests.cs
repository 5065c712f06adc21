using System.Net;
using System.Net.Sockets;
using Sip.Messages;
using Sip.Transports;

namespace Sip.Tests.Transports;

/// <summary>Where the stack cannot listen it says so of all points at once, each with what it means.</summary>
public sealed class ListeningFaultTests : ISipUser
{
    private const string Host = "127.83.0.1";

    [Fact]
    public async Task Every_point_that_cannot_be_opened_is_told()
    {
        using Socket datagrams = new(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        datagrams.Bind(IPEndPoint.Parse(Host + ":0"));
        using Socket streams = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        streams.Bind(IPEndPoint.Parse(Host + ":0"));
        streams.Listen();
        int udp = ((IPEndPoint)datagrams.LocalEndPoint!).Port;
        int tcp = ((IPEndPoint)streams.LocalEndPoint!).Port;
        await using SipStack stack = new(
            new SipStackOptions
            {
                EventLoops = 1,
                Points =
                [
                    Point("UDP", $"{Host}:{udp}") with { Written = "sip:pbx;maddr=" + Host },
                    Point("TCP", Host + ":0"),
                    Point("TCP", $"{Host}:{tcp}"),
                    Point("UDP", "203.0.113.77:5060"),
                    Point("TLS", Host + ":0") with { Tls = new TlsSettings { Certificates = [new TlsCertificateFiles("/nowhere.pem", "/nowhere.key")] } },
                ],
            },
            this);

        ListeningException e = Assert.Throws<ListeningException>(stack.Open);

        string[] told = [.. e.Faults.Select(fault => fault.ToString())];
        Assert.Equal(e.Message, string.Join(Environment.NewLine, told));
        Assert.Equal(4, told.Length);
        Assert.Equal($"sip:pbx;maddr={Host}: UDP {Host}:{udp}: the port is taken: another program listens there (ss -lunp 'sport = :{udp}' shows which)", told[0]);
        Assert.Equal($"TCP {Host}:{tcp}: the port is taken: another program listens there (ss -ltnp 'sport = :{tcp}' shows which)", told[1]);
        Assert.StartsWith("UDP 203.0.113.77:5060: this machine has no such address", told[2], StringComparison.Ordinal);
        Assert.Contains("/nowhere.pem", told[3], StringComparison.Ordinal);
        Assert.Single(stack.Points);
    }

    [Fact]
    public async Task What_nobody_has_thought_of_takes_nothing_from_what_is_known()
    {
        InvalidOperationException unusual = new("the web server has none of it");
        await using SipStack stack = new(
            new SipStackOptions
            {
                EventLoops = 1,
                Faults = [new ListeningFault("sip:a.invalid", "unknown")],
                Points = [Point("WS", Host + ":1"), Point("UDP", Host + ":2")],
                OpenPoint = (_, point) => throw (point.Token == "WS" ? unusual : new SocketException((int)SocketError.AddressAlreadyInUse)),
            },
            this);

        ListeningException e = Assert.Throws<ListeningException>(stack.Open);

        Assert.Same(unusual, e.InnerException);
        Assert.Equal(["sip:a.invalid: unknown", $"WS {Host}:1: {unusual.Message}"], e.Faults.Take(2).Select(fault => fault.ToString()));
        Assert.StartsWith($"UDP {Host}:2: the port is taken", e.Faults[2].ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(SocketError.AccessDenied, "80", "ports below 1024 are for root")]
    [InlineData(SocketError.AccessDenied, "5060", "the system does not allow it")]
    [InlineData(SocketError.NetworkDown, "5060", "")]
    public void What_the_system_says_is_put_into_words(SocketError error, string port, string expected)
    {
        SocketException cause = new((int)error);
        ListeningFault fault = ListeningFault.Of(Point("WS", $"{Host}:{port}"), new IOException("wrapped", cause));
        Assert.StartsWith($"WS {Host}:{port}: ", fault.What, StringComparison.Ordinal);
        Assert.Contains(expected.Length > 0 ? expected : "wrapped", fault.What, StringComparison.Ordinal);
    }

    void ISipUser.OnRequest(SipLoop loop, SipMessage request, in Flow flow)
    {
    }

    private static ListeningPoint Point(string token, string bind) => new() { Token = token, Bind = IPEndPoint.Parse(bind) };
}

using Sip.Headers;
using static Sip.Tests.Messages.TestMessages;

namespace Sip.Tests.Headers;

public sealed class ViaTests
{
    [Theory]
    [InlineData("SIP/2.0/UDP a.example", "UDP", "a.example", -1, "", "", -1)]
    [InlineData("SIP/2.0/TCP 192.0.2.1:5062;branch=z9hG4bK1", "TCP", "192.0.2.1", 5062, "z9hG4bK1", "", -1)]
    [InlineData("SIP / 2.0\t/\r\n UDP  first.example : 4000 ; ttl=16 ;maddr=224.2.0.1 ;branch= b1", "UDP", "first.example", 4000, "b1", "", -1)]
    [InlineData("sip/2.0/wss df7jal23ls0d.invalid;RPORT;Branch=x", "wss", "df7jal23ls0d.invalid", -1, "x", "", 0)]
    [InlineData("SIP/2.0/UDP [2001:db8::9]:5;received=2001:db8::9:255;rport=6", "UDP", "[2001:db8::9]", 5, "", "2001:db8::9:255", 6)]
    [InlineData("SIP/2.0/UDP h;received=[::1]", "UDP", "h", -1, "", "::1", -1)]
    [InlineData("SIP/7.0/UDP h", "UDP", "h", -1, "", "", -1)] // so that a request of another version gets its 505
    [InlineData("SIP/2.0/UDP h;x=\"a;branch=no\";branch=yes", "UDP", "h", -1, "yes", "", -1)]
    public void TryParse_Value_HasItsParts(string value, string transport, string host, int port, string branch, string received, int rport)
    {
        Assert.True(Via.TryParse(Bytes(value), out Via via));
        Assert.Equal(transport, Text(via.Transport));
        Assert.Equal(host, Text(via.Host));
        Assert.Equal(port, via.Port);
        Assert.Equal(branch, Text(via.Branch));
        Assert.Equal(received, Text(via.Received));
        Assert.Equal(rport, via.RPort);
    }

    [Theory]
    [InlineData("")]
    [InlineData("SIP/2.0/UDP")]
    [InlineData("SIP/2.0/UDP ")]
    [InlineData("SIP/2.0 a")]
    [InlineData("SIP//UDP a")]
    [InlineData("SIP/2.0/ a")]
    [InlineData("HTTP/2.0/UDP a")]
    [InlineData("SIP/2.0/UDP a:")]
    [InlineData("SIP/2.0/UDP a:65536")]
    [InlineData("SIP/2.0/UDP a:4294967297")]
    [InlineData("SIP/2.0/UDP a;;branch=x")]
    [InlineData("SIP/2.0/UDP a;branch=\"x")]
    [InlineData("SIP/2.0/UDP a;rport=65536")]
    [InlineData("SIP/2.0/UDP a;rport=x")]
    [InlineData("SIP/2.0/UDP [::1")]
    [InlineData("SIP/2.0/UDP []")]
    [InlineData("SIP/2.0/UDP a b")]
    [InlineData("SIP/2.0/UDP a, SIP/2.0/UDP b")]
    public void TryParse_Malformed_IsRefused(string value) => Assert.False(Via.TryParse(Bytes(value), out _));
}

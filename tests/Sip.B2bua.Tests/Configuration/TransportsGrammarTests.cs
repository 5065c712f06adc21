using Sip.B2bua.Configuration;

namespace Sip.B2bua.Tests.Configuration;

public sealed class TransportsGrammarTests
{
    [Theory]
    [InlineData("sip:*", "UDP TCP", "*", 5060, null)]
    [InlineData("SIP:*", "UDP TCP", "*", 5060, null)]
    [InlineData("sip:192.0.2.1:5080", "UDP TCP", "192.0.2.1", 5080, null)]
    [InlineData("sip:192.0.2.1;transport=udp", "UDP", "192.0.2.1", 5060, null)]
    [InlineData("sip:192.0.2.1;transport=TCP", "TCP", "192.0.2.1", 5060, null)]
    [InlineData("sip:*:8080;transport=ws", "WS", "*", 8080, null)]
    [InlineData("sips:sip.example.org", "TLS", "sip.example.org", 5061, null)]
    [InlineData("sips:sip.example.org:443;transport=wss", "WSS", "sip.example.org", 443, null)]
    [InlineData("sip:[2001:db8::1]:5080", "UDP TCP", "2001:db8::1", 5080, null)]
    [InlineData("sip:[::]", "UDP TCP", "::", 5060, null)]
    [InlineData("sip:public.example.org;maddr=10.0.0.5", "UDP TCP", "public.example.org", 5060, "10.0.0.5")]
    [InlineData("sip:public.example.org;maddr=[::1]", "UDP TCP", "public.example.org", 5060, "::1")]
    [InlineData("sip:127.0.0.1:0;transport=udp", "UDP", "127.0.0.1", 0, null)]
    [InlineData("sip:10.0.0.1;network=10.0.0.0/8,192.168.0.0/16", "UDP TCP", "10.0.0.1", 5060, null)]
    [InlineData("sips:*;tls-certificates-file=/a.pem;tls-verify-incoming=1", "TLS", "*", 5061, null)]
    public void A_URI_is_read(string text, string tokens, string host, int port, string? maddr)
    {
        var uri = Assert.Single(TransportsGrammar.Parse([text], out var faults));
        Assert.Empty(faults);
        Assert.Equal((tokens, host, port, maddr), (string.Join(' ', uri.Tokens), uri.Host, uri.Port, uri.Maddr));
        Assert.Equal(maddr ?? host, uri.BindHost);
    }

    [Theory]
    [InlineData("*", "begin with sip:")]
    [InlineData("tel:123", "begin with sip:")]
    [InlineData("sip:", "host")]
    [InlineData("sip:a b", "host")]
    [InlineData("sip:user@host", "no user part")]
    [InlineData("sip:*:sip", "port")]
    [InlineData("sip:*:65536", "port")]
    [InlineData("sip:2001:db8::1", "brackets")]
    [InlineData("sip:[192.0.2.1]", "IPv6")]
    [InlineData("sip:*;transport=sctp", "udp, tcp or ws")]
    [InlineData("sip:*;transport=tls", "write sips:")]
    [InlineData("sips:*;transport=tls", "write sips:")]
    [InlineData("sips:*;transport=udp", "TLS")]
    [InlineData("sip:*;tls-certificates-file=/a.pem", "belongs to sips:")]
    [InlineData("sips:*;tls-certificate-file=/a.pem", "did you mean \"tls-certificates-file\"?")]
    [InlineData("sip:*;transport=udp;transport=tcp", "twice")]
    [InlineData("sip:*;maddr=example.org", "maddr")]
    [InlineData("sip:*;network=10.0.0.0/8", "one IPv4 address")]
    [InlineData("sip:10.0.0.1;network=10.0.0.0/99", "IPv4 networks")]
    public void A_URI_with_a_mistake_says_which(string text, string expected)
    {
        Assert.Empty(TransportsGrammar.Parse([text], out var faults));
        Assert.Contains(expected, Assert.Single(faults), StringComparison.Ordinal);
    }

    [Fact]
    public void One_port_is_not_taken_twice()
    {
        Assert.Equal(2, TransportsGrammar.Parse(["sip:*;transport=udp", "sip:*;transport=tcp"], out var none).Count);
        Assert.Empty(none);
        TransportsGrammar.Parse(["sip:*", "sips:*:5060"], out var faults);
        Assert.Contains("taken", Assert.Single(faults), StringComparison.Ordinal);
    }

    [Fact]
    public void All_faults_are_told_at_once()
    {
        Assert.Single(TransportsGrammar.Parse(["x", "sip:*", "y"], out var faults));
        Assert.Equal(2, faults.Count);
    }
}

using Sip.B2bua;
using Sip.B2bua.Plugins.Capabilities;
using Sip.Messages;

namespace Plugins.Tests.Capabilities;

public sealed class CapabilitiesTests
{
    [Theory]
    [InlineData("OPTIONS", "sip:198.51.100.1", true)]
    [InlineData("OPTIONS", "sip:198.51.100.1:5060;transport=udp", true)]
    [InlineData("OPTIONS", "sip:example.org", true)]
    [InlineData("OPTIONS", "sip:bob@example.org", false)]
    [InlineData("OPTIONS", "sip:198.51.100.1:5080", false)]
    [InlineData("OPTIONS", "sip:example.com", false)]
    [InlineData("MESSAGE", "sip:example.org", false)]
    public async Task Options_to_the_server_itself_is_answered(string method, string uri, bool answered)
    {
        FakeRequestContext context = new($"""
            {method} {uri} SIP/2.0
            Via: SIP/2.0/UDP 192.0.2.10:5060;branch=z9hG4bK1
            From: <sip:alice@example.org>;tag=1
            To: <{uri}>
            Call-ID: c1
            CSeq: 1 {method}
            Content-Length: 0


            """);
        Verdict verdict = await new CapabilitiesModule(new FakeDomains("example.org")).OnRequestAsync(context);
        Assert.Equal(answered ? Verdict.Done : Verdict.Continue, verdict);
        Assert.Equal(answered ? 200 : 0, context.StatusCode);
        if (answered)
        {
            // RFC 3261 11.2.
            Assert.Contains("INVITE", context.Header(HeaderId.Allow));
            Assert.Equal(["application/sdp"], context.Header(HeaderId.Accept));
            Assert.Contains("timer", context.Header(HeaderId.Supported));
        }
    }
}

using System.Net;
using System.Text;
using Sip.B2bua.Plugins.MediaRelay;
using Sip.Sdp;

namespace Plugins.Tests.MediaRelay;

public class SourcePoliciesTests
{
    [Theory]
    [InlineData("192.168.1.5", "203.0.113.9", "203.0.113.9:7078", "a private address, signalling from a public one: behind NAT")]
    [InlineData("192.168.1.5", "192.168.1.7", "192.168.1.5:7078", "both private: the same network")]
    [InlineData("198.51.100.4", "203.0.113.9", "198.51.100.4:7078", "a public media server")]
    [InlineData("127.0.0.1", "192.168.1.7", "192.168.1.7:7078", "another machine's loopback is not ours")]
    [InlineData("127.0.0.1", "127.0.0.1", "127.0.0.1:7078", "a phone on this machine")]
    [InlineData("100.64.3.4", "203.0.113.9", "203.0.113.9:7078", "carrier-grade NAT, RFC 6598")]
    [InlineData("169.254.3.4", "203.0.113.9", "203.0.113.9:7078", "link-local")]
    [InlineData("224.0.0.1", "203.0.113.9", "203.0.113.9:7078", "multicast is never sent to")]
    [InlineData("phone.example.com", "203.0.113.9", "203.0.113.9:7078", "a name is not resolved")]
    [InlineData("fd00::5", "2001:db8::9", "[2001:db8::9]:7078", "a unique local IPv6 address")]
    public void The_first_target_is_the_described_address_unless_it_cannot_be_reached(string described, string signalling, string target, string why)
    {
        SourcePolicy policy = Policies(described, signalling, "").Rtp;
        Assert.True(target == policy.FirstTarget.ToEndPoint()?.ToString(), why);
        Assert.True(policy.Allows(NativeAddress.From(IPAddress.Parse(signalling), 9)));
        Assert.False(policy.Allows(NativeAddress.From(IPAddress.Parse("8.8.8.8"), 7078)));
    }

    [Theory]
    [InlineData("", "198.51.100.4:7079")]
    [InlineData("a=rtcp:9000\r\n", "198.51.100.4:9000")]
    [InlineData("a=rtcp:9000 IN IP4 198.51.100.5\r\n", "198.51.100.5:9000")]
    [InlineData("a=rtcp:70000\r\n", null)]
    [InlineData("a=rtcp:\r\n", null)]
    public void Rtcp_goes_where_the_attribute_says_or_to_the_next_port(string extra, string? target) // RFC 3605 2.1
    {
        SourcePolicy policy = Policies("198.51.100.4", "203.0.113.9", extra).Rtcp;
        Assert.Equal(target, policy.FirstTarget.ToEndPoint()?.ToString());
    }

    private static (SourcePolicy Rtp, SourcePolicy Rtcp) Policies(string described, string signalling, string extra)
    {
        string family = described.Contains(':', StringComparison.Ordinal) ? "IP6" : "IP4";
        SdpSession session = new();
        byte[] sdp = Encoding.ASCII.GetBytes($"v=0\r\no=- 1 1 IN {family} {described}\r\ns=-\r\nc=IN {family} {described}\r\nm=audio 7078 RTP/AVP 0\r\n{extra}");
        Assert.Equal(SdpError.None, SdpParser.Parse(sdp, session));
        RelayParty party = new(IPAddress.Parse(signalling), IPAddress.Loopback, IPAddress.IPv6Loopback);
        return SourcePolicies.From(party, session.MediaAt(0), muxed: false, (_, _) => false);
    }
}

using Sip.B2bua.Configuration;

namespace Sip.B2bua.Tests.Configuration;

public sealed class SettingNameTests
{
    [Theory]
    [InlineData("Enabled", "enabled")]
    [InlineData("MaxContactsByAor", "max-contacts-by-aor")]
    [InlineData("No403", "no-403")]
    [InlineData("NewAuthOn407", "new-auth-on-407")]
    [InlineData("H264FilteringBandwidth", "h264-filtering-bandwidth")]
    [InlineData("H264IframeDecim", "h264-iframe-decim")]
    [InlineData("TLSCiphers", "tls-ciphers")]
    [InlineData("EnableGRUU", "enable-gruu")]
    [InlineData("UdpMtu", "udp-mtu")]
    [InlineData("RedisTlsCafile", "redis-tls-cafile")]
    public void A_property_is_called_in_kebab_case(string name, string key) => Assert.Equal(key, SettingName.Kebab(name));

    [Theory]
    [InlineData("aliasses", "aliases")]
    [InlineData("transport", "transports")]
    [InlineData("max-cals", "max-calls")]
    [InlineData("lgo-level", "log-level")]
    [InlineData("xyz", null)]
    [InlineData("q", null)]
    public void The_nearest_name_is_found_when_it_is_near(string written, string? expected) =>
        Assert.Equal(expected, NearestName.Of(written, ["aliases", "transports", "max-calls", "log-level", "abc"]));
}

using Sip.Headers;
using Sip.Messages;
using static Sip.Tests.Messages.TestMessages;

namespace Sip.Tests.Headers;

public sealed class SmallHeaderTests
{
    // RFC 3262 7.2
    [Fact]
    public void RAck_Value_HasBothNumbersAndTheMethod()
    {
        Assert.True(RAck.TryParse("776656 1 INVITE"u8, out RAck rack));
        Assert.Equal((776656u, 1u, SipMethod.Invite), (rack.ResponseNumber, rack.CSeqNumber, rack.Method));
        Assert.True(RAck.TryParse("1\t2\r\n INVITE"u8, out _));
    }

    [Theory]
    [InlineData("0 1 INVITE")]
    [InlineData("4294967296 1 INVITE")]
    [InlineData("1 4294967296 INVITE")]
    [InlineData("1 INVITE")]
    [InlineData("1 1")]
    [InlineData("")]
    public void RAck_Malformed_IsRefused(string value) => Assert.False(RAck.TryParse(Bytes(value), out _));

    // RFC 3891 6.1
    [Fact]
    public void Replaces_Value_HasCallIdAndBothTags()
    {
        Assert.True(Replaces.TryParse("98732@sip.example.com ;from-tag=r33th4x0r\r\n ;to-tag=ff87ff;early-only"u8, out Replaces replaces));
        Assert.Equal("98732@sip.example.com", Text(replaces.CallId));
        Assert.Equal("ff87ff", Text(replaces.ToTag));
        Assert.Equal("r33th4x0r", Text(replaces.FromTag));
        Assert.True(replaces.EarlyOnly);
    }

    [Theory]
    [InlineData("a@b")]
    [InlineData("a@b;to-tag=1")]
    [InlineData("a@b;from-tag=1")]
    [InlineData("a@b;to-tag;from-tag=1")]
    [InlineData(";to-tag=1;from-tag=2")]
    [InlineData("a b;to-tag=1;from-tag=2")]
    public void Replaces_WithoutCallIdOrBothTags_IsRefused(string value) => Assert.False(Replaces.TryParse(Bytes(value), out _));

    // RFC 4028 4
    [Theory]
    [InlineData("1800", 1800, false, false)]
    [InlineData("90 ; refresher = UAC", 90, true, false)]
    [InlineData("4294967295;x;refresher=uas", 4294967295, false, true)]
    public void SessionExpires_Value_HasSecondsAndRefresher(string value, uint seconds, bool isUac, bool isUas)
    {
        Assert.True(SessionExpires.TryParse(Bytes(value), out SessionExpires expires));
        Assert.Equal((seconds, isUac, isUas), (expires.Seconds, expires.IsUac, expires.IsUas));
    }

    [Theory]
    [InlineData("")]
    [InlineData("x")]
    [InlineData("-1")]
    [InlineData("4294967296")]
    [InlineData("90;;refresher=uac")]
    public void SessionExpires_Malformed_IsRefused(string value) => Assert.False(SessionExpires.TryParse(Bytes(value), out _));
}

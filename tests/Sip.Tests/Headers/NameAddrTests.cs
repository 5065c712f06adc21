using Sip.Headers;
using static Sip.Tests.Messages.TestMessages;

namespace Sip.Tests.Headers;

public sealed class NameAddrTests
{
    [Theory]
    [InlineData("<sip:a@b>", "", "sip:a@b", "")]
    [InlineData("sip:a@b;tag=1", "", "sip:a@b", "1")]
    [InlineData("Alice B <sip:a@b;lr>;tag=1", "Alice B", "sip:a@b;lr", "1")]
    [InlineData("\"A, \\\" <B>;tag=0\"<sip:a@b> ; tag = 1", "\"A, \\\" <B>;tag=0\"", "sip:a@b", "1")]
    [InlineData("caller<sip:a@b?x=y>;x;tag=1;y=\"z\"", "caller", "sip:a@b?x=y", "1")]
    [InlineData(" \r\n \"\" \r\n <sip:a@b>", "\"\"", "sip:a@b", "")]
    [InlineData("<tel:+1-201-555-0123>;tag=1", "", "tel:+1-201-555-0123", "1")]
    public void TryParse_Value_HasItsParts(string value, string name, string uri, string tag)
    {
        Assert.True(NameAddr.TryParse(Bytes(value), out NameAddr address));
        Assert.Equal(name, Text(address.DisplayName));
        Assert.Equal(uri, Text(address.Uri));
        Assert.Equal(tag, Text(address.Tag));
        Assert.False(address.IsStar);
    }

    [Fact]
    public void TryParse_Star_IsStar()
    {
        Assert.True(NameAddr.TryParse(" * "u8, out NameAddr address));
        Assert.True(address.IsStar);
        Assert.True(address.Uri.IsEmpty);
    }

    [Theory]
    [InlineData("")]
    [InlineData("*;expires=0")]
    [InlineData("alice")]
    [InlineData("<>")]
    [InlineData("<a@b>")]
    [InlineData("<sip:a@b")]
    [InlineData("\"Alice <sip:a@b>")]
    [InlineData("\"Alice\" x <sip:a@b>")]
    [InlineData("\"Alice\"")]
    [InlineData("Bell, Alexander <sip:a@b>")]
    [InlineData("< sip:a@b >")]
    [InlineData("<sip:a b@c>")]
    [InlineData("<sip:a@b>;;")]
    [InlineData("<sip:a@b>;")]
    [InlineData("<sip:a@b> x")]
    [InlineData("<sip:a@b>;x=\"y")]
    [InlineData("<sip:a@b>,<sip:c@d>")]
    // 20.10: with a question mark or a comma it must stand in brackets.
    [InlineData("sip:a@b?Route=x")]
    [InlineData("sip:a,b@c")]
    public void TryParse_Malformed_IsRefused(string value) => Assert.False(NameAddr.TryParse(Bytes(value), out _));

    [Fact]
    public void Params_Enumerated_KeepOrderAndQuotes()
    {
        Assert.True(NameAddr.TryParse("<sip:a@b>;q=0.5;+sip.instance=\"<urn:uuid:1>\";ob"u8, out NameAddr address));
        List<string> found = [];
        foreach ((ReadOnlySpan<byte> name, ReadOnlySpan<byte> value) in address.Params)
        {
            found.Add(Text(name) + "|" + Text(value));
        }

        Assert.Equal(["q|0.5", "+sip.instance|\"<urn:uuid:1>\"", "ob|"], found);
        Assert.True(address.Params.TryGet("+SIP.Instance"u8, out ReadOnlySpan<byte> instance));
        Assert.Equal("<urn:uuid:1>", Text(HeaderParams.Unquote(instance)));
        Assert.False(address.Params.Has("instance"u8));
    }

    [Theory]
    [InlineData("\"a\\\"b\\\\\"", "a\"b\\")]
    [InlineData("plain", "plain")]
    [InlineData("\"", "\"")]
    [InlineData("\"\"", "")]
    public void TryUnquote_QuotedPairs_AreResolved(string value, string expected)
    {
        Span<byte> to = stackalloc byte[32];
        Assert.True(HeaderParams.TryUnquote(Bytes(value), to, out int written));
        Assert.Equal(expected, Text(to[..written]));
        Assert.Equal(expected.Length == 0, HeaderParams.TryUnquote(Bytes(value), default, out _));
    }
}

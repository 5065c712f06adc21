using Sip.Uris;
using static Sip.Tests.Messages.TestMessages;

namespace Sip.Tests.Uris;

public sealed class SipUriTests
{
    [Fact]
    public void TryParse_EveryVector_HasItsParts()
    {
        Span<byte> user = stackalloc byte[128];
        foreach (string[] row in Rows("vectors/uri/sip-parse.tsv"))
        {
            Assert.True(SipUri.TryParse(Bytes(row[0]), out SipUri uri), row[0]);
            Assert.True(SipUris.TryUnescape(uri.User, user, out int length));
            Assert.Equal(row[1], Text(uri.Scheme));
            Assert.Equal(row[2].Replace("\\x00", "\0"), Text(user[..length]));
            Assert.Equal(row[3], Text(uri.Password));
            Assert.Equal(row[4], Text(uri.Host));
            Assert.Equal(row[5].Length == 0 ? -1 : int.Parse(row[5]), uri.Port);
            Assert.Equal(row[6], Text(uri.Params));
            Assert.Equal(row[7], Text(uri.Headers));
            Assert.Equal(row[1] == "sips", uri.IsSecure);
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData("sip")]
    [InlineData("sip:")]
    [InlineData("sipx:a@b")]
    [InlineData("http://example.com")]
    [InlineData("sip:@b")]
    [InlineData("sip:a@")]
    [InlineData("sip:a@b@c")]
    [InlineData("sip:a@b:")]
    [InlineData("sip:a@b:x")]
    [InlineData("sip:a@b:65536")]
    [InlineData("sip:a@b:4294972356")]
    [InlineData("sip:2001:db8::10")]
    [InlineData("sip:a@[2001:db8::10")]
    [InlineData("sip:a@[]")]
    [InlineData("sip:a b@c")]
    [InlineData("sip:a%4@b")]
    [InlineData("sip:a%zz@b")]
    [InlineData("sip:a@b;x=%")]
    [InlineData("sip:a@b;x y")]
    [InlineData("sip:a@b>")]
    [InlineData("sip:a@b\0c")]
    [InlineData("sip:a@b%00c")]
    [InlineData("sip:a\r\n@b")]
    public void TryParse_Malformed_IsRefused(string text) => Assert.False(SipUri.TryParse(Bytes(text), out _));

    [Fact]
    public void TryGetParam_Name_IgnoresCaseAndEscapes()
    {
        Assert.True(SipUri.TryParse("sip:a@b;Tr%61nsport=TCP;lr;;x="u8, out SipUri uri));
        Assert.True(uri.TryGetParam("transport"u8, out ReadOnlySpan<byte> transport));
        Assert.Equal("TCP", Text(transport));
        Assert.True(uri.HasParam("LR"u8));
        Assert.True(uri.HasParam("x"u8));
        Assert.False(uri.HasParam("l"u8));
    }

    [Theory]
    [InlineData("alice", "alice")]
    [InlineData("a b@c%#\0", "a%20b%40c%25%23%00")]
    [InlineData("+1;x=&,?/", "+1;x=&,?/")]
    [InlineData("é", "%C3%A9")]
    public void TryEscapeUser_Text_IsWrittenSoThatItReadsBack(string text, string expected)
    {
        Span<byte> escaped = stackalloc byte[64];
        Assert.True(SipUris.TryEscapeUser(Bytes(text), escaped, out int length));
        Assert.Equal(expected, Text(escaped[..length]));
        Span<byte> back = stackalloc byte[64];
        Assert.True(SipUris.TryUnescape(escaped[..length], back, out int again));
        Assert.Equal(text, Text(back[..again]));
        Assert.False(SipUris.TryEscapeUser(Bytes(text), escaped[..(length - 1)], out _));
    }

    [Fact]
    public void Equal_EveryVector_IsAsRfc3261Says()
    {
        foreach (string[] row in Rows("vectors/uri/sip-compare.tsv"))
        {
            Assert.True(SipUriComparer.Equal(Bytes(row[0]), Bytes(row[1])) == (row[2] == "equal"), string.Join(" ", row));
            Assert.True(SipUriComparer.Equal(Bytes(row[1]), Bytes(row[0])) == (row[2] == "equal"), string.Join(" ", row));
            Assert.True(SipUriComparer.Equal(Bytes(row[0]), Bytes(row[0])));
        }
    }

    // 19.1.4: escapes count as their octets, but for the reserved ones.
    [Theory]
    [InlineData("sip:a%3Bb@c", "sip:a;b@c", false)]
    [InlineData("sip:a%3bb@c", "sip:a%3Bb@c", true)]
    [InlineData("sip:%41@c", "sip:A@c", true)]
    [InlineData("sip:a%00@c", "sip:a@c", false)]
    [InlineData("sip:a%00@c", "sip:a%00%00@c", false)]
    [InlineData("sip:a:@c", "sip:a@c", false)]
    [InlineData("sip:a@c;transport=tcp", "sip:a@c;transport=udp", false)]
    [InlineData("nothing", "nothing", false)]
    public void Equal_Escapes_CountAsTheirOctetsButForReservedOnes(string a, string b, bool expected) =>
        Assert.Equal(expected, SipUriComparer.Equal(Bytes(a), Bytes(b)));

    [Fact]
    public void Equal_ThousandsOfParameters_CostNoMoreThanLinearTime()
    {
        string many = string.Concat(Enumerable.Range(0, 10_000).Select(i => ";a" + i));
        Cost.IsBelow(1, () =>
        {
            Assert.True(SipUriComparer.Equal(Bytes("sip:a@b" + many), Bytes("sip:a@b" + many)));
            Assert.False(SipUriComparer.Equal(Bytes("sip:a@b" + many), Bytes("sip:a@b;z" + many)));
        });
    }
}

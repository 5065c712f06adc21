using Sip.Uris;
using static Sip.Tests.Messages.TestMessages;

namespace Sip.Tests.Uris;

public sealed class TelUriTests
{
    [Fact]
    public void TryParse_EveryVector_HasItsParts()
    {
        foreach (string[] row in Rows("vectors/uri/tel.tsv"))
        {
            Assert.True(TelUri.TryParse(Bytes(row[0]), out TelUri uri), row[0]);
            Assert.Equal(row[1] == "global", uri.IsGlobal);
            Assert.Equal(row[2], Digits(uri.Number));
            Assert.Equal(row[3], uri.PhoneContext is [(byte)'+', ..] ? Digits(uri.PhoneContext) : Text(uri.PhoneContext));
        }
    }

    [Theory]
    [InlineData("tel:")]
    [InlineData("tel:+")]
    [InlineData("tel:-.()")]
    [InlineData("tel:+1x")]
    [InlineData("tel:+12#")]
    [InlineData("tel:7042")]
    [InlineData("tel:7042;phone-context=")]
    [InlineData("tel:+1;x=%z")]
    [InlineData("sip:+1@x")]
    public void TryParse_Malformed_IsRefused(string text) => Assert.False(TelUri.TryParse(Bytes(text), out _));

    [Fact]
    public void Equal_EveryVector_IsAsRfc3966Says()
    {
        foreach (string[] row in Rows("vectors/uri/tel-compare.tsv"))
        {
            Assert.True(TelUriComparer.Equal(Bytes(row[0]), Bytes(row[1])) == (row[2] == "equal"), string.Join(" ", row));
            Assert.True(TelUriComparer.Equal(Bytes(row[1]), Bytes(row[0])) == (row[2] == "equal"), string.Join(" ", row));
        }
    }

    private static string Digits(ReadOnlySpan<byte> number)
    {
        Span<byte> digits = stackalloc byte[64];
        Assert.True(TelUri.TryWriteDigits(number, digits, out int written));
        return Text(digits[..written]);
    }
}

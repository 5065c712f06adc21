using System.Text;
using Sip.Messages;

namespace Sip.Tests.Messages;

public sealed class KnownTextsTests
{
    [Fact]
    public void A_text_that_was_read_before_is_given_again_and_costs_nothing()
    {
        string first = KnownTexts.Get("alice@example.org"u8);
        Assert.Equal("alice@example.org", first);
        Assert.Same(first, KnownTexts.Get("alice@example.org"u8));
        Assert.Same(first, KnownTexts.Get("alice@example.org".AsSpan()));
        Assert.Equal(0, Allocation.Least(() => KnownTexts.Get("alice@example.org"u8)));
    }

    [Theory]
    [InlineData("")]
    [InlineData("Zoë & 電話/1.0")]
    [InlineData("0123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789")]
    public void What_is_not_kept_is_read_all_the_same(string text) =>
        Assert.Equal((text, text), (KnownTexts.Get(Encoding.UTF8.GetBytes(text)), KnownTexts.Get(text.AsSpan())));

    [Fact]
    public void Texts_that_share_a_place_are_not_taken_for_one_another()
    {
        for (int round = 0; round < 2; round++)
        {
            for (int i = 0; i < 10_000; i++) // more than there are places
            {
                string text = $"user{i}@example.org";
                Assert.Equal(text, KnownTexts.Get(Encoding.UTF8.GetBytes(text)));
            }
        }
    }
}

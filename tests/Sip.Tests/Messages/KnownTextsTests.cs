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
    public void The_texts_of_many_users_are_all_known_once_they_have_come_a_few_times()
    {
        byte[][] texts = [.. Enumerable.Range(0, 8_000).Select(i => Encoding.UTF8.GetBytes($"sip:{i}@many.example.org"))];
        for (int round = 0; round < 40; round++)
        {
            Array.ForEach(texts, text => KnownTexts.Get(text));
        }

        string[] first = [.. texts.Select(text => KnownTexts.Get(text))];
        int same = texts.Zip(first).Count(pair => ReferenceEquals(pair.Second, KnownTexts.Get(pair.First)));
        Assert.InRange(same, 7_600, 8_000); // a few share their two places with two others
    }

    [Fact]
    public void Texts_that_share_a_place_are_not_taken_for_one_another()
    {
        for (int round = 0; round < 2; round++)
        {
            for (int i = 0; i < 100_000; i++) // more than there are places
            {
                string text = $"user{i}@example.org";
                Assert.Equal(text, KnownTexts.Get(Encoding.UTF8.GetBytes(text)));
            }
        }
    }
}

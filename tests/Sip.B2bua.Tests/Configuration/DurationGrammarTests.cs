using Sip.B2bua.Configuration;

namespace Sip.B2bua.Tests.Configuration;

public sealed class DurationGrammarTests
{
    [Theory]
    [InlineData("0", "s", 0)]
    [InlineData("3600", "s", 3_600_000)]
    [InlineData("32000", "ms", 32_000)]
    [InlineData("60s", "ms", 60_000)]
    [InlineData("10min", "ms", 600_000)]
    [InlineData("2", "min", 120_000)]
    [InlineData("2h", "min", 7_200_000)]
    [InlineData("30d", "s", 2_592_000_000)]
    [InlineData("1m", "s", 2_629_746_000)] // m is a month: 30.436875 days
    [InlineData("100y", "s", 3_155_695_200_000)] // a year is 365.2425 days
    public void A_duration_is_read(string text, string unit, long milliseconds)
    {
        Assert.True(DurationGrammar.TryParse(text, unit, out var value, out _));
        Assert.Equal(TimeSpan.FromMilliseconds(milliseconds), value);
    }

    [Theory]
    [InlineData("", "s")]
    [InlineData("s", "s")]
    [InlineData("-1", "s")]
    [InlineData("1.5s", "s")]
    [InlineData("1 s", "s")]
    [InlineData("1sec", "s")]
    [InlineData("1S", "s")]
    [InlineData("1s2", "s")]
    [InlineData("500ms", "s")] // finer than the parameter
    [InlineData("30s", "min")]
    [InlineData("99999999999999999999", "s")]
    [InlineData("9223372036854775807y", "s")]
    public void Anything_else_is_refused_with_a_reason(string text, string unit)
    {
        Assert.False(DurationGrammar.TryParse(text, unit, out _, out var fault));
        Assert.NotEmpty(fault);
    }

    [Theory]
    [InlineData(60_000, "ms", "60000")]
    [InlineData(60_000, "s", "60")]
    [InlineData(60_000, "min", "1")]
    public void A_duration_is_written_in_the_unit_of_its_parameter(long milliseconds, string unit, string expected) =>
        Assert.Equal(expected, DurationGrammar.Format(TimeSpan.FromMilliseconds(milliseconds), unit));
}

using System.Globalization;

namespace Sip.B2bua.Configuration;

/// <summary>
/// Durations: digits and a unit, <c>ms s min h d m y</c>. Without one the parameter's own unit counts. <c>m</c> is a month and <c>y</c>
/// a year of the Gregorian mean. A unit finer than the parameter's is refused.
/// </summary>
internal static class DurationGrammar
{
    // In milliseconds, finest first. A month is 30.436875 days, a year 365.2425.
    private static readonly (string Unit, long Length)[] Units =
    [
        ("ms", 1),
        ("s", 1_000),
        ("min", 60_000),
        ("h", 3_600_000),
        ("d", 86_400_000),
        ("m", 2_629_746_000),
        ("y", 31_556_952_000),
    ];

    /// <summary>Reads a duration.</summary>
    /// <param name="text">What was written.</param>
    /// <param name="ownUnit">The parameter's unit: <c>ms</c>, <c>s</c> or <c>min</c>.</param>
    /// <param name="value">The duration.</param>
    /// <param name="fault">What is wrong, when false is returned.</param>
    public static bool TryParse(ReadOnlySpan<char> text, string ownUnit, out TimeSpan value, out string fault)
    {
        value = default;
        fault = "";
        var digits = text.IndexOfAnyExceptInRange('0', '9');
        var number = digits < 0 ? text : text[..digits];
        var unit = digits < 0 ? ownUnit : text[digits..].ToString();
        var own = Index(ownUnit);
        var index = Index(unit);
        if (number.IsEmpty || index < 0)
        {
            fault = $"must be a duration: digits and one of {string.Join(' ', Units[own..].Select(u => u.Unit))} (m is a month); without unit {ownUnit}";
            return false;
        }

        if (index < own)
        {
            fault = $"is counted in {ownUnit}: {unit} is too fine";
            return false;
        }

        if (!long.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out var count)
            || count > TimeSpan.MaxValue.Ticks / TimeSpan.TicksPerMillisecond / Units[index].Length)
        {
            fault = "is too long";
            return false;
        }

        value = TimeSpan.FromTicks(count * Units[index].Length * TimeSpan.TicksPerMillisecond);
        return true;
    }

    /// <summary>Writes a duration in the unit given, or in ms where that would lose something.</summary>
    public static string Format(TimeSpan value, string ownUnit)
    {
        var milliseconds = value.Ticks / TimeSpan.TicksPerMillisecond;
        var own = Units[Index(ownUnit)];
        return milliseconds % own.Length == 0
            ? (milliseconds / own.Length).ToString(CultureInfo.InvariantCulture)
            : $"{milliseconds}ms";
    }

    private static int Index(string unit) => Array.FindIndex(Units, u => u.Unit == unit);
}

using System.Globalization;
using Sip.B2bua.Modules.Filters;

namespace Sip.B2bua.Configuration;

/// <summary>Reads and writes the values of settings, by type. Junk behind a number is refused, other than in Flexisip.</summary>
internal static class SettingGrammar
{
    private static readonly char[] Blanks = [' ', '\t', '\r', '\n'];

    /// <summary>Whether settings of this type exist.</summary>
    public static bool Knows(Type type) => type.IsEnum || type == typeof(bool) || type == typeof(int) || type == typeof(long)
        || type == typeof(string) || type == typeof(IReadOnlyList<string>) || type == typeof(TimeSpan)
        || type == typeof(PortRange) || type == typeof(BooleanExpression);

    /// <summary>Reads <paramref name="text"/> as a value of the setting's type, within the bounds it gives.</summary>
    public static SettingReading Read(Type type, string text, SettingAttribute setting)
    {
        if (type == typeof(bool))
        {
            return Boolean(text);
        }

        if (type == typeof(int) || type == typeof(long))
        {
            return Number(type, text, setting);
        }

        if (type == typeof(TimeSpan))
        {
            return Duration(text, setting);
        }

        if (type == typeof(PortRange))
        {
            return Range(text);
        }

        if (type == typeof(IReadOnlyList<string>))
        {
            return List(text, setting);
        }

        if (type == typeof(BooleanExpression))
        {
            var expression = FilterParser.Parse(text, out var fault);
            return expression is not null
                ? SettingReading.Good(expression)
                : SettingReading.Bad($"is no condition: {fault!.What}", fault.Suggestion, fault.At);
        }

        return type.IsEnum ? Word(type, text) : Text(text, setting);
    }

    /// <summary>Writes a value so that <see cref="Read"/> gives it back.</summary>
    public static string Write(object? value, SettingAttribute setting) => value switch
    {
        null => "",
        bool b => b ? "true" : "false",
        TimeSpan t => DurationGrammar.Format(t, setting.Unit ?? "s"),
        IReadOnlyList<string> list => string.Join(' ', list),
        Enum word => SettingName.Kebab(word.ToString()),
        IFormattable number => number.ToString(null, CultureInfo.InvariantCulture),
        _ => value.ToString() ?? "",
    };

    /// <summary>The words an enum has in a file.</summary>
    public static string[] WordsOf(Type type) => [.. Enum.GetNames(type).Select(SettingName.Kebab)];

    private static SettingReading Boolean(string text) => text switch
    {
        "true" or "1" => SettingReading.Good(true),
        "false" or "0" => SettingReading.Good(false),
        _ => SettingReading.Bad("must be true or false", text.ToLowerInvariant() switch
        {
            "yes" or "on" or "y" or "t" => "true",
            "no" or "off" or "n" or "f" => "false",
            var other => NearestName.Of(other, ["true", "false"]),
        }),
    };

    private static SettingReading Number(Type type, string text, SettingAttribute setting)
    {
        var min = Convert.ToInt64(setting.Min ?? (type == typeof(int) ? int.MinValue : long.MinValue), CultureInfo.InvariantCulture);
        var max = Convert.ToInt64(setting.Max ?? (type == typeof(int) ? int.MaxValue : long.MaxValue), CultureInfo.InvariantCulture);
        var isNumber = long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number);
        if (!isNumber || number < min || number > max)
        {
            var bounds = setting.Min is null && setting.Max is null ? "" : $" {min} to {max}";
            return SettingReading.Bad(text.Length == 0 || text.Any(c => !char.IsAsciiDigit(c) && c is not ('+' or '-'))
                ? $"must be a whole number{bounds}"
                : $"is out of range: {min} to {max}");
        }

        return SettingReading.Good(type == typeof(int) ? (int)number : number);
    }

    private static SettingReading Duration(string text, SettingAttribute setting)
    {
        var unit = setting.Unit ?? "s";
        if (!DurationGrammar.TryParse(text, unit, out var value, out var fault))
        {
            return SettingReading.Bad(fault);
        }

        var tooShort = setting.Min is not null && value < Bound(setting.Min, unit);
        var tooLong = setting.Max is not null && value > Bound(setting.Max, unit);
        return tooShort || tooLong
            ? SettingReading.Bad(tooShort ? $"must be {setting.Min} or longer" : $"must be {setting.Max} or shorter")
            : SettingReading.Good(value);
    }

    private static TimeSpan Bound(object bound, string unit) =>
        DurationGrammar.TryParse(Convert.ToString(bound, CultureInfo.InvariantCulture), unit, out var value, out var fault)
            ? value
            : throw new InvalidOperationException($"The bound {bound} of a setting {fault}.");

    private static SettingReading Range(string text)
    {
        var hyphen = text.IndexOf('-', StringComparison.Ordinal);
        var low = hyphen < 0 ? text : text[..hyphen];
        var high = hyphen < 0 ? text : text[(hyphen + 1)..];
        if (!ushort.TryParse(low.Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out var min)
            || !ushort.TryParse(high.Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out var max))
        {
            return SettingReading.Bad("must be a port or a range of ports, min-max, up to 65535");
        }

        return min > max
            ? SettingReading.Bad($"is an empty range: {min} is more than {max}")
            : SettingReading.Good(new PortRange(min, max));
    }

    private static SettingReading List(string text, SettingAttribute setting)
    {
        var words = text.Split(Blanks, StringSplitOptions.RemoveEmptyEntries);
        foreach (var word in words)
        {
            if (setting.Words is { } allowed && !allowed.Contains(word, StringComparer.Ordinal))
            {
                return SettingReading.Bad($"may hold {string.Join(' ', allowed)}, not {word}", NearestName.Of(word, allowed));
            }
        }

        return SettingReading.Good((IReadOnlyList<string>)words);
    }

    private static SettingReading Word(Type type, string text)
    {
        foreach (var name in Enum.GetNames(type))
        {
            if (SettingName.Kebab(name) == text)
            {
                return SettingReading.Good(Enum.Parse(type, name));
            }
        }

        var words = WordsOf(type);
        return SettingReading.Bad($"must be one of {string.Join(' ', words)}", NearestName.Of(text, words));
    }

    private static SettingReading Text(string text, SettingAttribute setting) =>
        setting.Words is { } words && !words.Contains(text, StringComparer.Ordinal)
            ? SettingReading.Bad($"must be one of {string.Join(' ', words)}", NearestName.Of(text, words))
            : SettingReading.Good(text);
}

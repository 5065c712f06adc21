using System.Globalization;
using System.Text;

namespace Sip.B2bua;

/// <summary>One section of a <see cref="SectionedFile"/>. What asks for a value notes the mistake that is in it, with its line.</summary>
public sealed class FileSection
{
    private readonly string path;
    private readonly ICollection<string> mistakes;
    private readonly Dictionary<string, (string Value, int Line)> entries = new(StringComparer.OrdinalIgnoreCase);
    private readonly StringBuilder text = new();

    internal FileSection(string name, string path, int line, ICollection<string> mistakes)
    {
        Name = name;
        Line = line;
        this.path = path;
        this.mistakes = mistakes;
    }

    /// <summary>What stands between the brackets.</summary>
    public string Name { get; }

    /// <summary>The line of the brackets.</summary>
    public int Line { get; }

    /// <summary>Its lines without comments: the same text means the same settings.</summary>
    public string Text => text.ToString();

    /// <summary>Whether a key is there.</summary>
    public bool Has(string key) => entries.ContainsKey(key);

    /// <summary>The value of a key; "" where it is missing, or no good.</summary>
    /// <param name="key">The key.</param>
    /// <param name="isGood">Whether a value is.</param>
    /// <param name="expected">What would be good, such as <c>a number is</c>, for the sentence that says so.</param>
    public string Value(string key, Func<string, bool> isGood, string expected)
    {
        ArgumentNullException.ThrowIfNull(isGood);
        if (!entries.TryGetValue(key, out (string Value, int Line) entry) || isGood(entry.Value))
        {
            return entry.Value ?? "";
        }

        Mistake(key, entry.Value.Length == 0 ? $"{key} is empty: {expected} expected" : $"{key}={entry.Value}: {expected} expected");
        return "";
    }

    /// <summary>A value that is one of some words; "" where it is missing, or another.</summary>
    public string Choice(string key, params string[] words)
    {
        string written = entries.TryGetValue(key, out (string Value, int Line) entry) ? entry.Value : "";
        string meant = NearestName.Of(written, words) is { } near ? $"did you mean {near}? " : "";
        return Value(key, words.Contains, $"{meant}{string.Join(", ", words[..^1])} or {words[^1]} is");
    }

    /// <summary>The words of a value; a bad one is left out, and a mistake.</summary>
    /// <param name="key">The key.</param>
    /// <param name="isGood">Whether a word is.</param>
    /// <param name="expected">What it should be, such as <c>an address</c>.</param>
    public IReadOnlyList<string> Words(string key, Func<string, bool> isGood, string expected)
    {
        List<string> good = [];
        foreach (string word in Words(key))
        {
            if (isGood(word))
            {
                good.Add(word);
            }
            else
            {
                Mistake(key, $"{key}: \"{word}\" is not {expected}");
            }
        }

        return good;
    }

    /// <summary>The words of a value, whatever they are.</summary>
    public IReadOnlyList<string> Words(string key) =>
        entries.TryGetValue(key, out (string Value, int Line) entry) ? entry.Value.Split([' ', '\t'], StringSplitOptions.RemoveEmptyEntries) : [];

    /// <summary>True or false (or 1 or 0); null where it is missing, or neither.</summary>
    public bool? Flag(string key) => Value(key, static value => value is "true" or "false" or "1" or "0", "true or false is") switch
    {
        "true" or "1" => true,
        "false" or "0" => false,
        _ => null,
    };

    /// <summary>A whole number; null where it is missing, or no good.</summary>
    /// <param name="key">The key.</param>
    /// <param name="isGood">Whether a number is; it is not negative.</param>
    /// <param name="expected">What would be good, such as <c>seconds from 60 are</c>.</param>
    /// <param name="unit">A letter that may stand behind it, such as <c>s</c>.</param>
    public int? Number(string key, Func<int, bool> isGood, string expected, string unit = "")
    {
        string written = Value(key, value => TryRead(value, out int number) && isGood(number), expected);
        return written.Length > 0 && TryRead(written, out int good) ? good : null;

        bool TryRead(string value, out int number) => int.TryParse(
            unit.Length > 0 && value.EndsWith(unit, StringComparison.Ordinal) ? value[..^unit.Length] : value, NumberStyles.None, CultureInfo.InvariantCulture, out number);
    }

    /// <summary>Notes a mistake.</summary>
    /// <param name="key">The key in whose line it is; null, or one that is missing: the section's own line.</param>
    /// <param name="what">What it is, in a sentence.</param>
    public void Mistake(string? key, string what) =>
        mistakes.Add($"{path}:{(key is not null && entries.TryGetValue(key, out (string Value, int Line) entry) ? entry.Line : Line)}: {what}");

    internal string? Take(string key, string value, int line)
    {
        text.Append(key).Append('=').Append(value).Append('\n');
        return entries.TryAdd(key, (value, line)) ? null : $"{key} was set in line {entries[key].Line} already";
    }
}

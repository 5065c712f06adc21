using System.Text;

namespace Sip.B2bua.Configuration;

/// <summary>Something wrong in the configuration, or worth a warning; one line of text.</summary>
/// <param name="Source">The file, or <c>command line</c>.</param>
/// <param name="Line">The line, counted from 1; 0 when there is none.</param>
/// <param name="What">What is wrong and what is allowed, in half a sentence without a full stop.</param>
internal sealed record ConfigMistake(string Source, int Line, string What)
{
    private static readonly string[] SecretWords = ["password", "passwd", "secret", "api-key", "passphrase"];

    /// <summary>The character of the line, counted from 1; 0 when the whole entry is meant.</summary>
    public int Column { get; init; }

    /// <summary>The section, or null.</summary>
    public string? Section { get; init; }

    /// <summary>The key, or null.</summary>
    public string? Key { get; init; }

    /// <summary>What was written, or null.</summary>
    public string? Value { get; init; }

    /// <summary>The name or word that was probably meant, or null.</summary>
    public string? Suggestion { get; init; }

    /// <summary>A mistake of one entry.</summary>
    public static ConfigMistake Of(IniEntry entry, string what, string? suggestion = null) => new(entry.Source, entry.Line, what)
    {
        Section = entry.Section,
        Key = entry.Key,
        Value = entry.Value,
        Suggestion = suggestion,
    };

    /// <summary>A mistake of a setting, at the entry that sets it where there is one.</summary>
    public static ConfigMistake Of(IReadOnlyDictionary<string, IniEntry> entries, string section, SettingFault fault) =>
        entries.GetValueOrDefault(IniEntry.Join(section, fault.Key)) is { } entry
            ? Of(entry, fault.What)
            : new ConfigMistake("configuration", 0, fault.What) { Section = section, Key = fault.Key };

    /// <summary><c>file:line:column: [section] key = value: what; did you mean "x"?</c></summary>
    public override string ToString()
    {
        var text = new StringBuilder(Source);
        if (Line > 0)
        {
            text.Append(':').Append(Line);
        }

        if (Column > 0)
        {
            text.Append(':').Append(Column);
        }

        text.Append(": ");
        if (Section is not null)
        {
            text.Append('[').Append(Section).Append(']').Append(Key is null ? ": " : " ");
        }

        if (Key is not null)
        {
            text.Append(Key);
            text.Append(Value is null ? ": " : $" = {Shown(Key, Value)}: ");
        }

        text.Append(What);
        if (Suggestion is not null)
        {
            text.Append("; did you mean \"").Append(Suggestion).Append("\"?");
        }

        return text.Replace('\n', ' ').Replace('\r', ' ').ToString();
    }

    private static string Shown(string key, string value) =>
        SecretWords.Any(word => key.Contains(word, StringComparison.OrdinalIgnoreCase)) ? "(hidden)" : value;
}

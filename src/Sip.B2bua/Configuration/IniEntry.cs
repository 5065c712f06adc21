namespace Sip.B2bua.Configuration;

/// <summary>One <c>key=value</c> and where it was written.</summary>
/// <param name="Section">The section, as written.</param>
/// <param name="Key">The key, as written.</param>
/// <param name="Value">The value without the blanks around it.</param>
/// <param name="Source">The file, or <c>command line</c>.</param>
/// <param name="Line">The line, counted from 1; 0 when there is none.</param>
/// <param name="Column">The character at which the value begins, counted from 1.</param>
internal sealed record IniEntry(string Section, string Key, string Value, string Source, int Line = 0, int Column = 0)
{
    /// <summary>Section and key in one, for tables that compare without regard to case.</summary>
    public string Path => Join(Section, Key);

    /// <summary>The name that <c>-s</c> uses: <c>section/key</c>.</summary>
    public static string Join(string section, string key) => $"{section}/{key}";
}

using Microsoft.Extensions.Configuration;

namespace Sip.B2bua.Configuration;

/// <summary>
/// A configuration file in Flexisip's grammar, as a provider of Microsoft.Extensions.Configuration that also remembers in which
/// line each entry stands.
/// </summary>
/// <remarks>
/// <para>A line is a comment (<c>#</c> first), a section (<c>[name]</c>, what follows is ignored), an entry (the first <c>=</c> splits it,
/// the key is the first word on its left) or nothing. There is no continuation, no quoting, no comment behind a value. A section may come
/// several times; names and keys are compared without regard to case.</para>
/// <para>It differs from Flexisip's reader on purpose: <c>key=</c> sets the empty value rather than keeping the default; TAB and CR
/// count as blanks, so files with CRLF can be read; a line that is none of the above, and an entry before any section, is told.</para>
/// <para>In <see cref="IConfiguration"/> the colon splits paths, so <c>[module::Registrar] reg-domains</c> is called
/// <c>module.Registrar:reg-domains</c> there.</para>
/// </remarks>
internal sealed class FlexisipIni(string path) : ConfigurationProvider, IConfigurationSource
{
    private static readonly char[] Blanks = [' ', '\t', '\r'];

    private List<IniEntry> entries = [];
    private List<ConfigMistake> mistakes = [];
    private List<ConfigMistake> warnings = [];

    /// <summary>The file.</summary>
    public string Path => path;

    /// <summary>Every entry, in the order of the file.</summary>
    public IReadOnlyList<IniEntry> Entries => entries;

    /// <summary>What breaks the grammar.</summary>
    public IReadOnlyList<ConfigMistake> Mistakes => mistakes;

    /// <summary>Lines that have no effect.</summary>
    public IReadOnlyList<ConfigMistake> Warnings => warnings;

    /// <summary>Reads <paramref name="text"/> as if it stood in the file <paramref name="path"/>.</summary>
    public static FlexisipIni FromText(string path, string text)
    {
        var ini = new FlexisipIni(path);
        ini.Parse(text);
        return ini;
    }

    /// <summary>The path of an entry in <see cref="IConfiguration"/>.</summary>
    public static string ConfigurationKey(string section, string key) =>
        section.Replace("::", ".", StringComparison.Ordinal) + ConfigurationPath.KeyDelimiter + key;

    /// <inheritdoc/>
    public IConfigurationProvider Build(IConfigurationBuilder builder) => this;

    /// <summary>Reads the file. A file that cannot be read is a mistake like any other.</summary>
    public override void Load()
    {
        string text;
        try
        {
            text = File.ReadAllText(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Clear();
            var missing = e is FileNotFoundException or DirectoryNotFoundException;
            mistakes.Add(new ConfigMistake(path, 0, missing
                ? "there is no such file; \"sip-b2bua --dump-default all\" writes one with every parameter and its default"
                : $"the file cannot be read: {e.Message}"));
            return;
        }

        Parse(text);
    }

    private void Clear()
    {
        entries = [];
        mistakes = [];
        warnings = [];
        Data.Clear();
    }

    private void Parse(string text)
    {
        Clear();
        var firstLines = new Dictionary<string, int>(StringComparer.OrdinalIgnoreCase);
        string? section = null;
        var number = 0;
        foreach (var range in text.AsSpan().Split('\n'))
        {
            number++;
            var line = text.AsSpan(range);
            var content = line.Trim(Blanks);
            if (content.IsEmpty || content[0] == '#')
            {
                continue;
            }

            if (content[0] == '[')
            {
                section = Header(content, number) ?? section;
                continue;
            }

            if (Entry(line, section, number) is not { } entry)
            {
                continue;
            }

            if (!firstLines.TryAdd(entry.Path, number))
            {
                mistakes.Add(ConfigMistake.Of(entry, $"stands in line {firstLines[entry.Path]} already"));
                continue;
            }

            entries.Add(entry);
            Data[ConfigurationKey(entry.Section, entry.Key)] = entry.Value;
        }
    }

    private string? Header(ReadOnlySpan<char> content, int number)
    {
        var end = content.IndexOf(']');
        var name = FirstWord(end < 0 ? content[1..] : content[1..end]);
        if (end < 0 || name.Length == 0)
        {
            mistakes.Add(new ConfigMistake(path, number, $"\"{content}\" is no section: [name] expected"));
        }

        return name.Length == 0 ? null : name;
    }

    private IniEntry? Entry(ReadOnlySpan<char> line, string? section, int number)
    {
        var sign = line.IndexOf('=');
        if (sign < 0)
        {
            warnings.Add(new ConfigMistake(path, number, $"\"{line.Trim(Blanks)}\" is ignored: neither [section], key=value nor # comment"));
            return null;
        }

        var key = FirstWord(line[..sign]);
        var right = line[(sign + 1)..];
        var value = right.Trim(Blanks).ToString();
        if (key.Length == 0)
        {
            mistakes.Add(new ConfigMistake(path, number, "there is no key before the =") { Section = section });
            return null;
        }

        if (section is null)
        {
            mistakes.Add(new ConfigMistake(path, number, "stands before any [section]") { Key = key, Value = value });
            return null;
        }

        var column = sign + 2 + (right.Length - right.TrimStart(Blanks).Length);
        return new IniEntry(section, key, value, path, number, column);
    }

    private static string FirstWord(ReadOnlySpan<char> text)
    {
        text = text.Trim(Blanks);
        var end = text.IndexOfAny(Blanks);
        return (end < 0 ? text : text[..end]).ToString();
    }
}

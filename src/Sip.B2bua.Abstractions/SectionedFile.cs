namespace Sip.B2bua;

/// <summary>
/// A file of sections <c>[name]</c> with lines <c>key=value</c>, and comments that begin with <c>#</c>: trunks, profiles and the like. Every
/// mistake is found, not only the first, each with its line and, where a name was probably meant, with that.
/// </summary>
public static class SectionedFile
{
    /// <summary>Reads a file's text. What is read is of use only when no mistake was added.</summary>
    /// <param name="path">The name for messages.</param>
    /// <param name="text">The text.</param>
    /// <param name="keys">The keys that a section may have.</param>
    /// <param name="mistakes">Gets every mistake as <c>path:line: what</c>.</param>
    public static IReadOnlyList<FileSection> Read(string path, string text, IReadOnlyList<string> keys, ICollection<string> mistakes)
    {
        ArgumentNullException.ThrowIfNull(keys);
        ArgumentNullException.ThrowIfNull(mistakes);
        List<FileSection> sections = [];
        int number = 0;
        foreach (ReadOnlySpan<char> raw in text.AsSpan().EnumerateLines())
        {
            number++;
            string line = raw.Trim().ToString();
            if (line.Length > 0 && line[0] != '#' && (line[0] == '[' ? Begin(line, number) : Take(line, number)) is { } what)
            {
                mistakes.Add($"{path}:{number}: {what}");
            }
        }

        return sections;

        string? Begin(string line, int at)
        {
            string name = line.Trim('[', ']').Trim();
            FileSection? before = sections.Find(section => string.Equals(section.Name, name, StringComparison.OrdinalIgnoreCase));
            sections.Add(new FileSection(name, path, at, mistakes));
            return line[^1] != ']' || name.Length == 0 ? "a section is [name]"
                : before is not null ? $"there is a section [{name}] already, in line {before.Line}"
                : null;
        }

        string? Take(string line, int at)
        {
            int equals = line.IndexOf('=', StringComparison.Ordinal);
            if (equals <= 0)
            {
                return "neither [name] nor key=value nor a comment (#)";
            }

            string key = line[..equals].Trim();
            if (sections.Count == 0)
            {
                return $"{key} stands before the first [name]";
            }

            if (!keys.Contains(key, StringComparer.OrdinalIgnoreCase))
            {
                string meant = NearestName.Of(key, keys) is { } near ? $"did you mean {near}? The" : "the";
                return $"there is no key {key}; {meant} keys are {string.Join(", ", keys)}";
            }

            return sections[^1].Take(key, line[(equals + 1)..].Trim(), at);
        }
    }
}

namespace Sip.B2bua.Configuration;

/// <summary>The sections and keys of Flexisip, from the table beside this file.</summary>
internal static class FlexisipKeys
{
    private const string Resource = "Sip.B2bua.Configuration.flexisip-keys.txt";
    private static readonly string[] EveryModule = ["enabled", "filter", "from-domains", "to-domains"];
    private static readonly Lazy<Dictionary<string, HashSet<string>>> Sections = new(Read);

    /// <summary>Whether Flexisip has the section.</summary>
    public static bool HasSection(string section) => Sections.Value.ContainsKey(section);

    /// <summary>Whether Flexisip has the key.</summary>
    public static bool HasKey(string section, string key) => Sections.Value.TryGetValue(section, out var keys) && keys.Contains(key);

    private static Dictionary<string, HashSet<string>> Read()
    {
        using var reader = new StreamReader(typeof(FlexisipKeys).Assembly.GetManifestResourceStream(Resource)!);
        var sections = new Dictionary<string, HashSet<string>>(StringComparer.OrdinalIgnoreCase);
        while (reader.ReadLine() is { } line)
        {
            var sign = line.IndexOf('=', StringComparison.Ordinal);
            if (sign < 0 || line[0] == '#')
            {
                continue;
            }

            var name = line[..sign].Trim();
            var keys = line[(sign + 1)..].Split(' ', StringSplitOptions.RemoveEmptyEntries);
            sections[name] = new HashSet<string>(keys, StringComparer.OrdinalIgnoreCase);
            if (name.StartsWith("module::", StringComparison.Ordinal))
            {
                sections[name].UnionWith(EveryModule);
            }
        }

        return sections;
    }
}

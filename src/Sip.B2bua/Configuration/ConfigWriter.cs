namespace Sip.B2bua.Configuration;

/// <summary>
/// Writes configuration files: all defaults, for a start, or what is set among the defaults, for an upgrade. What it writes can be read
/// back to the same settings.
/// </summary>
internal sealed class ConfigWriter(TextWriter output)
{
    private const int Width = 76;

    /// <summary>Writes sections with every parameter at its default, as a comment.</summary>
    public void WriteDefaults(IReadOnlyList<SectionSchema> schemas) => Write(schemas, null);

    /// <summary>Writes every section anew: what is set stays set, what is not shows its default; what no section has is left out.</summary>
    public void Rewrite(BoundConfiguration configuration) => Write(configuration.Schemas, configuration);

    private void Write(IReadOnlyList<SectionSchema> schemas, BoundConfiguration? current)
    {
        Line("# Configuration of sip-b2bua.");
        Line("#");
        Wrap("# ", "Every parameter is listed with its default. To change one, remove the # before it. A line is a [section], key=value, "
            + "or a comment with # as its first character. Nothing may follow a value. Lists are split at blanks. Durations are digits "
            + "and a unit: ms s min h d m (month) y.");
        Line();
        for (var i = 0; i < schemas.Count; i++)
        {
            for (var blank = 0; i > 0 && blank < 5; blank++)
            {
                Line();
            }

            WriteSection(schemas[i], current);
        }
    }

    private void WriteSection(SectionSchema schema, BoundConfiguration? current)
    {
        Line("##");
        Wrap("## ", schema.Help);
        Line("##");
        Line($"[{schema.Name}]");
        Line();
        foreach (var property in schema.Properties)
        {
            var entry = current is null ? null : Entry(current, schema, property);
            if (property.Setting.Deprecated is null || entry is not null)
            {
                WriteParameter(schema, property, entry is null ? null : current!.Written(schema.Name, property.Key));
            }
        }
    }

    private void WriteParameter(SectionSchema schema, SettingProperty property, string? value)
    {
        Wrap("# ", property.Setting.Help);
        if (Allowed(property) is { } allowed)
        {
            Wrap("# ", allowed);
        }

        var preset = schema.DefaultOf(property);
        Line(preset.Length == 0 ? "# Default:" : $"# Default: {preset}");
        if (property.Type == typeof(TimeSpan))
        {
            Line($"# Default unit: {property.Setting.Unit ?? "s"}");
        }

        Line(value is null ? $"#{property.Key}={preset}" : $"{property.Key}={value}");
        Line();
    }

    private static string? Allowed(SettingProperty property)
    {
        var setting = property.Setting;
        return (property.Type.IsEnum ? SettingGrammar.WordsOf(property.Type) : setting.Words, setting.Min, setting.Max) switch
        {
            ({ } words, _, _) => $"Allowed: {string.Join(' ', words)}",
            (_, { } min, { } max) => $"Allowed: {min} to {max}",
            (_, { } min, null) => $"Allowed: {min} or more",
            (_, null, { } max) => $"Allowed: {max} or less",
            _ => null,
        };
    }

    private static IniEntry? Entry(BoundConfiguration current, SectionSchema schema, SettingProperty property) =>
        property.Fallbacks.Prepend(property.Key)
            .Select(key => current.Entries.GetValueOrDefault(IniEntry.Join(schema.Name, key)))
            .FirstOrDefault(entry => entry is not null);

    private void Wrap(string prefix, string text)
    {
        var line = prefix;
        foreach (var word in text.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            if (line.Length + word.Length > Width && line.Length > prefix.Length)
            {
                Line(line.TrimEnd());
                line = prefix;
            }

            line += word + ' ';
        }

        Line(line.TrimEnd());
    }

    private void Line(string text = "")
    {
        output.Write(text);
        output.Write('\n');
    }
}

using Sip.B2bua.Modules;

namespace Sip.B2bua.Configuration;

/// <summary>
/// Turns the entries of a file into options objects, and finds everything that is wrong at once: unknown sections and keys,
/// values that cannot be read, values that do not fit each other. One binding, one binder.
/// </summary>
internal sealed class OptionsBinder
{
    private readonly IReadOnlyList<SectionSchema> schemas;
    private readonly Dictionary<string, IniEntry> entries = new(StringComparer.OrdinalIgnoreCase);
    private readonly Dictionary<(string Section, Type Type), object> options = [];
    private readonly Dictionary<string, EntryFilter> filters = new(StringComparer.OrdinalIgnoreCase);
    private readonly List<ConfigMistake> mistakes = [];
    private readonly List<ConfigMistake> warnings = [];

    private OptionsBinder(IReadOnlyList<SectionSchema> schemas) => this.schemas = schemas;

    /// <summary>Binds a file.</summary>
    /// <param name="schemas">The sections that this server has.</param>
    /// <param name="ini">The file.</param>
    /// <param name="overrides">What the command line sets, over the file.</param>
    /// <param name="defaults">What stands under the file: values that depend on the machine.</param>
    public static BoundConfiguration Bind(
        IReadOnlyList<SectionSchema> schemas,
        FlexisipIni ini,
        IReadOnlyList<IniEntry>? overrides = null,
        IReadOnlyList<IniEntry>? defaults = null)
    {
        var binder = new OptionsBinder(schemas);
        binder.mistakes.AddRange(ini.Mistakes);
        binder.warnings.AddRange(ini.Warnings);
        foreach (var entry in (defaults ?? []).Concat(ini.Entries).Concat(overrides ?? []))
        {
            binder.entries[entry.Path] = entry;
        }

        binder.JudgeNames();
        foreach (var schema in schemas)
        {
            binder.BindSection(schema);
        }

        binder.CheckAll();
        return new BoundConfiguration(
            schemas, binder.options, binder.filters, binder.entries, InOrder(binder.mistakes), InOrder(binder.warnings));
    }

    private static List<ConfigMistake> InOrder(List<ConfigMistake> list) =>
        [.. list.OrderBy(m => m.Source, StringComparer.Ordinal).ThenBy(m => m.Line)];

    private void JudgeNames()
    {
        foreach (var inSection in entries.Values.GroupBy(e => e.Section, StringComparer.OrdinalIgnoreCase))
        {
            var schema = schemas.FirstOrDefault(s => string.Equals(s.Name, inSection.Key, StringComparison.OrdinalIgnoreCase));
            if (schema is null)
            {
                JudgeSection(inSection.Key, [.. inSection]);
                continue;
            }

            foreach (var entry in inSection.Where(e => schema.Find(e.Key) is null))
            {
                JudgeKey(schema, entry);
            }
        }
    }

    private void JudgeSection(string section, IReadOnlyList<IniEntry> inSection)
    {
        var first = inSection[0];
        var former = FormerKeys.OfSection(section);
        if (former is null && !FlexisipKeys.HasSection(section))
        {
            mistakes.Add(new ConfigMistake(first.Source, first.Line, "there is no such section")
            {
                Section = section,
                Suggestion = NearestName.Of(section, schemas.Select(s => s.Name)),
            });
            return;
        }

        var enabled = inSection.FirstOrDefault(e => string.Equals(e.Key, "enabled", StringComparison.OrdinalIgnoreCase));
        if (enabled?.Value is "true" or "1" && FormerKeys.KeepsStrangersOut(section))
        {
            mistakes.Add(ConfigMistake.Of(enabled, "this server has no such module, and without it anybody would be let in: "
                + "use [module::Authentication], or set enabled=false to start all the same"));
        }
        else if (enabled?.Value is not ("false" or "0"))
        {
            warnings.Add(new ConfigMistake(first.Source, first.Line, former ?? "has no effect here: a section of Flexisip that this server does not have")
            {
                Section = section,
            });
        }
    }

    private void JudgeKey(SectionSchema schema, IniEntry entry)
    {
        if (FormerKeys.OfKey(schema.Name, entry.Key) is { } former)
        {
            warnings.Add(ConfigMistake.Of(entry, "has no effect here: " + former));
        }
        else if (FlexisipKeys.HasKey(schema.Name, entry.Key))
        {
            warnings.Add(ConfigMistake.Of(entry, "has no effect here: a parameter of Flexisip that this server does not have"));
        }
        else
        {
            mistakes.Add(ConfigMistake.Of(entry, "there is no such parameter", NearestName.Of(entry.Key, schema.Properties.Select(p => p.Key))));
        }
    }

    private void BindSection(SectionSchema schema)
    {
        foreach (var (type, properties) in schema.Parts)
        {
            var target = Activator.CreateInstance(type)!;
            foreach (var property in properties)
            {
                BindProperty(schema, property, target);
            }

            options[(schema.Name, type)] = target;
            if (target is EntryOptions entry)
            {
                filters[schema.Name] = new EntryFilter(entry.Enabled, FilterOf(schema, entry));
            }
        }
    }

    private void BindProperty(SectionSchema schema, SettingProperty property, object target)
    {
        var entry = EntryOf(schema, property);
        if (entry is null)
        {
            SetDefault(schema, property, target);
            return;
        }

        if (property.Setting.Deprecated is { } advice)
        {
            warnings.Add(ConfigMistake.Of(entry, $"works, but is out of date: {advice}"));
        }

        var reading = property.Read(Expand(property, entry.Value, entry));
        if (reading.Value is { } value)
        {
            property.Set(target, value);
            WarnOfCommas(property, entry, value);
            return;
        }

        mistakes.Add(ConfigMistake.Of(entry, reading.Fault!, reading.Suggestion) with
        {
            Column = reading.At >= 0 && entry.Column > 0 ? entry.Column + reading.At : 0,
        });
    }

    /// <summary>Gives the defaults that the options class itself cannot: the module's own, conditions, references.</summary>
    private void SetDefault(SectionSchema schema, SettingProperty property, object target)
    {
        var text = schema.DefaultOf(property);
        if (text == property.Default && property.Type != typeof(BooleanExpression) && !text.Contains("${", StringComparison.Ordinal))
        {
            return;
        }

        var reading = property.Read(Expand(property, text, null));
        property.Set(target, reading.Value ?? throw new InvalidOperationException(
            $"The default of {IniEntry.Join(schema.Name, property.Key)} {reading.Fault}."));
    }

    /// <summary>The entry that sets a parameter: under its own key or, with a warning, under an older one.</summary>
    private IniEntry? EntryOf(SectionSchema schema, SettingProperty property)
    {
        var own = entries.GetValueOrDefault(IniEntry.Join(schema.Name, property.Key));
        var older = property.Fallbacks.Select(key => entries.GetValueOrDefault(IniEntry.Join(schema.Name, key))).ToArray();
        foreach (var entry in older.OfType<IniEntry>())
        {
            warnings.Add(ConfigMistake.Of(entry, own is null
                ? $"is called {property.Key} now; it still works"
                : $"has no effect: it is called {property.Key} now, which is set too"));
        }

        if (own is not null || older.All(e => e is null))
        {
            return own;
        }

        if (older.Length < 2)
        {
            return older[0];
        }

        // Two older keys are the bounds of a range; one that is missing keeps its default.
        var bounds = property.Default.Split('-');
        var range = $"{older[0]?.Value ?? bounds[0]}-{older[1]?.Value ?? bounds[^1]}";
        return older.OfType<IniEntry>().First() with { Value = range, Column = 0 };
    }

    /// <summary>Replaces <c>${section/key}</c> in a list by the words of that other list.</summary>
    private string Expand(SettingProperty property, string text, IniEntry? entry)
    {
        if (property.Type != typeof(IReadOnlyList<string>) || !text.Contains("${", StringComparison.Ordinal))
        {
            return text;
        }

        var words = text.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        for (var i = 0; i < words.Length; i++)
        {
            if (words[i] is ['$', '{', .. var path, '}'])
            {
                words[i] = Referred(path);
                if (words[i].Length == 0 && entry is not null && !IsKnown(path))
                {
                    mistakes.Add(ConfigMistake.Of(entry, $"refers to {path}, which does not exist"));
                }
            }
        }

        return string.Join(' ', words);
    }

    private string Referred(string path)
    {
        var slash = path.LastIndexOf('/');
        var schema = slash < 0 ? null : schemas.FirstOrDefault(s => string.Equals(s.Name, path[..slash], StringComparison.OrdinalIgnoreCase));
        var property = schema?.Find(path[(slash + 1)..]);
        var text = entries.GetValueOrDefault(path)?.Value ?? (property is null ? "" : schema!.DefaultOf(property));
        // One step only: a reference behind a reference would allow circles.
        return text.Contains("${", StringComparison.Ordinal) ? "" : text;
    }

    private bool IsKnown(string path)
    {
        var slash = path.LastIndexOf('/');
        return slash > 0 && schemas.Any(s => string.Equals(s.Name, path[..slash], StringComparison.OrdinalIgnoreCase) && s.Find(path[(slash + 1)..]) is not null);
    }

    private void WarnOfCommas(SettingProperty property, IniEntry entry, object value)
    {
        if (value is IReadOnlyList<string> words && words.FirstOrDefault(w => w.EndsWith(',') || w.StartsWith(',')) is { } word)
        {
            warnings.Add(ConfigMistake.Of(entry, $"{property.Key} is split at blanks only: the comma stays part of \"{word}\""));
        }
    }

    private static BooleanExpression FilterOf(SectionSchema schema, EntryOptions entry)
    {
        // The two old keys count only where there is no filter. Empty means all as well as *.
        var parts = new List<string>(2);
        if (entry.Filter.Text.Length == 0 && !IsEverybody(entry.FromDomains))
        {
            parts.Add(DomainCondition("from", entry.FromDomains));
        }

        if (entry.Filter.Text.Length == 0 && !IsEverybody(entry.ToDomains))
        {
            parts.Add(DomainCondition("to", entry.ToDomains));
        }

        return parts.Count == 0
            ? entry.Filter
            : SettingGrammar.Read(typeof(BooleanExpression), string.Join(" && ", parts), new SettingAttribute("")).Value as BooleanExpression
                ?? throw new InvalidOperationException($"The domains of [{schema.Name}] make no condition.");
    }

    // No domain has a quote in it; one that was written would end the constant.
    private static string DomainCondition(string header, IReadOnlyList<string> domains) =>
        $"({header}.uri.domain in '{string.Join(' ', domains).Replace("'", "", StringComparison.Ordinal)}')";

    private static bool IsEverybody(IReadOnlyList<string> domains) => domains.Count == 0 || domains.Contains("*");

    private void CheckAll()
    {
        foreach (var ((section, _), target) in options)
        {
            foreach (var fault in (target as ICheckedOptions)?.Check() ?? [])
            {
                mistakes.Add(ConfigMistake.Of(entries, section, fault));
            }
        }
    }
}

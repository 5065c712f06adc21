using Sip.B2bua.Configuration;

namespace Sip.B2bua.Tests.Configuration;

public sealed class ConfigWriterTests
{
    [Fact]
    public void The_defaults_read_back_are_the_defaults()
    {
        var text = Defaults();
        // As it is: every line a comment or a section.
        var bound = SampleOptions.Bind(text);
        Assert.Empty(bound.Mistakes);
        Assert.Empty(bound.Warnings);
        Assert.Empty(bound.Entries);

        // And with every parameter uncommented.
        var set = SampleOptions.Bind(string.Join('\n', text.Split('\n').Select(Uncomment)));
        Assert.Empty(set.Mistakes);
        foreach (var property in SampleOptions.Schemas.SelectMany(s => s.Properties.Select(p => (s.Name, p.Key))))
        {
            Assert.Equal(bound.Written(property.Name, property.Key), set.Written(property.Name, property.Key));
        }
    }

    [Fact]
    public void A_parameter_is_written_with_help_default_and_unit()
    {
        var text = Defaults();
        Assert.Contains("\n\n\n\n\n\n##\n## Shows every type.\n##\n[module::Sample]\n\n# Whether the module takes part.\n# Default: true\n#enabled=true\n\n", text, StringComparison.Ordinal);
        Assert.Contains("# A duration.\n# Allowed: 10ms to 1h\n# Default: 60000\n# Default unit: ms\n#wait=60000\n\n", text, StringComparison.Ordinal);
        Assert.Contains("# A file.\n# Default:\n#file-path=\n", text, StringComparison.Ordinal);
        Assert.Contains("# A colour.\n# Allowed: red dark-blue\n# Default: dark-blue\n", text, StringComparison.Ordinal);
        Assert.DoesNotContain("#old=", text, StringComparison.Ordinal);
        Assert.DoesNotContain("from-domains", text, StringComparison.Ordinal);
        Assert.All(text.Split('\n').Where(l => l.StartsWith("# ", StringComparison.Ordinal)), l => Assert.InRange(l.Length, 1, 100));
    }

    [Fact]
    public void Rewriting_keeps_what_is_set_and_drops_what_is_unknown()
    {
        var bound = SampleOptions.Bind("[module::Sample]\nnumber=5\ndatasource=/users\nold=true\nwait=2s\n[global]\ndebug=true\n[nowhere]\nx=1\n");
        var output = new StringWriter();
        new ConfigWriter(output).Rewrite(bound);
        var text = output.ToString();
        Assert.Contains("\nnumber=5\n", text, StringComparison.Ordinal); // even when equal to the default
        Assert.Contains("\nfile-path=/users\n", text, StringComparison.Ordinal);
        Assert.Contains("\nold=true\n", text, StringComparison.Ordinal);
        Assert.Contains("\nwait=2000\n", text, StringComparison.Ordinal);
        Assert.Contains("\n#flag=true\n", text, StringComparison.Ordinal);
        Assert.DoesNotContain("debug=", text, StringComparison.Ordinal);
        Assert.DoesNotContain("nowhere", text, StringComparison.Ordinal);

        var again = SampleOptions.Bind(text);
        Assert.Empty(again.Mistakes);
        Assert.Equal("/users", again.Get<SampleOptions>("module::Sample").FilePath);
    }

    private static string Defaults()
    {
        var output = new StringWriter();
        new ConfigWriter(output).WriteDefaults(SampleOptions.Schemas);
        return output.ToString();
    }

    private static string Uncomment(string line) =>
        line.Length > 1 && line[0] == '#' && char.IsAsciiLetterLower(line[1]) ? line[1..] : line;
}

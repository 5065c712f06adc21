using Microsoft.Extensions.Configuration;
using Sip.B2bua.Configuration;

namespace Sip.B2bua.Tests.Configuration;

public sealed class FlexisipIniTests
{
    [Theory]
    [InlineData("[a]\nk=v", "v")]
    [InlineData("[a]\n  k  =   v  ", "v")]
    [InlineData("[a]\r\nk=v\r\n", "v")] // CRLF
    [InlineData("[a]\n\tk\t=\tv\t", "v")]
    [InlineData("[a]\nk=", "")] // sets the empty value
    [InlineData("[a]\nk= ", "")]
    [InlineData("[a]\nk=v # no comment", "v # no comment")] // nothing follows a value
    [InlineData("[a]\nk=\"v\"", "\"v\"")] // no quoting
    [InlineData("[a]\nk=x=y", "x=y")] // the first = splits
    [InlineData("[a]\nk other = v", "v")] // the key is the first word
    [InlineData("[a] anything\nk=v", "v")] // what follows ] is ignored
    [InlineData("[ a b ]\nk=v", "v")] // the name is the first word
    [InlineData("  [a]\nk=v", "v")]
    [InlineData("[a]\n#k=w\n  # k=w\nk=v", "v")]
    [InlineData("\uFEFF[a]\nk=v", "v")]
    [InlineData("[a]\nk=é’", "é’")]
    public void An_entry_is_read(string text, string value)
    {
        var ini = FlexisipIni.FromText("x", text);
        var entry = Assert.Single(ini.Entries);
        Assert.Equal(("a", "k", value), (entry.Section, entry.Key, entry.Value));
        Assert.Empty(ini.Mistakes);
    }

    [Fact]
    public void Every_entry_knows_its_line_and_column()
    {
        var ini = FlexisipIni.FromText("x", "# first\n[a]\n\nk=v\n[b]\n  key =  value\n");
        Assert.Equal([(4, 3), (6, 10)], ini.Entries.Select(e => (e.Line, e.Column)));
    }

    [Fact]
    public void A_section_may_come_again_in_any_case()
    {
        var ini = FlexisipIni.FromText("x", "[a]\nk=1\n[b]\nk=2\n[A]\nl=3\n");
        Assert.Equal(3, ini.Entries.Count);
        Assert.Empty(ini.Mistakes);
    }

    [Theory]
    [InlineData("[a]\nk=1\nK=2", "x:3: [a] K = 2: stands in line 2 already")]
    [InlineData("[a]\nk=1\n[A]\nk=2", "x:4: [A] k = 2: stands in line 2 already")]
    [InlineData("k=1", "x:1: k = 1: stands before any [section]")]
    [InlineData("[a]\n=1", "x:2: [a]: there is no key before the =")]
    [InlineData("[a\nk=1", "x:1: \"[a\" is no section: [name] expected")]
    [InlineData("[a]\n[]\nk=1", "x:2: \"[]\" is no section: [name] expected")]
    public void What_breaks_the_grammar_is_a_mistake_with_its_line(string text, string expected) =>
        Assert.Equal(expected, Assert.Single(FlexisipIni.FromText("x", text).Mistakes).ToString());

    [Fact]
    public void A_line_without_meaning_is_a_warning()
    {
        var ini = FlexisipIni.FromText("x", "[a]\nhello\nk=v");
        Assert.StartsWith("x:2: \"hello\" is ignored", Assert.Single(ini.Warnings).ToString(), StringComparison.Ordinal);
        Assert.Single(ini.Entries);
    }

    [Fact]
    public void A_line_longer_than_any_buffer_stays_one_line()
    {
        var ini = FlexisipIni.FromText("x", "[a]\nk=" + new string('v', 50_000));
        Assert.Equal(50_000, Assert.Single(ini.Entries).Value.Length);
    }

    [Fact]
    public void Random_text_never_throws()
    {
        var random = new Random(1);
        const string Letters = "[]=#:\r\n\t ab'\"\0é";
        for (var i = 0; i < 2000; i++)
        {
            FlexisipIni.FromText("x", new string(Enumerable.Range(0, 60).Select(_ => Letters[random.Next(Letters.Length)]).ToArray()));
        }
    }

    [Fact]
    public void A_missing_file_is_a_mistake_that_names_it()
    {
        var ini = new FlexisipIni(Path.Combine(Path.GetTempPath(), Path.GetRandomFileName(), "x.conf"));
        ini.Load();
        var mistake = Assert.Single(ini.Mistakes).ToString();
        Assert.Contains(ini.Path, mistake, StringComparison.Ordinal);
        Assert.Contains("--dump-default all", mistake, StringComparison.Ordinal);
    }

    [Fact]
    public void It_is_a_provider_and_layers_like_any_other()
    {
        var file = Path.GetTempFileName();
        File.WriteAllText(file, "[module::Registrar]\nreg-domains=a b\n[global]\nlog-level=debug\n");
        var configuration = new ConfigurationBuilder()
            .Add(new FlexisipIni(file))
            .AddInMemoryCollection([new KeyValuePair<string, string?>("global:log-level", "error")])
            .Build();
        Assert.Equal("a b", configuration.GetSection("module.Registrar")["reg-domains"]);
        Assert.Equal("error", configuration["global:log-level"]);

        File.WriteAllText(file, "[module::Registrar]\nreg-domains=c\n");
        ((IConfigurationRoot)configuration).Reload();
        Assert.Equal("c", configuration["module.Registrar:reg-domains"]);
        File.Delete(file);
    }
}

using Sip.B2bua.Configuration;
using Sip.B2bua.Modules;
using Sip.B2bua.Tests.Modules;

namespace Sip.B2bua.Tests.Configuration;

public sealed class OptionsBinderTests
{
    private const string Section = "module::Sample";

    [Fact]
    public void An_empty_file_gives_every_default()
    {
        var bound = SampleOptions.Bind("");
        Assert.Empty(bound.Mistakes);
        Assert.Empty(bound.Warnings);
        var options = bound.Get<SampleOptions>(Section);
        Assert.Equal((true, 5, 1L << 40, "as it is"), (options.Flag, options.Number, options.Large, options.Text));
        Assert.Equal(new PortRange(1024, 65535), options.Ports);
        Assert.True(bound.Filter(Section).Enabled);
        Assert.Equal(["sip:*"], bound.Server.Transports);
    }

    [Fact]
    public void Every_type_is_read()
    {
        var bound = SampleOptions.Bind("""
            [MODULE::sample]
            enabled=0
            FLAG=false
            number=10
            large=-1
            text=one two
            word=udp
            list=x  y	z
            algorithms=SHA-256 MD5
            wait=2s
            ports=5000-6000
            paint=red
            no-403=is_request
            """);
        Assert.Empty(bound.Mistakes);
        var options = bound.Get<SampleOptions>(Section);
        Assert.Equal((false, 10, -1L, "one two", "udp"), (options.Flag, options.Number, options.Large, options.Text, options.Word));
        Assert.Equal(["x", "y", "z"], options.List);
        Assert.Equal(["SHA-256", "MD5"], options.Algorithms);
        Assert.Equal(TimeSpan.FromSeconds(2), options.Wait);
        Assert.Equal(new PortRange(5000, 6000), options.Ports);
        Assert.Equal(SampleOptions.Colour.Red, options.Paint);
        Assert.True(options.No403.Evaluate(SampleVariables.Invite()));
        Assert.False(bound.Filter(Section).Enabled);
    }

    [Theory]
    [InlineData("flag=yes", "must be true or false; did you mean \"true\"?")]
    [InlineData("flag=True", "must be true or false; did you mean \"true\"?")]
    [InlineData("flag=", "must be true or false")]
    [InlineData("number=ten", "must be a whole number 1 to 10")]
    [InlineData("number=5 apples", "must be a whole number 1 to 10")] // junk behind a number
    [InlineData("number=0", "is out of range: 1 to 10")]
    [InlineData("number=99999999999999999999", "is out of range: 1 to 10")]
    [InlineData("large=1.5", "must be a whole number")]
    [InlineData("word=upd", "must be one of tcp udp; did you mean \"udp\"?")]
    [InlineData("algorithms=MD5 SHA256", "may hold MD5 SHA-256, not SHA256; did you mean \"SHA-256\"?")]
    [InlineData("paint=dark-bleu", "must be one of red dark-blue; did you mean \"dark-blue\"?")]
    [InlineData("wait=5", "must be 10ms or longer")]
    [InlineData("wait=2h", "must be 1h or shorter")]
    [InlineData("wait=soon", "must be a duration: digits and one of ms s min h d m y (m is a month); without unit ms")]
    [InlineData("ports=70000", "must be a port or a range of ports, min-max, up to 65535")]
    [InlineData("ports=1-2-3", "must be a port or a range of ports, min-max, up to 65535")]
    [InlineData("ports=6000-5000", "is an empty range: 6000 is more than 5000")]
    [InlineData("number=7", "must not be seven")]
    [InlineData("referring=${module::Sample/lst}", "refers to module::Sample/lst, which does not exist")]
    [InlineData("flagg=true", "there is no such parameter; did you mean \"flag\"?")]
    [InlineData("something-else=true", "there is no such parameter")]
    public void A_mistake_says_where_it_is_what_was_written_and_what_is_allowed(string line, string expected)
    {
        var bound = SampleOptions.Bind($"# comment\n[{Section}]\n{line}\n");
        var equals = line.Replace("=", " = ", StringComparison.Ordinal);
        Assert.Equal($"x.conf:3: [{Section}] {equals}: {expected}", Assert.Single(bound.Mistakes).ToString());
    }

    [Fact]
    public void A_malformed_condition_is_told_with_line_and_column()
    {
        var bound = SampleOptions.Bind($"[{Section}]\nfilter = is_request && from.uri.domin == 'x'\n");
        Assert.Equal(
            "x.conf:2:24: [module::Sample] filter = is_request && from.uri.domin == 'x': is no condition: there is no variable from.uri.domin; did you mean \"from.uri.domain\"?",
            Assert.Single(bound.Mistakes).ToString());
    }

    [Fact]
    public void All_mistakes_are_told_at_once_in_the_order_of_the_file()
    {
        var bound = SampleOptions.Bind("""
            stray=1
            [global]
            log-level=loud
            transports=sip:* http:x
            transports=sip:*
            [modul::Sample]
            flag=true
            [module::Sample]
            flag=maybe
            nubmer=3
            """);
        Assert.Equal([1, 3, 4, 5, 7, 9, 10], bound.Mistakes.Select(m => m.Line));
        Assert.Equal("module::Sample", bound.Mistakes.Single(m => m.Line == 7).Suggestion);
        Assert.Equal("number", bound.Mistakes.Single(m => m.Line == 10).Suggestion);
    }

    [Theory]
    [InlineData("[global]\ndebug=true", "log-level=debug")]
    [InlineData("[global]\nsofia-level=9", "sofia-sip")]
    [InlineData("[global]\nmemory-usage-log-interval=5", "has no effect here: a parameter of Flexisip")]
    [InlineData("[module::NatHelper]\nenabled=true", "needs no module here")]
    [InlineData("[module::NatHelper]\nunheard-of=true", "needs no module here")]
    [InlineData("[module::ContactRouteInserter]\nenabled=true", "writes its own Contact")]
    [InlineData("[module::DateHandler]\nenabled=true", "writes its own Date")]
    [InlineData("[module::B2bua]\nenabled=true", "is the server itself")]
    [InlineData("[conference-server]\nenabled=true", "left Flexisip")]
    [InlineData("[monitor]\ntest-interval=1", "removed")]
    [InlineData("[presence-server]\nexpires=600", "has no effect here: a section of Flexisip")]
    [InlineData("[module::Transcoder]\naudio-codecs=speex", "has no effect here: a section of Flexisip")]
    [InlineData("[module::Sample]\nold=true", "out of date: use flag")]
    [InlineData("[module::Sample]\nlist=a, b", "the comma stays part of \"a,\"")]
    [InlineData("[module::Sample]\nfrom-domains=a", "out of date: write filter")]
    [InlineData("[module::Sample]\ndatasource=/x", "is called file-path now; it still works")]
    [InlineData("[module::Sample]\nhello", "is ignored")]
    [InlineData("[global]\ntcp-max-read-size=65536", "is called max-message-size now; it still works")]
    public void What_an_old_file_has_is_a_warning_that_says_what_became_of_it(string text, string expected)
    {
        var bound = SampleOptions.Bind(text);
        Assert.Empty(bound.Mistakes);
        Assert.Contains(expected, Assert.Single(bound.Warnings).ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_missing_module_that_is_off_needs_no_word() =>
        Assert.Empty(SampleOptions.Bind("[module::Presence]\nenabled=false\nonly-list-subscription=false").Warnings);

    [Fact]
    public void A_missing_module_that_would_keep_strangers_out_forbids_the_start()
    {
        Assert.Single(SampleOptions.Bind("[module::ExternalAuthentication]\nenabled=true").Mistakes);
        Assert.Empty(SampleOptions.Bind("[module::ExternalAuthentication]\nenabled=false").Mistakes);
    }

    [Fact]
    public void An_older_key_counts_only_while_the_new_one_is_not_set()
    {
        Assert.Equal("/old", SampleOptions.Bind($"[{Section}]\ndatasource=/old").Get<SampleOptions>(Section).FilePath);
        var both = SampleOptions.Bind($"[{Section}]\ndatasource=/old\nfile-path=/new");
        Assert.Equal("/new", both.Get<SampleOptions>(Section).FilePath);
        Assert.Contains("has no effect", Assert.Single(both.Warnings).ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Two_older_keys_are_the_bounds_of_a_range()
    {
        Assert.Equal(new PortRange(2000, 3000), SampleOptions.Bind($"[{Section}]\nports-min=2000\nports-max=3000").Get<SampleOptions>(Section).Ports);
        Assert.Equal(new PortRange(2000, 65535), SampleOptions.Bind($"[{Section}]\nports-min=2000").Get<SampleOptions>(Section).Ports);
    }

    [Fact]
    public void A_list_may_refer_to_another()
    {
        Assert.Equal(["a", "b"], SampleOptions.Bind("").Get<SampleOptions>(Section).Referring);
        Assert.Equal(["c"], SampleOptions.Bind($"[{Section}]\nlist=c").Get<SampleOptions>(Section).Referring);
        Assert.Equal(["x", "c"], SampleOptions.Bind($"[{Section}]\nlist=c\nreferring=x ${{module::Sample/list}}").Get<SampleOptions>(Section).Referring);
    }

    [Fact]
    public void The_command_line_wins_over_the_file()
    {
        var bound = SampleOptions.Bind($"[{Section}]\nnumber=1", new IniEntry(Section, "number", "2", "command line"));
        Assert.Equal(2, bound.Get<SampleOptions>(Section).Number);
        var wrong = SampleOptions.Bind($"[{Section}]\nnumber=1", new IniEntry(Section, "number", "x", "command line"));
        Assert.StartsWith("command line: [module::Sample] number = x: ", Assert.Single(wrong.Mistakes).ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void The_file_wins_over_the_defaults_of_the_machine()
    {
        var ini = FlexisipIni.FromText("x.conf", "[global]\nstate-directory=/b");
        IniEntry[] defaults = [new("global", "state-directory", "/a", "environment"), new("global", "log-directory", "/l", "environment")];
        var bound = OptionsBinder.Bind(SampleOptions.Schemas, ini, null, defaults);
        Assert.Equal(("/b", "/l"), (bound.Server.StateDirectory, bound.Server.LogDirectory));
    }

    [Fact]
    public void Old_domain_conditions_become_the_filter_when_there_is_none()
    {
        var message = SampleVariables.Invite();
        Assert.True(Filter("from-domains=example.org sip.example.org").Admits(message));
        Assert.False(Filter("from-domains=example.org").Admits(message));
        Assert.False(Filter("to-domains=example.org").Admits(message));
        Assert.True(Filter("from-domains=*").Admits(message));
        Assert.True(Filter("from-domains=example.org\nfilter=is_request").Admits(message));
        Assert.False(Filter("from-domains=a' || 'a' == 'a").Admits(message));

        static EntryFilter Filter(string lines) => SampleOptions.Bind($"[{Section}]\n{lines}").Filter(Section);
    }

    [Fact]
    public void A_secret_is_not_shown_in_a_mistake() =>
        Assert.DoesNotContain("hunter2", Assert.Single(SampleOptions.Bind($"[{Section}]\nredis-pasword-or-password=hunter2").Mistakes).ToString(), StringComparison.Ordinal);

    [Fact]
    public void A_line_break_cannot_get_into_a_message()
    {
        var bound = SampleOptions.Bind("", new IniEntry(Section, "nothing", "a\r\nb", "command line"));
        Assert.DoesNotContain('\n', Assert.Single(bound.Mistakes).ToString());
    }

    [Fact]
    public void Settings_change_by_reference_and_tell()
    {
        var live = new LiveSettings(SampleOptions.Bind(""));
        var settings = live.For<SampleOptions>(Section);
        var before = settings.Value;
        var told = 0;
        settings.Changed += () => told++;
        live.Replace(SampleOptions.Bind($"[{Section}]\nnumber=9"));
        Assert.Equal((5, 9, 1), (before.Number, settings.Value.Number, told));
        var type = typeof(SampleOptions);
        Assert.Same(settings, live.For(Section, type));
    }
}

using Sip.B2bua;

namespace Plugins.Tests.Contract;

/// <summary>The reader that trunks, profiles and the files of third parties share.</summary>
public sealed class SectionedFileTests
{
    private static readonly string[] Keys = ["port", "mode", "on", "hosts"];

    private readonly List<string> mistakes = [];

    [Fact]
    public void Sections_keys_and_values_are_read_and_comments_left_out()
    {
        IReadOnlyList<FileSection> sections = Read("# all\n[one]\nport = 5060s\n\n#x\nMODE=fast\non=1\nhosts=a  b\tc\n[two]");
        Assert.Equal(["one", "two"], sections.Select(section => section.Name));
        FileSection one = sections[0];
        Assert.Equal((5060, "fast", true), (one.Number("port", static _ => true, "", "s"), one.Choice("mode", "slow", "fast"), one.Flag("on")));
        Assert.Equal(["a", "b", "c"], one.Words("hosts"));
        Assert.Equal("port=5060s\nMODE=fast\non=1\nhosts=a  b\tc\n", one.Text);
        Assert.Equal(((int?)null, "", (bool?)null, 9), (sections[1].Number("port", static _ => true, ""), sections[1].Choice("mode", "slow", "fast"), sections[1].Flag("on"), sections[1].Line));
        Assert.Empty(mistakes);
    }

    [Theory]
    [InlineData("port=1", "f:1: port stands before the first [name]")]
    [InlineData("[one", "f:1: a section is [name]")]
    [InlineData("[]", "f:1: a section is [name]")]
    [InlineData("[one]\n[two]\n[ONE]", "f:3: there is a section [ONE] already, in line 1")]
    [InlineData("[one]\nhello", "f:2: neither [name] nor key=value nor a comment (#)")]
    [InlineData("[one]\n=1", "f:2: neither [name] nor key=value nor a comment (#)")]
    [InlineData("[one]\nprot=1", "f:2: there is no key prot; did you mean port? The keys are port, mode, on, hosts")]
    [InlineData("[one]\nvolume=1", "f:2: there is no key volume; the keys are port, mode, on, hosts")]
    [InlineData("[one]\non=1\non=0", "f:3: on was set in line 2 already")]
    [InlineData("[one]\nport=-1", "f:2: port=-1: a port is expected")]
    [InlineData("[one]\nport=", "f:2: port is empty: a port is expected")]
    [InlineData("[one]\nport=70000", "f:2: port=70000: a port is expected")]
    [InlineData("[one]\nmode=fasst", "f:2: mode=fasst: did you mean fast? slow or fast is expected")]
    [InlineData("[one]\nmode=", "f:2: mode is empty: slow or fast is expected")]
    [InlineData("[one]\non=yes", "f:2: on=yes: true or false is expected")]
    [InlineData("[one]\nhosts=a !", "f:2: hosts: \"!\" is not a host")]
    public void A_mistake_is_told_with_its_line_and_what_was_meant(string text, string mistake)
    {
        foreach (FileSection section in Read(text))
        {
            section.Number("port", static number => number < 65_536, "a port is");
            section.Choice("mode", "slow", "fast");
            section.Flag("on");
            section.Words("hosts", static word => word != "!", "a host");
        }

        Assert.Equal(mistake, Assert.Single(mistakes));
    }

    private IReadOnlyList<FileSection> Read(string text) => SectionedFile.Read("f", text, Keys, mistakes);
}

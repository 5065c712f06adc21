using Sip.B2bua.Calls;

namespace Sip.B2bua.Tests.Calls;

public sealed class PeerProfilesTests
{
    private readonly List<string> mistakes = [];

    [Theory]
    [InlineData("100rel=true", 1, "before the first [name]")]
    [InlineData("[a", 1, "a section is [name]")]
    [InlineData("[a]\n[A]", 2, "stands there once")]
    [InlineData("[a]\nhello", 2, "neither")]
    [InlineData("[a]\ncodec=opus", 2, "there is no key codec; the keys are user-agent,")]
    [InlineData("[a]\nsession-expires=30", 2, "0, or seconds from 90")]
    [InlineData("[a]\n100rel=maybe", 2, "true or false")]
    [InlineData("[a]\nmax-udp-size=10", 2, "octets from 500")]
    [InlineData("[a]\nheaders=deny Via", 2, "Via is the server's own")]
    public void A_mistake_is_told_with_its_line(string text, int line, string what)
    {
        Assert.Null(PeerProfiles.Read("p.conf", text, mistakes));
        Assert.StartsWith($"p.conf:{line}: ", Assert.Single(mistakes), StringComparison.Ordinal);
        Assert.Contains(what, mistakes[0], StringComparison.Ordinal);
    }

    [Fact]
    public void The_first_profile_that_fits_a_target_is_its_own()
    {
        PeerProfiles profiles = PeerProfiles.Read("p.conf", """
            [provider]
            trunk=provider
            [site]
            domain=a.example b.example
            [rest]
            """, mistakes)!;
        Assert.Equal("provider", profiles.OfTarget(new Target("sip:x@a.example") { Peer = "Provider" }).Name);
        Assert.Equal("site", profiles.OfTarget(new Target("sip:x@B.example")).Name);
        Assert.Equal("rest", profiles.OfTarget(new Target("sip:x@c.example")).Name);
    }

    [Fact]
    public void A_file_that_is_not_there_is_a_mistake()
    {
        Assert.Null(PeerProfiles.ReadFile("/nowhere/p.conf", mistakes));
        Assert.Single(mistakes);
    }
}

using Sip.B2bua.Calls;

namespace Sip.B2bua.Tests.Calls;

public sealed class PeerProfilesTests
{
    private readonly List<string> mistakes = [];

    [Theory]
    [InlineData("100rel=true", 1, "before the first [name]")]
    [InlineData("[a", 1, "a section is [name]")]
    [InlineData("[a]\n[A]", 2, "a section [A] already, in line 1")]
    [InlineData("[a]\nhello", 2, "neither")]
    [InlineData("[a]\ncodec=opus", 2, "there is no key codec; the keys are user-agent,")]
    [InlineData("[a]\nsession-expires=30", 2, "0, or seconds from 90")]
    [InlineData("[a]\n100rel=maybe", 2, "true or false")]
    [InlineData("[a]\nmax-udp-size=10", 2, "octets from 500")]
    [InlineData("[a]\nlate-offer=2", 2, "true or false is expected")]
    [InlineData("[a]\nlate-ofer=true", 2, "did you mean late-offer?")]
    [InlineData("[a]\ntransfer=servr", 2, "did you mean server?")]
    [InlineData("[a]\ndtmf=rtp\ndtmf=info", 3, "set in line 2 already")]
    [InlineData("[a]\nmax-size=100", 2, "octets from 1500")]
    [InlineData("[a]\ndtmf=morse", 2, "pass, rtp or info")]
    [InlineData("[a]\ntransfer=yes", 2, "server, pass or refuse")]
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

    [Theory]
    [InlineData("Linphone-Desktop/5.2.6 (alice) Debian Linphone-SDK/5.3.72", "linphone")]
    [InlineData("MicroSIP/3.21.3", "microsip-pjsip")]
    [InlineData("PJSUA v2.14 Linux-6.1/x86_64", "microsip-pjsip")]
    [InlineData("baresip v1.0.0 (x86_64/linux)", "baresip")]
    [InlineData("JsSIP 3.10.0", "jssip-sipjs")]
    [InlineData("SIP.js/0.21.2", "jssip-sipjs")]
    [InlineData("Asterisk PBX 20.5.0", "asterisk")]
    [InlineData("FreeSWITCH-mod_sofia/1.10.10", "freeswitch")]
    [InlineData("Snom", "")]
    [InlineData("", "")]
    public void Well_known_phones_have_a_profile_that_comes_along(string userAgent, string name)
    {
        PeerProfiles profiles = PeerProfiles.Load("", withShipped: true, mistakes)!;
        Target target = Of(userAgent);
        Assert.Equal(name, profiles.OfTarget(target).Name);
        Assert.Empty(mistakes);
    }

    [Fact]
    public void One_s_own_profiles_go_before_those_that_come_along()
    {
        string file = Path.GetTempFileName();
        File.WriteAllText(file, "[mine]\nuser-agent=baresip");
        PeerProfiles profiles = PeerProfiles.Load(file, withShipped: true, mistakes)!;
        File.Delete(file);
        Target target = Of("baresip v3");
        Assert.Equal("mine", profiles.OfTarget(target).Name);
    }

    private static Target Of(string userAgent) => new("sip:x@c.example")
    {
        Binding = new Binding { UniqueId = "u", Contact = "sip:x@c.example", CallId = "c", CSeq = 1, Expires = default, Updated = default, UserAgent = userAgent },
    };

    [Fact]
    public void A_file_that_is_not_there_is_a_mistake()
    {
        Assert.Null(PeerProfiles.ReadFile("/nowhere/p.conf", mistakes));
        Assert.Single(mistakes);
    }
}

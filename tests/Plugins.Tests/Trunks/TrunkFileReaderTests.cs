using Sip.B2bua.Plugins.Trunks;

namespace Plugins.Tests.Trunks;

public sealed class TrunkFileReaderTests
{
    private readonly List<string> mistakes = [];

    [Fact]
    public void Every_key_is_read()
    {
        TrunkSettings trunk = Assert.Single(Read("""
            # our provider
            [provider]
            uri = sip:sip.example.net;transport=tcp sips:backup.example.net:5061
            user=4930
            auth-user=acc
            password=a b#c
            realm=*
            domain=example.net
            register=true
            expires=900s
            keep-alive=0
            max-calls=4
            caller-id=caller
            trusted=1
            accept-from=192.0.2.0/24 sip.example.net
            identity=pbx@example.org
            local-domain=Example.org
            default-user=alice@example.org
            numbers=+4930111:bob@example.org 112:carol@example.org
            """)!);
        Assert.Empty(mistakes);
        Assert.Equal(["sip:sip.example.net;transport=tcp", "sips:backup.example.net:5061"], trunk.Peers);
        Assert.Equal(("4930", "example.net", "acc", "a b#c", "*"),
            (trunk.User, trunk.Domain, trunk.Credentials!.Credential.AuthenticationName, trunk.Credentials.Credential.ClearText, trunk.Credentials.Realm));
        Assert.Equal((true, TimeSpan.FromMinutes(15), TimeSpan.Zero, 4), (trunk.Register, trunk.Expires, trunk.KeepAlive, trunk.MaxCalls));
        Assert.Equal((CallerId.Caller, true, "pbx@example.org", "example.org", "alice@example.org"),
            (trunk.CallerId, trunk.IsTrusted, trunk.Identity, trunk.LocalDomain, trunk.DefaultUser));
        Assert.Equal(["192.0.2.0/24", "sip.example.net"], trunk.AcceptFrom);
        Assert.Equal("bob@example.org", trunk.Numbers["+4930111"]);
    }

    [Fact]
    public void What_is_not_said_follows_from_the_rest()
    {
        TrunkSettings trunk = Assert.Single(Read("[a]\nuri=sip:sip.example.net\nuser=7\npassword=x")!);
        Assert.Equal(("sip.example.net", "sip.example.net", "7", "a@sip.example.net"),
            (trunk.Domain, trunk.Credentials!.Realm, trunk.Credentials.Credential.AuthenticationName, trunk.Identity));
        Assert.Null(trunk.AcceptFrom);
        Assert.False(trunk.Register);
    }

    [Theory]
    [InlineData("uri=sip:x.example", 1, "before the first [name]")]
    [InlineData("[a b]\nuri=sip:x.example\nuser=1", 1, "a section is [name]")]
    [InlineData("[a]\nuri=sip:x.example\nuser=1\n[A]\nuri=sip:x.example\nuser=1", 4, "there is a section [A] already, in line 1")]
    [InlineData("[a]\nuri=sip:x.example\nuser=1\nhello", 4, "neither")]
    [InlineData("[a]\nuri=sip:x.example\nuser=1\nusr=2", 4, "there is no key usr; did you mean user? The keys are uri, user,")]
    [InlineData("[a]\nuri=sip:x.example\nuser=1\nuser=2", 4, "set in line 3 already")]
    [InlineData("[a]\nuser=1", 1, "has no uri")]
    [InlineData("[a]\nuri=\nuser=1", 2, "uri is empty")]
    [InlineData("[a]\nuri=sip:u@x.example\nuser=1", 2, "without a user")]
    [InlineData("[a]\nuri=sip:x.example\nuser=1@x", 3, "user of the account alone")]
    [InlineData("[a]\nuri=sip:x.example", 1, "needs a user, or caller-id=caller")]
    [InlineData("[a]\nuri=sip:x.example\ncaller-id=caller\nregister=true", 1, "cannot register without a user")]
    [InlineData("[a]\nuri=sip:x.example\nuser=1\nregister=yes", 4, "true or false")]
    [InlineData("[a]\nuri=sip:x.example\nuser=1\nexpires=5", 4, "seconds from 60")]
    [InlineData("[a]\nuri=sip:x.example\nuser=1\nkeep-alive=soon", 4, "seconds from 0")]
    [InlineData("[a]\nuri=sip:x.example\nuser=1\nmax-calls=-1", 4, "a number from 0")]
    [InlineData("[a]\nuri=sip:x.example\nuser=1\ncaller-id=me", 4, "account or caller")]
    [InlineData("[a]\nuri=sip:x.example\nuser=1\naccept-from=192.0.2.0/99", 4, "192.0.2.0/99")]
    [InlineData("[a]\nuri=sip:x.example\nuser=1\nidentity=pbx", 4, "user@domain")]
    [InlineData("[a]\nuri=sip:x.example\nuser=1\ndefault-user=bob", 4, "user@domain")]
    [InlineData("[a]\nuri=sip:x.example\nuser=1\nnumbers=112", 4, "number:user@domain")]
    [InlineData("[a]\nuri=sip:x.example\nuser=1\nnumbers=112:bob", 4, "not user@domain")]
    [InlineData("[a]\nuri=sip:x.example\nuser=1\nnumbers=1:a@b 1:c@d", 4, "twice")]
    [InlineData("[a]\nuri=sip:x.example\nuser=1\npassword=", 4, "password is empty")]
    [InlineData("[a]\nuri=sip:x.example\ncaller-id=caller\npassword=secret", 4, "a password needs a user")]
    public void A_mistake_is_told_with_its_line(string text, int line, string what)
    {
        Assert.Null(Read(text));
        Assert.StartsWith($"trunks.conf:{line}: ", Assert.Single(mistakes), StringComparison.Ordinal);
        Assert.Contains(what, mistakes[0], StringComparison.Ordinal);
    }

    [Fact]
    public void All_mistakes_are_told_at_once_and_no_password_among_them()
    {
        Assert.Null(Read("[a]\nuri=http://x\nuser=1\npassword=hush\nfoo=1\n[b]\nexpires=x"));
        Assert.Equal(["2", "5", "6", "7"], mistakes.Select(mistake => mistake.Split(':')[1]).Order());
        Assert.DoesNotContain("hush", string.Join('\n', mistakes), StringComparison.Ordinal);
    }

    private IReadOnlyList<TrunkSettings>? Read(string text) => TrunkFileReader.Read("trunks.conf", text, mistakes);
}

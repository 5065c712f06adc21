using Sip.B2bua.Calls;

namespace Sip.B2bua.Tests.Calls;

public sealed class HeaderRulesTests
{
    private readonly List<string> mistakes = [];

    [Theory]
    [InlineData("drop X-A", "none of allow, deny, set, rename")]
    [InlineData("deny", "deny needs a header")]
    [InlineData("deny X-A X-B", "deny needs a header")]
    [InlineData("set X-A", "set needs a header and a value")]
    [InlineData("set X-A b c", "in double quotes")]
    [InlineData("rename X-A", "rename needs two headers")]
    [InlineData("set X-A \"b", "closing quote is missing")]
    [InlineData("deny X:A", "no name of a header")]
    [InlineData("set X-* 1", "no name of a header")]
    [InlineData("deny Via", "Via is the server's own")]
    [InlineData("set v 1", "v is the server's own")]
    [InlineData("set CSeq 1", "CSeq is the server's own")]
    [InlineData("allow Proxy-Authorization", "is the server's own")]
    [InlineData("allow Record-Route", "is the server's own")]
    [InlineData("rename X-A Contact", "Contact is the server's own")]
    [InlineData("set Content-Length 0", "is the server's own")]
    public void A_mistake_is_told(string rules, string what)
    {
        Assert.Null(HeaderRules.Read(rules, mistakes));
        Assert.Contains(what, Assert.Single(mistakes), StringComparison.Ordinal);
    }

    [Fact]
    public void All_mistakes_are_told_at_once()
    {
        Assert.Null(HeaderRules.Read("deny Via; allow X-Good; drop X; set To a", mistakes));
        Assert.Equal(3, mistakes.Count);
    }

    [Theory]
    [InlineData("")]
    [InlineData(" ; ;")]
    public void Without_rules_there_is_nothing_to_ask(string rules)
    {
        Assert.Null(HeaderRules.Read(rules, mistakes));
        Assert.Empty(mistakes);
    }
}

using System.Diagnostics.CodeAnalysis;
using Sip.B2bua;
using Sip.B2bua.Plugins.Trunks;

namespace Plugins.Tests.Trunks;

public sealed class RouteFileReaderTests
{
    private readonly List<string> mistakes = [];

    [Fact]
    public void Lines_comments_and_conditions_that_go_on_are_read()
    {
        IReadOnlyList<Route> routes = Read("""
            # first the one
            <sip:a.example> is_request &&
              request.uri.user == '1'
            <trunk:one><sip:b.example;transport=tcp> *
            """)!;
        Assert.Empty(mistakes);
        Assert.Equal(["sip:a.example"], routes[0].Ways);
        Assert.Equal("is_request && request.uri.user == '1'", routes[0].Condition.Text);
        Assert.Equal(["trunk:one", "sip:b.example;transport=tcp"], routes[1].Ways);
        Assert.Same(BooleanExpression.True, routes[1].Condition);
        Assert.Equal((2, 4), (routes[0].Line, routes[1].Line));
    }

    [Theory]
    [InlineData("sip:a.example *", 1, "begins with <sip:host>")]
    [InlineData("<sip:a.example *", 1, "> of this <")]
    [InlineData("<http:a.example> *", 1, "neither a SIP URI nor trunk:name")]
    [InlineData("<trunk:two> *", 1, "there is no trunk \"two\"")]
    [InlineData("<sip:a.example>", 1, "a condition is expected")]
    [InlineData(" is_request", 1, "none was begun")]
    [InlineData("#\n<sip:a.example> is_request &&\n\n bad", 2, "bad condition")]
    public void A_mistake_is_told_with_its_line(string text, int line, string what)
    {
        Assert.Null(Read(text));
        Assert.StartsWith($"routes.conf:{line}: ", mistakes[0], StringComparison.Ordinal);
        Assert.Contains(what, mistakes[0], StringComparison.Ordinal);
    }

    [Fact]
    public void All_mistakes_are_told_at_once()
    {
        Assert.Null(Read("<trunk:two> *\nx *\n<sip:a.example> bad"));
        Assert.Equal(["1", "2", "3"], mistakes.Select(mistake => mistake.Split(':')[1]));
    }

    private IReadOnlyList<Route>? Read(string text) => RouteFileReader.Read("routes.conf", text, new FakeConditions(), name => name == "one", mistakes);

    private sealed class FakeConditions : IConditions
    {
        public bool TryRead(string text, [NotNullWhen(true)] out BooleanExpression? condition, [NotNullWhen(false)] out string? fault)
        {
            bool isGood = !text.Contains("bad", StringComparison.Ordinal);
            condition = isGood ? BooleanExpression.Default(text) : null;
            fault = isGood ? null : "bad condition";
            return isGood;
        }
    }
}

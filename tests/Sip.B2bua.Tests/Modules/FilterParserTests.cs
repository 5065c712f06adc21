using Sip.B2bua.Modules;
using Sip.B2bua.Modules.Filters;

namespace Sip.B2bua.Tests.Modules;

public sealed class FilterParserTests
{
    [Theory]
    [InlineData("", true)]
    [InlineData("   ", true)]
    [InlineData("true", true)]
    [InlineData("false", false)]
    [InlineData("!false", true)]
    [InlineData("!!false", false)]
    [InlineData("(true)", true)]
    [InlineData("is_request", true)]
    [InlineData("is_response", false)]
    [InlineData("direction == 'request'", true)]
    [InlineData("from.uri.domain == 'sip.example.org'", true)]
    [InlineData("from.uri.domain=='sip.example.org'&&is_request", true)]
    [InlineData("from.uri.domain == 'SIP.example.org'", false)] // compared with regard to case
    [InlineData("from.uri.domain != 'x'", true)]
    [InlineData("'sip.example.org' == from.uri.domain", true)]
    [InlineData("'a' == 'a'", true)]
    [InlineData("request.method == 'INVITE'", true)]
    [InlineData("request.method-name == 'INVITE'", true)]
    [InlineData("request.method in 'INVITE MESSAGE'", true)]
    [InlineData("request.method in '  MESSAGE   INVITE '", true)]
    [InlineData("request.method in 'INVITED REINVITE'", false)]
    [InlineData("request.method notin 'INVITE MESSAGE'", false)]
    [InlineData("request.method nin 'REGISTER'", true)]
    [InlineData("status.code in ''", false)]
    [InlineData("user-agent contains 'Linphone'", true)]
    [InlineData("user-agent contains 'linphone'", false)]
    [InlineData("user-agent contains ''", true)]
    [InlineData("'Linphone' contains user-agent", false)]
    [InlineData("user-agent contains '(belle-sip)'", true)] // a parenthesis in a constant is a character
    [InlineData("(user-agent contains '(') && (user-agent contains ')')", true)]
    [InlineData("request.uri.params contains 'doroute'", true)]
    [InlineData("user-agent regexp 'Linphone/[0-9.]+ .*'", true)]
    [InlineData("user-agent regex 'Linphone'", false)] // the whole value must match
    [InlineData("user-agent regex 'x|Linphone.*'", true)] // the alternatives stay inside
    [InlineData("from.uri.user regex '(a)lice(?<!bob)'", true)] // needs backtracking
    [InlineData("defined status.code", false)]
    [InlineData("defined call-id", true)]
    [InlineData("!defined contact.uri.user", true)]
    [InlineData("numeric request.uri.user", true)]
    [InlineData("numeric from.uri.user", false)]
    [InlineData("numeric status.code", false)]
    [InlineData("numeric '12'", true)]
    public void A_filter_is_true_or_false_for_an_INVITE(string text, bool expected)
    {
        var filter = FilterParser.Parse(text, out var fault);
        Assert.Null(fault);
        Assert.Equal(expected, filter!.Evaluate(SampleVariables.Invite()));
    }

    [Theory]
    [InlineData("true || true && false", true)] // true || (true && false)
    [InlineData("false && true || true", false)] // false && (true || true)
    [InlineData("true && false || true", true)]
    [InlineData("true && false || false", false)]
    [InlineData("(false && true) || true", true)]
    [InlineData("!false && false", false)] // ! binds to its own term
    [InlineData("!(false && false)", true)]
    [InlineData("false || false || true && true", true)]
    [InlineData("(is_request && request.uri.params contains 'doroute') || is_response", true)]
    public void Operators_have_no_precedence_and_group_to_the_right(string text, bool expected) =>
        Assert.Equal(expected, FilterParser.Parse(text, out _)!.Evaluate(SampleVariables.Invite()));

    [Theory]
    [InlineData("from.uri.domain ==", 18, "expected")]
    [InlineData("from.uri.domain", 15, "operator")]
    [InlineData("from.uri.domain = 'x'", 16, "operator")]
    [InlineData("from.uri.domain contians 'x'", 16, "operator")]
    [InlineData("from.uri.domin == 'x'", 0, "no variable")]
    [InlineData("is_request &&", 13, "ends")]
    [InlineData("is_request && && is_response", 14, "term")]
    [InlineData("(is_request", 0, "without its ')'")]
    [InlineData("is_request)", 10, "without its '('")]
    [InlineData("(is_request is_response)", 12, "expected")]
    [InlineData("is_request is_response", 11, "expected")]
    [InlineData("user-agent contains 'x", 20, "closing quote")]
    [InlineData("user-agent contains \"x\"", 20, "single quotes")]
    [InlineData("user-agent regex '('", 17, "")]
    [InlineData("user-agent regex 'a)(b'", 17, "")]
    [InlineData("user-agent regex call-id", 17, "constant")]
    [InlineData("user-agent 'in' 'x'", 11, "operator")]
    [InlineData("defined", 7, "expected")]
    [InlineData("! ", 2, "ends")]
    [InlineData("from.uri.domain == ’x’", 19, "expected")]
    public void A_malformed_filter_says_where_and_why(string text, int at, string what)
    {
        Assert.Null(FilterParser.Parse(text, out var fault));
        Assert.Equal(at, fault!.At);
        Assert.Contains(what, fault.What, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("from.uri.domin == 'x'", "from.uri.domain")]
    [InlineData("user-agent contians 'x'", "contains")]
    [InlineData("is_reqest", "is_request")]
    public void A_slip_of_the_hand_gets_the_right_name(string text, string expected)
    {
        FilterParser.Parse(text, out var fault);
        Assert.Equal(expected, fault!.Suggestion);
    }

    [Fact]
    public void Nesting_without_end_is_refused()
    {
        Assert.Null(FilterParser.Parse(new string('(', 100_000), out var fault));
        Assert.Contains("deep", fault!.What, StringComparison.Ordinal);
        Assert.Null(FilterParser.Parse(new string('!', 100_000), out _));
    }

    [Fact]
    public void A_long_chain_needs_no_depth()
    {
        var filter = FilterParser.Parse(string.Join(" && ", Enumerable.Repeat("true", 50_000)), out _);
        Assert.True(filter!.Evaluate(SampleVariables.Invite()));
    }

    [Fact]
    public void Comparing_allocates_nothing()
    {
        var filter = FilterParser.Parse(
            "is_request && request.method in 'INVITE MESSAGE' && !(from.uri.domain == 'x') && user-agent contains 'sip' && user-agent regex '.*sip.*'", out _)!;
        var message = SampleVariables.Invite();
        for (var i = 0; i < 100; i++)
        {
            Assert.True(filter.Evaluate(message));
        }

        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 1000; i++)
        {
            filter.Evaluate(message);
        }

        // The automaton of a regular expression may still grow a little; the comparisons themselves make nothing.
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1000);
    }

    [Fact]
    public void An_expression_that_explodes_by_backtracking_ends_at_its_limit()
    {
        var filter = FilterParser.Parse(@"user-agent regex '(?=a)(a+)+\1b'", out _)!;
        var message = new SampleVariables { [FilterVariable.UserAgent] = new string('a', 40) };
        Assert.False(filter.Evaluate(message));
    }

    [Fact]
    public void A_disabled_module_admits_nobody()
    {
        Assert.False(new EntryFilter(false, BooleanExpression.True).Admits(SampleVariables.Invite()));
        Assert.True(new EntryFilter(true, BooleanExpression.True).Admits(SampleVariables.Invite()));
        Assert.False(new EntryFilter(true, BooleanExpression.False).Admits(SampleVariables.Invite()));
    }

    [Fact]
    public void A_default_that_the_host_has_not_read_cannot_be_asked() =>
        Assert.Throws<InvalidOperationException>(() => BooleanExpression.Default("is_request").Evaluate(SampleVariables.Invite()));
}

namespace Sip.B2bua.Modules.Filters;

/// <summary>Reads a filter. Never throws; the first fault ends it.</summary>
/// <remarks>
/// <code>
/// expr  := term [ ('&amp;&amp;' | '||') expr ]          right-recursive, no precedence
/// term  := '!' term | '(' expr ')' | 'true' | 'false' | 'is_request' | 'is_response'
///        | 'defined' value | 'numeric' value
///        | value ('==' | '!=') value
///        | value ('contains' | 'in' | 'notin' | 'nin' | 'regexp' | 'regex') value
/// value := variable | 'constant'
/// </code>
/// </remarks>
internal sealed class FilterParser
{
    private const int DeepestNesting = 64;
    private static readonly string[] WordTerms = ["true", "false", "is_request", "is_response", "defined", "numeric"];
    private static readonly string[] WordOperators = ["contains", "in", "notin", "nin", "regexp", "regex"];

    private readonly string text;
    private int at;
    private FilterToken token;
    private FilterFault? fault;

    private FilterParser(string text)
    {
        this.text = text;
        token = FilterTokenizer.Next(text, ref at);
    }

    /// <summary>Reads <paramref name="text"/>; empty text is true for every message.</summary>
    /// <returns>The condition, or null and what is wrong.</returns>
    public static BooleanExpression? Parse(string text, out FilterFault? fault)
    {
        fault = null;
        if (string.IsNullOrWhiteSpace(text))
        {
            return new FilterExpression("", new FixedNode(true));
        }

        var parser = new FilterParser(text);
        var root = parser.Expression(0);
        if (root is not null && parser.token.Kind != FilterTokenKind.End)
        {
            root = parser.Fail(parser.token.Kind == FilterTokenKind.Close ? "a ')' without its '('" : "'&&' or '||' expected");
        }

        fault = parser.fault;
        return root is null ? null : new FilterExpression(text, root);
    }

    private FilterNode? Expression(int depth)
    {
        var terms = new List<FilterNode>();
        var isAnd = new List<bool>();
        while (true)
        {
            if (Term(depth) is not { } term)
            {
                return null;
            }

            terms.Add(term);
            if (token.Kind is not (FilterTokenKind.And or FilterTokenKind.Or))
            {
                return terms.Count == 1 ? term : new ChainNode([.. terms], [.. isAnd]);
            }

            isAnd.Add(token.Kind == FilterTokenKind.And);
            Move();
        }
    }

    private FilterNode? Term(int depth)
    {
        if (depth > DeepestNesting)
        {
            return Fail($"nested more than {DeepestNesting} deep");
        }

        switch (token.Kind)
        {
            case FilterTokenKind.Not:
                Move();
                return Term(depth + 1) is { } negated ? new NotNode(negated) : null;
            case FilterTokenKind.Open:
                return Group(depth);
            case FilterTokenKind.Word when Array.IndexOf(WordTerms, token.Text) >= 0:
                return WordTerm();
            case FilterTokenKind.Word or FilterTokenKind.Constant:
                return Comparison();
            case FilterTokenKind.End:
                return Fail("the condition ends where a term is expected");
            default:
                return Fail("a term is expected");
        }
    }

    private FilterNode? Group(int depth)
    {
        var open = token;
        Move();
        var inner = Expression(depth + 1);
        if (inner is not null && token.Kind != FilterTokenKind.Close)
        {
            return token.Kind == FilterTokenKind.End
                ? Fail("a '(' without its ')'", where: open)
                : Fail("'&&', '||' or ')' expected");
        }

        Move();
        return inner;
    }

    private FilterNode? WordTerm()
    {
        var word = token.Text;
        Move();
        switch (word)
        {
            case "true" or "false":
                return new FixedNode(word == "true");
            case "is_request" or "is_response":
                return new DirectionNode(word == "is_request");
            case "defined":
                return Value() is { } defined ? new DefinedNode(defined) : null;
            default:
                return Value() is { } numeric ? new NumericNode(numeric) : null;
        }
    }

    private FilterNode? Comparison()
    {
        if (Value() is not { } left)
        {
            return null;
        }

        var sign = token;
        var isOperator = sign.Kind is FilterTokenKind.Equal or FilterTokenKind.NotEqual
            || (sign.Kind == FilterTokenKind.Word && Array.IndexOf(WordOperators, sign.Text) >= 0);
        if (!isOperator)
        {
            return Fail(
                "an operator is expected: == != contains in notin nin regexp regex",
                sign.Kind == FilterTokenKind.Word ? NearestName.Of(sign.Text, WordOperators) : null);
        }

        Move();
        var rightAt = token;
        if (Value() is not { } right)
        {
            return null;
        }

        return sign.Text switch
        {
            "==" => new EqualNode(left, right),
            "!=" => new NotNode(new EqualNode(left, right)),
            "contains" => new ContainsNode(left, right),
            "in" => new InNode(left, right),
            "notin" or "nin" => new NotNode(new InNode(left, right)),
            _ => Matching(left, right, rightAt),
        };
    }

    private FilterNode? Matching(FilterOperand left, FilterOperand right, FilterToken at)
    {
        if (right.Constant is null)
        {
            return Fail("the regular expression must be a constant in single quotes", where: at);
        }

        return RegexNode.Compile(at.Text, out var reason) is { } regex ? new RegexNode(left, regex) : Fail(reason, where: at);
    }

    private FilterOperand? Value()
    {
        FilterOperand? value = null;
        if (token.Kind == FilterTokenKind.Constant)
        {
            value = new FilterOperand(token.Text);
        }
        else if (token.Kind != FilterTokenKind.Word)
        {
            Fail(token.Kind == FilterTokenKind.Bad && token.Text.StartsWith('\'')
                ? "a constant without its closing quote"
                : "a variable or a constant in single quotes is expected");
        }
        else if (FilterVariables.TryFind(token.Text, out var variable))
        {
            value = new FilterOperand(variable);
        }
        else
        {
            Fail($"there is no variable {token.Text}", NearestName.Of(token.Text, FilterVariables.All.Concat(WordTerms)));
        }

        Move();
        return value;
    }

    private void Move()
    {
        if (fault is null)
        {
            token = FilterTokenizer.Next(text, ref at);
        }
    }

    private FilterNode? Fail(string what, string? suggestion = null, FilterToken? where = null)
    {
        fault ??= new FilterFault((where ?? token).At, what, suggestion);
        return null;
    }
}

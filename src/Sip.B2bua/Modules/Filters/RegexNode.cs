using System.Text;
using System.Text.RegularExpressions;

namespace Sip.B2bua.Modules.Filters;

/// <summary>
/// value <c>regexp</c> value: the expression matches the whole of the left side. A constant expression is compiled once, into an
/// automaton whose time is linear in the value; an expression that needs backtracking (a back reference, a look-around) gets
/// a time limit, after which it does not match.
/// </summary>
internal sealed class RegexNode(FilterOperand left, Regex regex) : FilterNode
{
    private const int LongestOnStack = 1024;
    private static readonly TimeSpan Limit = TimeSpan.FromMilliseconds(50);

    /// <summary>Compiles the expression; null and the reason when it is malformed.</summary>
    public static Regex? Compile(string pattern, out string fault)
    {
        var whole = $@"\A(?:{pattern})\z";
        fault = "";
        try
        {
            // The pattern alone first: wrapped, an unmatched parenthesis of it could pair with ours.
            _ = new Regex(pattern, RegexOptions.CultureInvariant, Limit);
            // Linear in the value: no clock is needed, and a busy machine cannot turn a match into none.
            return new Regex(whole, RegexOptions.NonBacktracking | RegexOptions.CultureInvariant);
        }
        catch (NotSupportedException)
        {
            return Warm(new Regex(whole, RegexOptions.CultureInvariant, Limit));
        }
        catch (ArgumentException e)
        {
            fault = e.Message;
            return null;
        }
    }

    // The first match also pays for the engine itself, which must not be counted against the limit.
    private static Regex Warm(Regex regex)
    {
        try
        {
            regex.IsMatch("");
        }
        catch (RegexMatchTimeoutException)
        {
        }

        return regex;
    }

    public override bool IsTrue(IFilterVariables message)
    {
        Span<byte> scratch = stackalloc byte[FilterOperand.ScratchLength];
        var value = left.Read(message, scratch);
        Span<char> text = value.Length <= LongestOnStack ? stackalloc char[value.Length] : new char[value.Length];
        text = text[..Encoding.UTF8.GetChars(value, text)];
        try
        {
            return regex.IsMatch(text);
        }
        catch (RegexMatchTimeoutException)
        {
            return false;
        }
    }
}

using System.Text;
using System.Text.RegularExpressions;

namespace Sip.B2bua.RealTests.Torture;

/// <summary>What came back, in words that an expression can be laid over: <c>404</c>, <c>400 closed</c>, <c>nothing</c>.</summary>
internal static partial class Outcome
{
    /// <summary>The different status codes in the order of their coming, and whether the connection was closed.</summary>
    public static string Of(byte[] received, bool closed)
    {
        string[] codes = [.. StatusLine().Matches(Encoding.Latin1.GetString(received)).Select(match => match.Groups[1].Value).Where(code => code != "100").Distinct()];
        return (codes.Length == 0 ? "nothing" : string.Join(' ', codes)) + (closed ? " closed" : "");
    }

    /// <summary>Whether the expression is laid over the whole of an outcome.</summary>
    public static bool Fits(string outcome, string expression) => Regex.IsMatch(outcome, $"^(?:{expression})$");

    [GeneratedRegex(@"^SIP/2\.0 (\d{3}) ", RegexOptions.Multiline)]
    private static partial Regex StatusLine();
}

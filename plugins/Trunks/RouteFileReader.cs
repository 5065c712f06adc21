using System.Text;
using Sip.Uris;

namespace Sip.B2bua.Plugins.Trunks;

/// <summary>
/// Reads the text of a routes file in Flexisip's format: lines of <c>&lt;where&gt; condition</c>, further ways in angle brackets of their own
/// allowed; <c>*</c> for a condition that always holds; comments begin with <c>#</c>; a line that begins with a blank goes on with the
/// condition before it. Finds every mistake, not only the first.
/// </summary>
internal sealed class RouteFileReader
{
    private readonly string path;
    private readonly List<string> mistakes;
    private readonly IConditions conditions;
    private readonly Func<string, bool> isTrunk;
    private readonly List<Route> routes = [];
    private readonly StringBuilder open = new();
    private List<string> ways = [];
    private int openLine;
    private int line;

    private RouteFileReader(string path, List<string> mistakes, IConditions conditions, Func<string, bool> isTrunk)
    {
        this.path = path;
        this.mistakes = mistakes;
        this.conditions = conditions;
        this.isTrunk = isTrunk;
    }

    /// <summary>Reads a file's text; null when there is any mistake.</summary>
    /// <param name="path">The name for messages.</param>
    /// <param name="text">The text.</param>
    /// <param name="conditions">Reads the conditions.</param>
    /// <param name="isTrunk">Whether there is a trunk of that name.</param>
    /// <param name="mistakes">Gets every mistake as <c>path:line: what</c>.</param>
    public static IReadOnlyList<Route>? Read(string path, string text, IConditions conditions, Func<string, bool> isTrunk, List<string> mistakes)
    {
        int before = mistakes.Count;
        RouteFileReader reader = new(path, mistakes, conditions, isTrunk);
        foreach (ReadOnlySpan<char> raw in text.AsSpan().EnumerateLines())
        {
            reader.line++;
            reader.ReadLine(raw.TrimEnd().ToString());
        }

        reader.Close();
        return mistakes.Count == before ? reader.routes : null;
    }

    private void ReadLine(string content)
    {
        string text = content.Trim();
        if (text.Length == 0 || text[0] == '#')
        {
            return;
        }

        if (content[0] is ' ' or '\t')
        {
            if (ways.Count == 0)
            {
                Mistake(line, "a condition goes on here, but none was begun");
            }

            open.Append(' ').Append(text);
            return;
        }

        Close();
        openLine = line;
        ReadWays(ref text);
        open.Append(text);
    }

    private void ReadWays(ref string text)
    {
        if (text[0] != '<')
        {
            Mistake(line, "a route begins with <sip:host> or <trunk:name>");
            return;
        }

        while (text.Length > 0 && text[0] == '<')
        {
            int end = text.IndexOf('>', StringComparison.Ordinal);
            if (end < 0)
            {
                Mistake(line, "the > of this < is missing");
                text = "";
                return;
            }

            AddWay(text[1..end].Trim());
            text = text[(end + 1)..].TrimStart();
        }
    }

    private void AddWay(string way)
    {
        ways.Add(way);
        if (Route.TrunkOf(way) is { } name)
        {
            if (!isTrunk(name))
            {
                Mistake(line, $"there is no trunk \"{name}\" in trunks-file");
            }
        }
        else if (!SipUri.TryParse(Encoding.UTF8.GetBytes(way), out _))
        {
            Mistake(line, $"\"{way}\" is neither a SIP URI nor trunk:name");
        }
    }

    private void Close()
    {
        if (ways.Count > 0)
        {
            string text = open.ToString().Trim();
            if (text.Length == 0)
            {
                Mistake(openLine, "a condition is expected behind the route; * means always");
            }
            else if (text == "*")
            {
                routes.Add(new Route(ways, BooleanExpression.True, openLine));
            }
            else if (conditions.TryRead(text, out BooleanExpression? condition, out string? fault))
            {
                routes.Add(new Route(ways, condition, openLine));
            }
            else
            {
                Mistake(openLine, fault);
            }
        }

        ways = [];
        open.Clear();
    }

    private void Mistake(int where, string what) => mistakes.Add($"{path}:{where}: {what}");
}

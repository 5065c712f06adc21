using System.Text;
using Sip.Messages;

namespace Sip.B2bua.Calls;

/// <summary>
/// What an administrator changes of <see cref="HeaderPolicy"/> for one direction: rules split by semicolons, the last one that names a
/// header decides. Immutable; where there are none, nothing is asked.
/// <code>
/// rules = rule *( ";" rule )
/// rule  = "allow" name / "deny" name / "set" name value / "rename" name name
/// name  = token [ "*" ]                    a star only behind allow and deny, for all names that begin so
/// value = token / DQUOTE *( any / "\" any ) DQUOTE
/// </code>
/// </summary>
internal sealed class HeaderRules
{
    private readonly Rule[] rules;
    private readonly bool writes;

    private HeaderRules(List<Rule> rules)
    {
        this.rules = [.. rules];
        writes = rules.Exists(rule => rule.Kind == RuleKind.Set);
    }

    private enum RuleKind
    {
        Allow,
        Deny,
        Set,
        Rename,
    }

    /// <summary>Reads rules; null for an empty text, and where there is a mistake.</summary>
    /// <param name="text">The rules.</param>
    /// <param name="mistakes">Gets every mistake in half a sentence.</param>
    public static HeaderRules? Read(string text, List<string> mistakes)
    {
        int before = mistakes.Count;
        List<Rule> rules = [];
        foreach (List<string> words in Split(text, mistakes))
        {
            if (ReadRule(words, mistakes) is { } rule)
            {
                rules.Add(rule);
            }
        }

        return rules.Count == 0 || mistakes.Count > before ? null : new HeaderRules(rules);
    }

    /// <summary>Writes every header of <paramref name="source"/> that crosses, and those that rules set.</summary>
    /// <param name="writer">The message of the other side.</param>
    /// <param name="source">The message that came.</param>
    /// <param name="isPrivate">Whether its sender wants to be nobody: no rule lets through what tells of him (RFC 3323 §5.3).</param>
    public void WriteCrossing(ref SipWriter writer, SipMessage source, bool isPrivate)
    {
        for (int i = 0; i < source.HeaderCount; i++)
        {
            HeaderId id = source.IdAt(i);
            ReadOnlySpan<byte> name = source.NameAt(i);
            if (isPrivate && (HeaderPolicy.Of(id, name) == Crossing.Drop || HeaderPolicy.DescribesPerson(id)))
            {
                continue;
            }

            Rule? rule = HeaderPolicy.IsFixed(id, name) ? null : Find(id, name);
            if (rule is null ? HeaderPolicy.Of(id, name) == Crossing.Cross : rule.Kind is RuleKind.Allow or RuleKind.Rename)
            {
                writer.Header(rule is { Kind: RuleKind.Rename } ? rule.Value : name, source.ValueAt(i));
            }
        }

        if (!writes)
        {
            return;
        }

        foreach (Rule rule in rules)
        {
            if (rule.Kind == RuleKind.Set && ReferenceEquals(Find(rule.Id, rule.Name), rule))
            {
                writer.Header(rule.Name, rule.Value);
            }
        }
    }

    private Rule? Find(HeaderId id, ReadOnlySpan<byte> name)
    {
        for (int i = rules.Length - 1; i >= 0; i--)
        {
            if (rules[i].Matches(id, name))
            {
                return rules[i];
            }
        }

        return null;
    }

    private static Rule? ReadRule(List<string> words, List<string> mistakes)
    {
        (RuleKind kind, int count) = words[0].ToLowerInvariant() switch
        {
            "allow" => (RuleKind.Allow, 2),
            "deny" => (RuleKind.Deny, 2),
            "set" => (RuleKind.Set, 3),
            "rename" => (RuleKind.Rename, 3),
            _ => (RuleKind.Allow, 0),
        };
        if (count == 0)
        {
            mistakes.Add($"\"{words[0]}\" is none of allow, deny, set, rename");
            return null;
        }

        if (words.Count != count)
        {
            string needed = count == 2 ? "a header" : kind == RuleKind.Set ? "a header and a value, in double quotes where it has blanks" : "two headers";
            mistakes.Add($"{words[0]} needs {needed}: \"{string.Join(' ', words)}\"");
            return null;
        }

        bool isPrefix = kind is RuleKind.Allow or RuleKind.Deny && words[1].EndsWith('*');
        string name = isPrefix ? words[1][..^1] : words[1];
        bool isGood = (isPrefix && name.Length == 0) || CheckName(name, isPrefix, mistakes);
        if (kind == RuleKind.Rename)
        {
            isGood &= CheckName(words[2], false, mistakes);
        }
        else if (kind == RuleKind.Set && words[2].AsSpan().IndexOfAny("\r\n\0") >= 0)
        {
            mistakes.Add($"the value of {name} has a line break");
            isGood = false;
        }

        return isGood ? new Rule(kind, Encoding.UTF8.GetBytes(name), isPrefix, count == 3 ? Encoding.UTF8.GetBytes(words[2]) : []) : null;
    }

    private static bool CheckName(string name, bool isPrefix, List<string> mistakes)
    {
        byte[] octets = Encoding.UTF8.GetBytes(name);
        foreach (byte octet in octets)
        {
            if (!SipChars.IsToken(octet) || octet == '*')
            {
                mistakes.Add($"\"{name}\" is no name of a header");
                return false;
            }
        }

        if (octets.Length == 0)
        {
            mistakes.Add("a header without a name");
            return false;
        }

        if (!isPrefix && HeaderPolicy.IsFixed(HeaderTable.Find(octets), octets))
        {
            mistakes.Add($"{name} is the server's own and cannot be changed");
            return false;
        }

        return true;
    }

    // Rules as words; quotes hold blanks and semicolons together.
    private static List<List<string>> Split(string text, List<string> mistakes)
    {
        List<List<string>> rules = [];
        List<string> words = [];
        int at = 0;
        while (at < text.Length)
        {
            char c = text[at];
            if (c == ';')
            {
                Close(rules, ref words);
                at++;
            }
            else if (char.IsWhiteSpace(c))
            {
                at++;
            }
            else if (c == '"')
            {
                words.Add(ReadQuoted(text, ref at, mistakes));
            }
            else
            {
                int end = text.AsSpan(at).IndexOfAny(" \t;\"");
                end = end < 0 ? text.Length : at + end;
                words.Add(text[at..end]);
                at = end;
            }
        }

        Close(rules, ref words);
        return rules;
    }

    private static void Close(List<List<string>> rules, ref List<string> words)
    {
        if (words.Count > 0)
        {
            rules.Add(words);
            words = [];
        }
    }

    private static string ReadQuoted(string text, ref int at, List<string> mistakes)
    {
        StringBuilder value = new();
        int open = at++;
        while (at < text.Length && text[at] != '"')
        {
            at += text[at] == '\\' && at + 1 < text.Length ? 1 : 0;
            value.Append(text[at++]);
        }

        if (at == text.Length)
        {
            mistakes.Add($"the closing quote is missing: {text[open..]}");
        }
        else
        {
            at++;
        }

        return value.ToString();
    }

    private sealed class Rule(RuleKind kind, byte[] name, bool isPrefix, byte[] value)
    {
        public RuleKind Kind => kind;

        public HeaderId Id { get; } = isPrefix ? HeaderId.Unknown : HeaderTable.Find(name);

        public byte[] Name => name;

        public byte[] Value => value;

        // A known header is the same in its compact form.
        public bool Matches(HeaderId id, ReadOnlySpan<byte> written) =>
            isPrefix ? SipChars.StartsWithIgnoreCase(id == HeaderId.Unknown ? written : HeaderTable.Name(id), name)
            : Id != HeaderId.Unknown ? id == Id
            : SipChars.EqualsIgnoreCase(written, name);
    }
}

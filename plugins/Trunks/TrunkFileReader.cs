using System.Globalization;
using System.Text;
using Sip.Uris;

namespace Sip.B2bua.Plugins.Trunks;

/// <summary>
/// Reads the text of a trunks file: sections <c>[name]</c> with lines <c>key=value</c>, and comments that begin with <c>#</c>.
/// Finds every mistake, not only the first.
/// </summary>
internal sealed class TrunkFileReader
{
    private const string KeyNames = "uri, user, auth-user, password, realm, domain, register, expires, keep-alive, max-calls, caller-id, trusted, "
        + "accept-from, identity, local-domain, default-user, numbers";

    private readonly string path;
    private readonly List<string> mistakes;
    private readonly List<TrunkSettings> trunks = [];
    private readonly Dictionary<string, (string Value, int Line)> entries = new(StringComparer.OrdinalIgnoreCase);
    private readonly StringBuilder text = new();
    private string? section;
    private int sectionLine;
    private int line;

    private TrunkFileReader(string path, List<string> mistakes)
    {
        this.path = path;
        this.mistakes = mistakes;
    }

    /// <summary>Reads a file's text; null when there is any mistake.</summary>
    /// <param name="path">The name for messages.</param>
    /// <param name="text">The text.</param>
    /// <param name="mistakes">Gets every mistake as <c>path:line: what</c>.</param>
    public static IReadOnlyList<TrunkSettings>? Read(string path, string text, List<string> mistakes)
    {
        int before = mistakes.Count;
        TrunkFileReader reader = new(path, mistakes);
        foreach (ReadOnlySpan<char> raw in text.AsSpan().EnumerateLines())
        {
            reader.line++;
            reader.ReadLine(raw.Trim().ToString());
        }

        reader.CloseSection();
        return mistakes.Count == before ? reader.trunks : null;
    }

    private void ReadLine(string content)
    {
        if (content.Length == 0 || content[0] == '#')
        {
            return;
        }

        if (content[0] == '[')
        {
            CloseSection();
            section = content.TrimStart('[').TrimEnd(']').Trim();
            sectionLine = line;
            text.Clear();
            entries.Clear();
            if (content[^1] != ']' || section.Length == 0 || !section.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.'))
            {
                Mistake(line, "a section is [name]; letters, digits and -_. make a name");
            }
            else if (trunks.Exists(trunk => string.Equals(trunk.Name, section, StringComparison.OrdinalIgnoreCase)))
            {
                Mistake(line, $"there is a trunk {section} already");
            }

            return;
        }

        int equals = content.IndexOf('=', StringComparison.Ordinal);
        if (equals <= 0)
        {
            Mistake(line, "neither [name] nor key=value nor a comment (#)");
            return;
        }

        string key = content[..equals].Trim();
        if (section is null)
        {
            Mistake(line, $"{key} stands before the first [name]");
        }
        else if (!KeyNames.Split(", ").Contains(key, StringComparer.OrdinalIgnoreCase))
        {
            Mistake(line, $"there is no key {key}; the keys are {KeyNames}");
        }
        else if (!entries.TryAdd(key, (content[(equals + 1)..].Trim(), line)))
        {
            Mistake(line, $"{key} was set in line {entries[key].Line} already");
        }

        text.Append(content).Append('\n');
    }

    private void CloseSection()
    {
        if (section is null)
        {
            return;
        }

        List<string> peers = Words("uri", IsPeerUri, "a SIP URI without a user, such as sip:sip.example.net;transport=tcp");
        if (!entries.ContainsKey("uri"))
        {
            Mistake(sectionLine, $"trunk {section} has no uri");
        }

        string user = Value("user", static value => value.Length > 0 && value.AsSpan().IndexOfAny(" <>@\"") < 0, "the user of the account alone, without its domain");
        string domain = Value("domain", static value => Uri.CheckHostName(value) != UriHostNameType.Unknown, "a host name or an address");
        domain = domain.Length > 0 ? domain : peers.Count > 0 ? HostOf(peers[0]) : "";
        TrunkSettings trunk = new()
        {
            Name = section,
            Peers = peers,
            User = user,
            Domain = domain,
            Credentials = ReadCredentials(user, domain),
            Register = Flag("register"),
            Expires = Seconds("expires", 3600, 60),
            KeepAlive = Seconds("keep-alive", 30, 0),
            MaxCalls = Number("max-calls", 0, 0),
            CallerId = Value("caller-id", static value => value is "account" or "caller", "account or caller") is "caller" ? CallerId.Caller : CallerId.Account,
            IsTrusted = Flag("trusted"),
            AcceptFrom = entries.ContainsKey("accept-from")
                ? Words("accept-from", static word => AddressList.Fault(word) is null, "an address, a network such as 192.0.2.0/24, or a host name")
                : null,
            Identity = Address("identity") is { Length: > 0 } identity ? identity : $"{section}@{domain}",
            LocalDomain = Value("local-domain", static value => Uri.CheckHostName(value) != UriHostNameType.Unknown, "a domain").ToLowerInvariant(),
            DefaultUser = Address("default-user"),
            Numbers = ReadNumbers(),
            Text = text.ToString(),
        };
        if (!entries.ContainsKey("user") && (trunk.Register || trunk.CallerId == CallerId.Account) && trunk.Peers.Count > 0)
        {
            Mistake(sectionLine, trunk.Register ? $"trunk {section} cannot register without a user" : $"trunk {section} needs a user, or caller-id=caller");
        }

        trunks.Add(trunk);
        section = null;
    }

    private PeerCredentials? ReadCredentials(string user, string domain)
    {
        string password = Value("password", static value => value.Length > 0, "a password");
        string name = Value("auth-user", static value => value.Length > 0, "a user name");
        string realm = Value("realm", static value => value.Length > 0, "the realm that the server asks for, or *");
        if (password.Length == 0)
        {
            return null;
        }

        name = name.Length > 0 ? name : user;
        if (name.Length == 0)
        {
            Mistake(entries["password"].Line, "a password needs a user or an auth-user");
        }

        return new PeerCredentials
        {
            Realm = realm.Length > 0 ? realm : domain,
            Credential = new Credential { AuthenticationName = name, ClearText = password },
        };
    }

    private Dictionary<string, string> ReadNumbers()
    {
        Dictionary<string, string> numbers = new(StringComparer.Ordinal);
        foreach (string word in Words("numbers", static word => word.IndexOf(':', StringComparison.Ordinal) > 0, "number:user@domain"))
        {
            int colon = word.IndexOf(':', StringComparison.Ordinal);
            if (!TryReadAddress(word[(colon + 1)..], out string address))
            {
                Mistake(entries["numbers"].Line, $"\"{word[(colon + 1)..]}\" is not user@domain");
            }
            else if (!numbers.TryAdd(word[..colon], address))
            {
                Mistake(entries["numbers"].Line, $"the number {word[..colon]} stands there twice");
            }
        }

        return numbers;
    }

    private string Value(string key, Func<string, bool> isGood, string what)
    {
        if (!entries.TryGetValue(key, out (string Value, int Line) entry))
        {
            return "";
        }

        if (isGood(entry.Value))
        {
            return entry.Value;
        }

        // A password is never shown.
        Mistake(entry.Line, key == "password" ? "password is empty" : $"{key}={entry.Value}: {what} is expected");
        return "";
    }

    private List<string> Words(string key, Func<string, bool> isGood, string what)
    {
        List<string> words = [];
        if (entries.TryGetValue(key, out (string Value, int Line) entry))
        {
            foreach (string word in entry.Value.Split([' ', '\t'], StringSplitOptions.RemoveEmptyEntries))
            {
                if (isGood(word))
                {
                    words.Add(word);
                }
                else
                {
                    Mistake(entry.Line, $"{key}: \"{word}\" is not {what}");
                }
            }
        }

        if (key == "uri" && words.Count == 0 && entries.TryGetValue(key, out entry) && entry.Value.Length == 0)
        {
            Mistake(entry.Line, $"uri is empty: {what} is expected");
        }

        return words;
    }

    private string Address(string key)
    {
        string written = Value(key, static value => TryReadAddress(value, out _), "user@domain");
        return TryReadAddress(written, out string address) ? address : "";
    }

    private bool Flag(string key) => Value(key, static value => value is "true" or "false" or "1" or "0", "true or false") is "true" or "1";

    private int Number(string key, int otherwise, int least)
    {
        string written = Value(key, value => int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out int n) && n >= least, $"a number from {least}");
        return written.Length > 0 ? int.Parse(written, CultureInfo.InvariantCulture) : otherwise;
    }

    private TimeSpan Seconds(string key, int otherwise, int least)
    {
        string written = Value(
            key, value => int.TryParse(Bare(value), NumberStyles.None, CultureInfo.InvariantCulture, out int n) && n >= least && n <= 86_400, $"seconds from {least} to 86400");
        return TimeSpan.FromSeconds(written.Length > 0 ? int.Parse(Bare(written), CultureInfo.InvariantCulture) : otherwise);
    }

    private static ReadOnlySpan<char> Bare(string seconds) => seconds.EndsWith('s') ? seconds.AsSpan(0, seconds.Length - 1) : seconds;

    private static bool IsPeerUri(string word) => SipUri.TryParse(Encoding.UTF8.GetBytes(word), out SipUri uri) && uri.User.IsEmpty && !uri.HasHeaders;

    private static string HostOf(string peer) => SipUri.TryParse(Encoding.UTF8.GetBytes(peer), out SipUri uri) ? Encoding.UTF8.GetString(uri.Host) : "";

    private static bool TryReadAddress(string text, out string address)
    {
        address = "";
        return text.Contains('@', StringComparison.Ordinal)
            && AddressOfRecord.TryRead(Encoding.UTF8.GetBytes(text.StartsWith("sip", StringComparison.OrdinalIgnoreCase) && text.Contains(':', StringComparison.Ordinal) ? text : "sip:" + text), out address);
    }

    private void Mistake(int where, string what) => mistakes.Add($"{path}:{where}: {what}");
}

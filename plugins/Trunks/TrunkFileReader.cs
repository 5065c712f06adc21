using System.Text;
using Sip.Uris;

namespace Sip.B2bua.Plugins.Trunks;

/// <summary>Makes a trunk of each section of a trunks file. Finds every mistake, not only the first.</summary>
internal static class TrunkFileReader
{
    private static readonly string[] Keys =
    [
        "uri", "user", "auth-user", "password", "realm", "domain", "register", "expires", "keep-alive", "max-calls", "caller-id", "trusted",
        "accept-from", "identity", "local-domain", "default-user", "numbers",
    ];

    /// <summary>Reads a file's text; null when there is any mistake.</summary>
    /// <param name="path">The name for messages.</param>
    /// <param name="text">The text.</param>
    /// <param name="mistakes">Gets every mistake as <c>path:line: what</c>.</param>
    public static IReadOnlyList<TrunkSettings>? Read(string path, string text, List<string> mistakes)
    {
        int before = mistakes.Count;
        List<TrunkSettings> trunks = [.. SectionedFile.Read(path, text, Keys, mistakes).Select(Read)];
        return mistakes.Count == before ? trunks : null;
    }

    private static TrunkSettings Read(FileSection section)
    {
        if (!section.Name.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.'))
        {
            section.Mistake(null, "a section is [name]; letters, digits and -_. make a name");
        }

        IReadOnlyList<string> peers = ReadPeers(section);
        string user = section.Value("user", static value => value.Length > 0 && value.AsSpan().IndexOfAny(" <>@\"") < 0, "the user of the account alone, without its domain, is");
        string domain = section.Value("domain", IsHost, "a host name or an address is");
        domain = domain.Length > 0 ? domain : peers.Count > 0 ? HostOf(peers[0]) : "";
        TrunkSettings trunk = new()
        {
            Name = section.Name,
            Peers = peers,
            User = user,
            Domain = domain,
            Credentials = ReadCredentials(section, user, domain),
            Register = section.Flag("register") ?? false,
            Expires = Seconds(section, "expires", 3600, 60),
            KeepAlive = Seconds(section, "keep-alive", 30, 0),
            MaxCalls = section.Number("max-calls", static _ => true, "a number from 0 is") ?? 0,
            CallerId = section.Choice("caller-id", "account", "caller") == "caller" ? CallerId.Caller : CallerId.Account,
            IsTrusted = section.Flag("trusted") ?? false,
            AcceptFrom = section.Has("accept-from")
                ? section.Words("accept-from", static word => AddressList.Fault(word) is null, "an address, a network such as 192.0.2.0/24, or a host name")
                : null,
            Identity = Address(section, "identity") is { Length: > 0 } identity ? identity : $"{section.Name}@{domain}",
            LocalDomain = section.Value("local-domain", IsHost, "a domain is").ToLowerInvariant(),
            DefaultUser = Address(section, "default-user"),
            Numbers = ReadNumbers(section),
            Text = section.Text,
        };
        if (!section.Has("user") && (trunk.Register || trunk.CallerId == CallerId.Account) && trunk.Peers.Count > 0)
        {
            section.Mistake(null, trunk.Register ? $"trunk {section.Name} cannot register without a user" : $"trunk {section.Name} needs a user, or caller-id=caller");
        }

        return trunk;
    }

    private static IReadOnlyList<string> ReadPeers(FileSection section)
    {
        const string expected = "a SIP URI without a user, such as sip:sip.example.net;transport=tcp";
        if (!section.Has("uri"))
        {
            section.Mistake(null, $"trunk {section.Name} has no uri");
        }
        else if (section.Words("uri").Count == 0)
        {
            section.Mistake("uri", $"uri is empty: {expected} is expected");
        }

        return section.Words("uri", IsPeerUri, expected);
    }

    private static PeerCredentials? ReadCredentials(FileSection section, string user, string domain)
    {
        string password = section.Value("password", IsThere, "a password is"); // a bad one is empty, so none is ever shown
        string name = section.Value("auth-user", IsThere, "a user name is");
        string realm = section.Value("realm", IsThere, "the realm that the server asks for, or *, is");
        if (password.Length == 0)
        {
            return null;
        }

        name = name.Length > 0 ? name : user;
        if (name.Length == 0)
        {
            section.Mistake("password", "a password needs a user or an auth-user");
        }

        return new PeerCredentials
        {
            Realm = realm.Length > 0 ? realm : domain,
            Credential = new Credential { AuthenticationName = name, ClearText = password },
        };
    }

    private static Dictionary<string, string> ReadNumbers(FileSection section)
    {
        Dictionary<string, string> numbers = new(StringComparer.Ordinal);
        foreach (string word in section.Words("numbers", static word => word.IndexOf(':', StringComparison.Ordinal) > 0, "number:user@domain"))
        {
            int colon = word.IndexOf(':', StringComparison.Ordinal);
            if (!TryReadAddress(word[(colon + 1)..], out string address))
            {
                section.Mistake("numbers", $"\"{word[(colon + 1)..]}\" is not user@domain");
            }
            else if (!numbers.TryAdd(word[..colon], address))
            {
                section.Mistake("numbers", $"the number {word[..colon]} stands there twice");
            }
        }

        return numbers;
    }

    private static string Address(FileSection section, string key) =>
        TryReadAddress(section.Value(key, static value => TryReadAddress(value, out _), "user@domain is"), out string address) ? address : "";

    private static TimeSpan Seconds(FileSection section, string key, int otherwise, int least) =>
        TimeSpan.FromSeconds(section.Number(key, seconds => seconds >= least && seconds <= 86_400, $"seconds from {least} to 86400 are", "s") ?? otherwise);

    private static bool IsThere(string value) => value.Length > 0;

    private static bool IsHost(string value) => Uri.CheckHostName(value) != UriHostNameType.Unknown;

    private static bool IsPeerUri(string word) => SipUri.TryParse(Encoding.UTF8.GetBytes(word), out SipUri uri) && uri.User.IsEmpty && !uri.HasHeaders;

    private static string HostOf(string peer) => SipUri.TryParse(Encoding.UTF8.GetBytes(peer), out SipUri uri) ? Encoding.UTF8.GetString(uri.Host) : "";

    private static bool TryReadAddress(string text, out string address)
    {
        address = "";
        return text.Contains('@', StringComparison.Ordinal)
            && AddressOfRecord.TryRead(Encoding.UTF8.GetBytes(text.StartsWith("sip", StringComparison.OrdinalIgnoreCase) && text.Contains(':', StringComparison.Ordinal) ? text : "sip:" + text), out address);
    }
}

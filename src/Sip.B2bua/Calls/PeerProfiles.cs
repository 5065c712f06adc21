using System.Globalization;
using System.Text;
using Sip.Messages;
using Sip.Uris;

namespace Sip.B2bua.Calls;

/// <summary>
/// The profiles of the <c>peer-profiles</c> file: sections <c>[name]</c> with lines <c>key=value</c>. The first that fits a peer is its
/// profile. Read at the start; immutable.
/// </summary>
internal sealed class PeerProfiles
{
    private const string KeyNames = "user-agent, domain, trunk, session-expires, 100rel, max-udp-size, headers";

    private readonly List<PeerProfile> profiles = [];

    private PeerProfiles()
    {
    }

    /// <summary>Reads a file; null where the path is empty, and where there is a mistake.</summary>
    /// <param name="path">The file.</param>
    /// <param name="mistakes">Gets every mistake as <c>path:line: what</c>.</param>
    public static PeerProfiles? ReadFile(string path, List<string> mistakes)
    {
        if (path.Length == 0)
        {
            return null;
        }

        try
        {
            return Read(path, File.ReadAllText(path), mistakes);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            mistakes.Add($"{path}: {fault.Message}");
            return null;
        }
    }

    /// <summary>Reads a file's text; null when there is any mistake.</summary>
    public static PeerProfiles? Read(string path, string text, List<string> mistakes)
    {
        int before = mistakes.Count;
        PeerProfiles read = new();
        int line = 0;
        foreach (ReadOnlySpan<char> raw in text.AsSpan().EnumerateLines())
        {
            line++;
            string content = raw.Trim().ToString();
            if (content.Length > 0 && content[0] != '#' && read.Take(content) is { } what)
            {
                mistakes.Add($"{path}:{line}: {what}");
            }
        }

        return mistakes.Count == before ? read : null;
    }

    /// <summary>The profile of a calling party.</summary>
    /// <param name="invite">Its INVITE.</param>
    /// <param name="trunk">The trunk that it is, or null.</param>
    public PeerProfile OfCaller(SipMessage invite, string? trunk) =>
        Choose(Encoding.UTF8.GetString(invite.First(HeaderId.UserAgent)), HostOf(CallCore.UriOf(invite.From)), trunk);

    /// <summary>The profile of a target.</summary>
    public PeerProfile OfTarget(Target target) => Choose(target.Binding?.UserAgent ?? "", HostOf(target.UriBytes.Span), target.Peer);

    private PeerProfile Choose(string userAgent, string domain, string? trunk)
    {
        foreach (PeerProfile profile in profiles)
        {
            if (profile.Fits(userAgent, domain, trunk))
            {
                return profile;
            }
        }

        return PeerProfile.Default;
    }

    // One line; what is wrong with it, or null.
    private string? Take(string content)
    {
        if (content[0] == '[')
        {
            string name = content.TrimStart('[').TrimEnd(']').Trim();
            bool isNew = content[^1] == ']' && name.Length > 0 && !profiles.Exists(profile => string.Equals(profile.Name, name, StringComparison.OrdinalIgnoreCase));
            profiles.Add(new PeerProfile { Name = name });
            return isNew ? null : "a section is [name], and each name stands there once";
        }

        int equals = content.IndexOf('=', StringComparison.Ordinal);
        if (equals <= 0)
        {
            return "neither [name] nor key=value nor a comment (#)";
        }

        if (profiles.Count == 0)
        {
            return $"{content[..equals].Trim()} stands before the first [name]";
        }

        return Set(content[..equals].Trim().ToLowerInvariant(), content[(equals + 1)..].Trim());
    }

    private string? Set(string key, string value)
    {
        PeerProfile profile = profiles[^1];
        string[] words = value.Split([' ', '\t'], StringSplitOptions.RemoveEmptyEntries);
        string? fault = null;
        switch (key)
        {
            case "user-agent":
                profile = profile with { UserAgents = words };
                break;
            case "domain":
                profile = profile with { Domains = words };
                break;
            case "trunk":
                profile = profile with { Trunks = words };
                break;
            case "session-expires" when TryReadNumber(value, 86_400, out int seconds) && seconds is 0 or >= 90:
                profile = profile with { SessionExpires = TimeSpan.FromSeconds(seconds) };
                break;
            case "100rel" when value is "true" or "false":
                profile = profile with { OffersReliability = value == "true" };
                break;
            case "max-udp-size" when TryReadNumber(value, 65_507, out int octets) && octets >= 500:
                profile = profile with { MaxUdpSize = octets };
                break;
            case "headers":
                List<string> mistakes = [];
                profile = profile with { Headers = HeaderRules.Read(value, mistakes) };
                fault = mistakes.Count == 0 ? null : $"headers: {string.Join("; ", mistakes)}";
                break;
            case "session-expires":
                fault = $"session-expires={value}: 0, or seconds from 90 to 86400 are expected";
                break;
            case "100rel":
                fault = $"100rel={value}: true or false is expected";
                break;
            case "max-udp-size":
                fault = $"max-udp-size={value}: octets from 500 to 65507 are expected";
                break;
            default:
                fault = $"there is no key {key}; the keys are {KeyNames}";
                break;
        }

        profiles[^1] = profile;
        return fault;
    }

    private static bool TryReadNumber(string text, int most, out int number) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number) && number <= most;

    private static string HostOf(ReadOnlySpan<byte> uri) => SipUri.TryParse(uri, out SipUri parsed) ? Encoding.UTF8.GetString(parsed.Host) : "";
}

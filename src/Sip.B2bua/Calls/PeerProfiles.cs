using System.Globalization;
using Sip.Messages;
using Sip.Uris;

namespace Sip.B2bua.Calls;

/// <summary>
/// The profiles of the <c>peer-profiles</c> file: sections <c>[name]</c> with lines <c>key=value</c>. The first that fits a peer is its
/// profile. Read at the start; immutable.
/// </summary>
internal sealed class PeerProfiles
{
    private const string KeyNames = "user-agent, domain, trunk, session-expires, 100rel, late-offer, dtmf, transfer, max-udp-size, max-size, headers";

    private readonly List<PeerProfile> profiles = [];

    private PeerProfiles()
    {
    }

    /// <summary>The profiles of <see cref="Shipped"/>.</summary>
    public const string ShippedName = "Sip.B2bua.Calls.peer-profiles.conf";

    /// <summary>Whether the transfers of any kind of peer are made by the server.</summary>
    public bool MakesTransfers => profiles.Exists(profile => profile.Transfer == TransferRule.Server);

    /// <summary>The text of the profiles that come with the server.</summary>
    public static string Shipped
    {
        get
        {
            using StreamReader reader = new(typeof(PeerProfiles).Assembly.GetManifestResourceStream(ShippedName)!);
            return reader.ReadToEnd();
        }
    }

    /// <summary>Reads a file, and behind it what comes with the server; null where there is neither, and where there is a mistake.</summary>
    /// <param name="path">The file; empty: none.</param>
    /// <param name="withShipped">Whether those that come along count.</param>
    /// <param name="mistakes">Gets every mistake as <c>path:line: what</c>.</param>
    public static PeerProfiles? Load(string path, bool withShipped, List<string> mistakes)
    {
        PeerProfiles? own = path.Length > 0 ? ReadFile(path, mistakes) : null;
        if (!withShipped || (path.Length > 0 && own is null))
        {
            return own;
        }

        PeerProfiles shipped = Read(ShippedName, Shipped, mistakes) ?? throw new InvalidOperationException("The profiles that come along have a mistake.");
        shipped.profiles.InsertRange(0, own?.profiles ?? []);
        return shipped;
    }

    /// <summary>Reads a file; null where there is a mistake.</summary>
    /// <param name="path">The file.</param>
    /// <param name="mistakes">Gets every mistake as <c>path:line: what</c>.</param>
    public static PeerProfiles? ReadFile(string path, List<string> mistakes)
    {
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
    /// <param name="userAgent">Its User-Agent, or empty.</param>
    /// <param name="trunk">The trunk that it is, or null.</param>
    public PeerProfile OfCaller(SipMessage invite, string userAgent, string? trunk) => Choose(userAgent, CallCore.UriOf(invite.From), trunk);

    /// <summary>The profile of a target.</summary>
    public PeerProfile OfTarget(Target target) => Choose(target.Binding?.UserAgent ?? "", target.UriBytes.Span, target.Peer);

    private PeerProfile Choose(string userAgent, ReadOnlySpan<byte> uri, string? trunk)
    {
        ReadOnlySpan<byte> host = SipUri.TryParse(uri, out SipUri parsed) ? parsed.Host : default;
        foreach (PeerProfile profile in profiles)
        {
            if (profile.Fits(userAgent, host, trunk))
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
        List<string> mistakes = [];
        PeerProfile? changed = key switch
        {
            "user-agent" => profile with { UserAgents = Words(value) },
            "domain" => profile with { Domains = Words(value) },
            "trunk" => profile with { Trunks = Words(value) },
            "session-expires" => TryReadNumber(value, 86_400, out int seconds) && seconds is 0 or >= 90
                ? profile with { SessionExpires = TimeSpan.FromSeconds(seconds) }
                : null,
            "100rel" => ReadFlag(value) is { } told ? profile with { OffersReliability = told } : null,
            "late-offer" => ReadFlag(value) is { } takes ? profile with { TakesLateOffer = takes } : null,
            "max-udp-size" => TryReadNumber(value, 65_507, out int octets) && octets >= 500 ? profile with { MaxUdpSize = octets } : null,
            "max-size" => TryReadNumber(value, 1_000_000, out int octets) && octets >= 1500 ? profile with { MaxSize = octets } : null,
            "dtmf" => value switch
            {
                "pass" => profile with { Dtmf = DtmfForm.Pass },
                "rtp" => profile with { Dtmf = DtmfForm.Rtp },
                "info" => profile with { Dtmf = DtmfForm.Info },
                _ => null,
            },
            "transfer" => value switch
            {
                "server" => profile with { Transfer = TransferRule.Server },
                "pass" => profile with { Transfer = TransferRule.Pass },
                "refuse" => profile with { Transfer = TransferRule.Refuse },
                _ => null,
            },
            "headers" => profile with { Headers = HeaderRules.Read(value, mistakes) },
            _ => null,
        };
        if (changed is null)
        {
            return Expected(key) is { } what ? $"{key}={value}: {what} expected" : $"there is no key {key}; the keys are {KeyNames}";
        }

        profiles[^1] = changed;
        return mistakes.Count == 0 ? null : $"headers: {string.Join("; ", mistakes)}";
    }

    private static string? Expected(string key) => key switch
    {
        "session-expires" => "0, or seconds from 90 to 86400 are",
        "100rel" or "late-offer" => "true or false is",
        "max-udp-size" => "octets from 500 to 65507 are",
        "max-size" => "octets from 1500 to 1000000 are",
        "dtmf" => "pass, rtp or info is",
        "transfer" => "server, pass or refuse is",
        _ => null,
    };

    private static string[] Words(string value) => value.Split([' ', '\t'], StringSplitOptions.RemoveEmptyEntries);

    private static bool? ReadFlag(string value) => value switch
    {
        "true" => true,
        "false" => false,
        _ => null,
    };

    private static bool TryReadNumber(string text, int most, out int number) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number) && number <= most;
}

using Sip.Messages;
using Sip.Uris;

namespace Sip.B2bua.Calls;

/// <summary>
/// The profiles of the <c>peer-profiles</c> file: a <see cref="SectionedFile"/>. The first that fits a peer is its
/// profile. Read at the start; immutable.
/// </summary>
internal sealed class PeerProfiles
{
    private static readonly string[] Keys =
        ["user-agent", "domain", "trunk", "session-expires", "100rel", "late-offer", "dtmf", "transfer", "max-udp-size", "max-size", "headers"];

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
        read.profiles.AddRange(SectionedFile.Read(path, text, Keys, mistakes).Select(Read));
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

    private static PeerProfile Read(FileSection section) => new()
    {
        Name = section.Name,
        UserAgents = section.Words("user-agent"),
        Domains = section.Words("domain"),
        Trunks = section.Words("trunk"),
        SessionExpires = section.Number("session-expires", static seconds => seconds is 0 or (>= 90 and <= 86_400), "0, or seconds from 90 to 86400 are") is { } interval
            ? TimeSpan.FromSeconds(interval)
            : null,
        OffersReliability = section.Flag("100rel") ?? true,
        TakesLateOffer = section.Flag("late-offer") ?? true,
        MaxUdpSize = section.Number("max-udp-size", static octets => octets is >= 500 and <= 65_507, "octets from 500 to 65507 are") ?? 0,
        MaxSize = section.Number("max-size", static octets => octets is >= 1500 and <= 1_000_000, "octets from 1500 to 1000000 are") ?? 0,
        Dtmf = section.Choice("dtmf", "pass", "rtp", "info") switch
        {
            "rtp" => DtmfForm.Rtp,
            "info" => DtmfForm.Info,
            _ => DtmfForm.Pass,
        },
        Transfer = section.Choice("transfer", "server", "pass", "refuse") switch
        {
            "server" => TransferRule.Server,
            "pass" => TransferRule.Pass,
            "refuse" => TransferRule.Refuse,
            _ => null,
        },
        Headers = section.Has("headers") ? ReadHeaders(section) : null,
    };

    private static HeaderRules? ReadHeaders(FileSection section)
    {
        List<string> mistakes = [];
        HeaderRules? rules = HeaderRules.Read(section.Value("headers", static _ => true, ""), mistakes);
        if (mistakes.Count > 0)
        {
            section.Mistake("headers", $"headers: {string.Join("; ", mistakes)}");
        }

        return rules;
    }
}

namespace Sip.B2bua.Calls;

/// <summary>The settings of calls: section <c>[b2bua]</c>.</summary>
internal sealed class CallOptions : ICheckedOptions
{
    /// <summary>The section's name.</summary>
    public const string Section = "b2bua";

    /// <summary>What the section is about.</summary>
    public const string SectionHelp = "How calls are made, how long they may ring and last, and how many there may be.";

    /// <summary>How long targets ring.</summary>
    [Setting("How long the targets of a call may ring before it is given up and the caller gets 408.", Unit = "s")]
    public TimeSpan RingTimeout { get; set; } = TimeSpan.FromSeconds(90);

    /// <summary>How long one q group rings before the next joins.</summary>
    [Setting("How long contacts of one preference (q) ring alone before those of the next lower preference join in.", Unit = "s")]
    public TimeSpan GroupTimeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>How long one way to a target may be silent.</summary>
    [Setting("How long a server that a target's name leads to may be silent, without even a provisional answer, before the next one that the "
        + "name leads to is tried (RFC 3263 4.3). A server that fails plainly is left at once.", Unit = "ms", Min = "500ms", Max = "32s")]
    public TimeSpan FailoverTimeout { get; set; } = TimeSpan.FromSeconds(4);

    /// <summary>The most targets.</summary>
    [Setting("Most targets that one call may have in all: phones of the called user, phones that join late, and places that phones "
        + "redirect to. More are left out.", Min = 1, Max = 1000)]
    public int MaxTargets { get; set; } = 50;

    /// <summary>Whether a 3xx is followed.</summary>
    [Setting("What becomes of a 3xx of a called phone: follow calls the places that it names, for callers who may call there; pass tells "
        + "the caller.")]
    public RedirectPolicy Redirects { get; set; }

    /// <summary>Whether a foreign challenge goes to the caller.</summary>
    [Setting("What becomes of a challenge (401, 407) of a foreign server: refuse tells the caller 403; pass lets the caller answer it. "
        + "Challenges and credentials for a realm of this server go nowhere.")]
    public ChallengePolicy Challenges { get; set; }

    /// <summary>How many redirections one call follows.</summary>
    [Setting("Most 3xx answers that are followed in one call; the next is told to the caller.", Min = 0, Max = 100)]
    public int MaxRedirects { get; set; } = 5;

    /// <summary>The longest call.</summary>
    [Setting("The longest time a call may last; 0 means without limit.", Unit = "s")]
    public TimeSpan MaxCallDuration { get; set; } = TimeSpan.Zero;

    /// <summary>The session interval that we ask for.</summary>
    [Setting("How often each phone of a call must show that it is still there (RFC 4028): it, or the server, refreshes the session at half "
        + "this time, and a call whose phone is gone is ended. 0: only phones that ask for it are held to it.", Unit = "s")]
    public TimeSpan SessionExpires { get; set; } = TimeSpan.FromMinutes(30);

    /// <summary>The shortest session interval.</summary>
    [Setting("The shortest time between refreshes that a phone may ask for (Min-SE of RFC 4028); shorter ones are refused with 422.", Unit = "s", Min = "90s")]
    public TimeSpan MinSessionExpires { get; set; } = TimeSpan.FromSeconds(90);

    /// <summary>What crosses to callers.</summary>
    [Setting("Changes which headers of a called party reach the caller. Rules split by semicolons, the last that names a header decides: "
        + "allow NAME, deny NAME (NAME* for all that begin so), set NAME \"value\", rename NAME OTHER. Headers that are the server's own, "
        + "such as Via, CSeq, Contact or Event, cannot be changed. Empty: nothing is changed.")]
    public string HeadersToCaller { get; set; } = "";

    /// <summary>What crosses to callees.</summary>
    [Setting("Changes which headers of a caller reach the called party; as headers-to-caller.")]
    public string HeadersToCallee { get; set; } = "";

    /// <summary>The file of profiles.</summary>
    [Setting("A file of profiles for kinds of phones, domains and trunks that want to be spoken to differently: sections [name] with keys "
        + "user-agent, domain, trunk (whom it is for) and session-expires, 100rel, late-offer, dtmf, transfer, max-udp-size, max-size, headers "
        + "(how it is spoken to). The first that fits is used. Read at the start. Empty: none.")]
    public string PeerProfiles { get; set; } = "";

    /// <summary>What the server offers on its own.</summary>
    [Setting("Codecs that the server offers to a peer of which peer-profiles says that it takes no INVITE without an offer (late-offer=false), when "
        + "a caller has made none: PCMU, PCMA, G722, G729, GSM, opus, iLBC, speex, telephone-event, or NAME/RATE for another. The first is liked best.")]
    public string OfferedCodecs { get; set; } = "PCMU PCMA G722 opus telephone-event";

    /// <summary>Whether those that come with the server count, too.</summary>
    [Setting("Whether the profiles of well-known phones and servers that come along (--print-profiles shows them) are used where none of peer-profiles fits.")]
    public bool ShippedProfiles { get; set; } = true;

    /// <summary>How many subscriptions there may be.</summary>
    [Setting("Most subscriptions (presence, busy lamps, message waiting) that are bridged at once; a further one is refused with 503. 0: no limit.", Min = 0)]
    public int MaxSubscriptions { get; set; } = 20_000;

    /// <summary>How many subscriptions one user may have.</summary>
    [Setting("Most subscriptions that one user may have at once, or, without authentication, one address. 0: no limit.", Min = 0)]
    public int MaxSubscriptionsPerUser { get; set; } = 300;

    /// <summary>Whether the called party is told who the caller is.</summary>
    [Setting("Tells the called party in P-Asserted-Identity who the caller has proven to be, or what a source in trusted-hosts says of it "
        + "(RFC 3325), unless the caller asks for privacy (Privacy: id or user, or an anonymous From). What anybody else asserts is never believed.")]
    public bool AssertIdentity { get; set; } = true;

    /// <summary>What becomes of REFER.</summary>
    [Setting("What happens when a phone transfers a call (REFER): server: the server calls the new party and connects it with the one that stays; "
        + "pass: the other phone is asked to do it; refuse: transfers are declined.")]
    public TransferRule Transfer { get; set; } = TransferRule.Server;

    /// <summary>Our name in User-Agent and Server.</summary>
    [Setting("What the server calls itself in User-Agent and Server headers; {version} is replaced. Empty: the headers are left out.")]
    public string UserAgent { get; set; } = "Sip.B2bua/{version}";

    /// <summary>How long a shutdown waits.</summary>
    [Setting("How long a shutdown waits for phones to confirm the end of their calls.", Unit = "s")]
    public TimeSpan ShutdownTimeout { get; set; } = TimeSpan.FromSeconds(5);

    /// <inheritdoc/>
    public IEnumerable<SettingFault> Check()
    {
        foreach ((string key, string rules) in new[] { ("headers-to-caller", HeadersToCaller), ("headers-to-callee", HeadersToCallee) })
        {
            List<string> mistakes = [];
            HeaderRules.Read(rules, mistakes);
            foreach (string mistake in mistakes)
            {
                yield return new SettingFault(key, mistake);
            }
        }

        List<string> codecs = [];
        Calls.OfferedCodecs.Read(OfferedCodecs, codecs);
        foreach (string mistake in codecs)
        {
            yield return new SettingFault("offered-codecs", mistake);
        }

        List<string> found = [];
        Calls.PeerProfiles.Load(PeerProfiles, ShippedProfiles, found);
        foreach (string mistake in found)
        {
            yield return new SettingFault("peer-profiles", mistake);
        }
    }
}

namespace Sip.B2bua.Plugins.Registrar;

/// <summary>The settings of <c>[module::Registrar]</c>.</summary>
internal sealed class RegistrarOptions : ICheckedOptions
{
    [Setting("Domains whose users may register here, and whose users the Router looks up. localhost stands for this machine: its addresses "
        + "and aliases. * means every domain, but not an IP address that is none of the server's own.")]
    [DeclaresDomains]
    public IReadOnlyList<string> RegDomains { get; init; } = ["localhost"];

    [Setting("Most bindings that an address keeps; the oldest makes room for a new one.", Min = 1, Max = 1000)]
    public int MaxContactsByAor { get; init; } = 12;

    [Setting("Most Contacts in one REGISTER; more are refused with 403.", Min = 1, Max = 1000)]
    public int MaxContactsPerRegistration { get; init; } = 12;

    [Setting("Contact parameters, header or URI, that name the device; the first that a Contact has counts. A device that registers again "
        + "replaces its own binding, whatever address it has now.")]
    public IReadOnlyList<string> UniqueIdParameters { get; init; } = ["+sip.instance", "pn-tok", "line"];

    [Setting("Whether phones that ask for it are given addresses of their own, beside that of their user (GRUU, RFC 5627).")]
    public bool EnableGruu { get; init; } = true;

    [Setting("What phones with several flows (RFC 5626) are told in Flow-Timer: how long they may be silent. 0: they are told nothing and keep "
        + "to the times of the standard.")]
    public TimeSpan FlowTimer { get; init; } = TimeSpan.Zero;

    [Setting("How often a phone that registers by UDP from behind a NAT is sent an empty line, so that the NAT lets calls through to it. 0: never.",
        Max = "10min")]
    public TimeSpan NatKeepaliveInterval { get; init; } = TimeSpan.FromSeconds(25);

    [Setting("Longest time that is granted to a binding; what asks for more gets this.", Min = "1s", Max = "10y")]
    public TimeSpan MaxExpires { get; init; } = TimeSpan.FromSeconds(86400);

    [Setting("Shortest time that is granted to a binding; what asks for less gets this. 0 still removes the binding.", Min = "1s", Max = "10y")]
    public TimeSpan MinExpires { get; init; } = TimeSpan.FromSeconds(60);

    [Setting("Time that is granted when the request asks for none.", Unit = "ms", Min = "1s", Max = "10y")]
    public TimeSpan DefaultExpires { get; init; } = TimeSpan.FromMinutes(10);

    [Setting("Time that every binding gets, whatever is asked for; 0 is off.")]
    public TimeSpan ForceExpires { get; init; } = TimeSpan.Zero;

    [Setting("Contact parameter with the seconds for which a phone that sleeps wants messages, but no calls, after its registration has run out; "
        + "10 years at most.")]
    public string MessageExpiresParamName { get; init; } = "message-expires";

    [Setting("Largest part, in percent, that is taken at random off the time told to the phone, so that phones which came back all at once "
        + "after an outage spread out again.", Min = 0, Max = 90)]
    public int RegisterExpireRandomizerMax { get; init; }

    [Setting("URIs, split at blanks, that the answer hands out as Service-Route (RFC 3608).")]
    public string ServiceRoute { get; init; } = "";

    [Setting("Where bindings are kept: internal is this process's memory; other names come from plug-ins.")]
    [Chooses(typeof(ILocationService))]
    public string DbImplementation { get; init; } = "internal";

    public IEnumerable<SettingFault> Check()
    {
        if (MinExpires > MaxExpires)
        {
            yield return new SettingFault("min-expires", "is longer than max-expires");
        }

        if (MessageExpiresParamName.Length == 0 || !MessageExpiresParamName.All(c => char.IsAsciiLetterOrDigit(c) || "-.!%*_+`'~".Contains(c, StringComparison.Ordinal)))
        {
            yield return new SettingFault("message-expires-param-name", $"\"{MessageExpiresParamName}\" is no name of a parameter");
        }
    }

    /// <summary>The time granted, in seconds.</summary>
    /// <param name="asked">What the phone asked for; null: nothing, or nothing readable.</param>
    public long Grant(uint? asked)
    {
        if (asked == 0)
        {
            return 0;
        }

        if (ForceExpires > TimeSpan.Zero)
        {
            return (long)ForceExpires.TotalSeconds;
        }

        return asked is { } seconds
            ? Math.Clamp(seconds, (long)MinExpires.TotalSeconds, (long)MaxExpires.TotalSeconds)
            : (long)DefaultExpires.TotalSeconds;
    }
}

namespace Sip.B2bua.Plugins.DoSProtection;

/// <summary>The settings of <c>[module::DoSProtection]</c>.</summary>
internal sealed class DoSProtectionOptions : ICheckedOptions
{
    [Setting("How long the requests of a source are counted before its rate is judged.", Unit = "ms", Min = "100ms", Max = "1h")]
    public TimeSpan TimePeriod { get; init; } = TimeSpan.FromMilliseconds(3000);

    [Setting("Requests per second, on average over the time period, above which a source address is banned. In-dialog requests and "
        + "retransmissions do not count. All phones behind one NAT count as one source.", Min = 1)]
    public int PacketRateLimit { get; init; } = 20;

    [Setting("How long a banned source is ignored. The server itself drops its requests without an answer; no firewall rule is made, so "
        + "no privilege is needed.", Unit = "min", Min = "1min")]
    public TimeSpan BanTime { get; init; } = TimeSpan.FromMinutes(2);

    [Setting("Addresses, networks such as 192.0.2.0/24 and host names that are never banned. Loopback never is.")]
    public IReadOnlyList<string> WhiteList { get; init; } = [];

    [Setting("How many source addresses are watched at once; further ones are let through unwatched.", Min = 16)]
    public int MaxSources { get; init; } = 16384;

    public IEnumerable<SettingFault> Check()
    {
        foreach (string word in WhiteList)
        {
            if (AddressList.Fault(word) is { } fault)
            {
                yield return new SettingFault("white-list", fault);
            }
        }
    }
}

namespace Sip.B2bua.Plugins.Router;

/// <summary>What is remembered of a call that phones may join late or that may be diverted.</summary>
/// <param name="called">The address-of-record that was called.</param>
/// <param name="secure">Whether only secure targets will do.</param>
internal sealed class RouterCall(string called, bool secure)
{
    private readonly List<DiversionHop> hops = [];

    /// <summary>The address-of-record that is tried now.</summary>
    public string Address { get; private set; } = called;

    /// <summary>Where the call goes when that is no user of ours; null: to the targets of <see cref="Address"/>.</summary>
    public string? Uri { get; private set; }

    /// <summary>Whether only secure targets will do.</summary>
    public bool IsSecure => secure;

    /// <summary>Whether it has gone to voicemail, which is the end of all diversions.</summary>
    public bool IsInVoicemail { get; set; }

    /// <summary>Diversion and History-Info of whoever sent the request, if it is believed.</summary>
    public IReadOnlyList<(string Name, string Value)> Carried { get; init; } = [];

    /// <summary>How often the call was diverted, before it came here and since.</summary>
    public int Diversions { get; set; }

    /// <summary>Its entry among the calls that phones may join.</summary>
    public LateCall? Late { get; set; }

    /// <summary>The steps so far.</summary>
    public IReadOnlyList<DiversionHop> Hops => hops;

    /// <summary>Whether the call has been at an address.</summary>
    public bool WasAt(string address) => address == Address || hops.Exists(hop => hop.From == address);

    /// <summary>Goes to a user of ours.</summary>
    public void GoTo(string address, string uri, int code)
    {
        hops.Add(new DiversionHop(Address, uri, code));
        Address = address;
        Uri = null;
    }

    /// <summary>Goes to somebody else.</summary>
    public void GoAbroad(string uri, int code)
    {
        hops.Add(new DiversionHop(Address, uri, code));
        Uri = uri;
    }
}

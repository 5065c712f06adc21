namespace Sip.B2bua;

/// <summary>What a setting of one module decides for the whole server.</summary>
public enum ServerRule
{
    /// <summary>A Boolean: a user has the same bindings in every domain that is served; see <see cref="ILocalDomains.RecordKey"/>.</summary>
    OneDomain,

    /// <summary>A <see cref="TimeSpan"/>: how long a kept message waits for those before it to the same device.</summary>
    MessageRetention,

    /// <summary>A word: the transport of a SIP URI with a name, but neither a port nor a transport; <c>udp</c>: what the DNS says.</summary>
    DefaultTransport,
}

namespace Sip.Transports;

/// <summary>One way to a target as target resolution has found it (RFC 3263 4): by what transport, to what address and port.</summary>
/// <param name="Token">The transport as the Via writes it: "UDP", "TCP", "TLS", "WS", "WSS".</param>
/// <param name="Address">Address and port.</param>
public readonly record struct TargetWay(string Token, SipAddress Address)
{
    /// <inheritdoc/>
    public override string ToString() => $"{Token} {Address}";
}

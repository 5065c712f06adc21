namespace Sip.B2bua.Configuration;

/// <summary>One URI of <c>transports</c>: where to listen, by which transports, and what is announced.</summary>
/// <param name="Text">The URI as written.</param>
/// <param name="Tokens">The transports as the Via names them: UDP and TCP unless the URI says one; TLS for sips.</param>
/// <param name="Host">The name or address announced, IPv6 without brackets; <c>*</c>: every address of the machine.</param>
/// <param name="Port">The port; 0: any that is free.</param>
/// <param name="Maddr">The address to bind to instead of <paramref name="Host"/>, or null.</param>
/// <param name="Parameters">The other parameters, such as <c>tls-certificates-file</c>; a parameter without a value has the empty one.</param>
internal sealed record TransportUri(
    string Text,
    IReadOnlyList<string> Tokens,
    string Host,
    int Port,
    string? Maddr,
    IReadOnlyDictionary<string, string> Parameters)
{
    /// <summary>The address, name or <c>*</c> to bind to.</summary>
    public string BindHost => Maddr ?? Host;
}

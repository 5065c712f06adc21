namespace Sip.Transports;

/// <summary>
/// How a SIP transport is named in the DNS: RFC 3263 4.1, RFC 7118 5.5 for WebSocket. Their order is that in which they are tried
/// where a domain states none.
/// </summary>
/// <param name="Token">The transport as the Via writes it.</param>
/// <param name="Naptr">Its service in a NAPTR record.</param>
/// <param name="SrvPrefix">What stands before the domain in the name of an SRV record.</param>
/// <param name="IsSecure">Whether it may be used for a SIPS URI.</param>
/// <param name="Port">RFC 3261 19.1.2: the port where none is given.</param>
internal sealed record SipService(string Token, string Naptr, string SrvPrefix, bool IsSecure, int Port)
{
    /// <summary>UDP.</summary>
    public static SipService Udp { get; } = new("UDP", "SIP+D2U", "_sip._udp.", false, 5060);

    /// <summary>TCP.</summary>
    public static SipService Tcp { get; } = new("TCP", "SIP+D2T", "_sip._tcp.", false, 5060);

    /// <summary>TLS.</summary>
    public static SipService Tls { get; } = new("TLS", "SIPS+D2T", "_sips._tcp.", true, 5061);

    /// <summary>All of them.</summary>
    public static IReadOnlyList<SipService> All { get; } =
    [
        Udp,
        Tcp,
        Tls,
        new("WS", "SIP+D2W", "_sip._ws.", false, 80),
        new("WSS", "SIPS+D2W", "_sips._ws.", true, 443),
    ];

    /// <summary>The service that a URI's transport parameter asks for (RFC 3261 19.1.1, 26.2.2); null for none of ours.</summary>
    /// <param name="transport">The parameter's value.</param>
    /// <param name="isSecure">Whether the URI is a SIPS URI.</param>
    public static SipService? Of(ReadOnlySpan<byte> transport, bool isSecure)
    {
        foreach (SipService service in All)
        {
            if (Matches(transport, service.Token))
            {
                // 26.2.2: with sips, "tcp" means TLS over TCP; and nothing is secure over UDP.
                return !isSecure || service.IsSecure ? service
                    : service == Tcp ? Tls
                    : service.Token == "WS" ? All[^1]
                    : null;
            }
        }

        return null;
    }

    private static bool Matches(ReadOnlySpan<byte> value, string token) =>
        value.Length == token.Length && System.Text.Ascii.EqualsIgnoreCase(value, token);
}

using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Sip.B2bua.Configuration;

/// <summary>
/// Reads <c>transports</c>: <c>sip:host[:port][;transport=udp|tcp|ws][;maddr=address]</c> and
/// <c>sips:host[:port][;transport=wss][;parameters of TLS]</c>. Mistakes are values, all of them at once.
/// </summary>
internal static class TransportsGrammar
{
    private static readonly string[] TlsParameters =
    [
        "tls-certificates-file", "tls-certificates-private-key", "tls-certificates-ca-file", "tls-verify-incoming",
        "tls-allow-missing-client-certificate", "tls-verify-outgoing", "require-peer-certificate", "tls-client-connection",
    ];

    private static readonly string[] AnyParameters = ["transport", "maddr", "network"];

    /// <summary>Reads every URI of the list.</summary>
    /// <param name="uris">The words of the setting.</param>
    /// <param name="faults">What is wrong, a sentence for each fault.</param>
    /// <returns>The URIs without a fault.</returns>
    public static IReadOnlyList<TransportUri> Parse(IReadOnlyList<string> uris, out IReadOnlyList<string> faults)
    {
        var good = new List<TransportUri>(uris.Count);
        var bad = new List<string>();
        var seen = new HashSet<(string, string, int)>();
        foreach (var text in uris)
        {
            if (One(text, out var fault) is not { } uri)
            {
                bad.Add($"{text}: {fault}");
            }
            else if (uri.Port != 0 && uri.Tokens.Any(token => !seen.Add((IsDatagram(token), uri.BindHost, uri.Port))))
            {
                bad.Add($"{text}: the port is taken by an earlier URI of the list");
            }
            else
            {
                good.Add(uri);
            }
        }

        faults = bad;
        return good;
    }

    private static string IsDatagram(string token) => token == "UDP" ? "datagram" : "stream";

    private static TransportUri? One(string text, out string fault)
    {
        var parts = text.Split(';');
        var colon = parts[0].IndexOf(':', StringComparison.Ordinal);
        var scheme = colon < 0 ? "" : parts[0][..colon].ToLowerInvariant();
        if (scheme is not ("sip" or "sips"))
        {
            fault = "must begin with sip: or sips:";
            return null;
        }

        var secure = scheme == "sips";
        if (!HostAndPort(parts[0][(colon + 1)..], secure ? 5061 : 5060, out var host, out var port, out fault)
            || Parameters(parts.AsSpan(1), secure, out fault) is not { } parameters
            || Tokens(parameters, secure, out fault) is not { } tokens)
        {
            return null;
        }

        parameters.Remove("maddr", out var maddr);
        maddr = maddr?.Trim('[', ']');
        if (maddr is not null && !IPAddress.TryParse(maddr, out _))
        {
            fault = "maddr must be an IP address";
            return null;
        }

        return NetworkIsGood(parameters, host, out fault) ? new TransportUri(text, tokens, host, port, maddr, parameters) : null;
    }

    private static bool HostAndPort(string text, int defaultPort, out string host, out int port, out string fault)
    {
        host = text;
        port = defaultPort;
        fault = "";
        var bracket = text.IndexOf(']', StringComparison.Ordinal);
        var colon = text.IndexOf(':', bracket + 1);
        if (colon >= 0)
        {
            host = text[..colon];
            if (!ushort.TryParse(text.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var number))
            {
                fault = "the port must be a number up to 65535 (an IPv6 address stands in brackets)";
                return false;
            }

            port = number;
        }

        if (bracket >= 0)
        {
            host = host.Trim('[', ']');
            fault = IPAddress.TryParse(host, out var address) && address.AddressFamily == AddressFamily.InterNetworkV6 && text[0] == '['
                ? ""
                : "an IPv6 address is expected in the brackets";
            return fault.Length == 0;
        }

        if (host.Contains('@', StringComparison.Ordinal))
        {
            fault = "has no user part: host[:port] expected";
        }
        else if (host != "*" && Uri.CheckHostName(host) is not (UriHostNameType.Dns or UriHostNameType.IPv4))
        {
            fault = "a host name, an IP address or * is expected";
        }

        return fault.Length == 0;
    }

    private static Dictionary<string, string>? Parameters(ReadOnlySpan<string> written, bool secure, out string fault)
    {
        fault = "";
        var parameters = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        foreach (var parameter in written)
        {
            var sign = parameter.IndexOf('=', StringComparison.Ordinal);
            var name = (sign < 0 ? parameter : parameter[..sign]).Trim();
            var isTls = TlsParameters.Contains(name, StringComparer.OrdinalIgnoreCase);
            if (!isTls && !AnyParameters.Contains(name, StringComparer.OrdinalIgnoreCase))
            {
                var meant = NearestName.Of(name, TlsParameters.Concat(AnyParameters));
                fault = $"there is no parameter {name}" + (meant is null ? "" : $"; did you mean \"{meant}\"?");
            }
            else if (isTls && !secure)
            {
                fault = $"{name} belongs to sips: URIs";
            }
            else if (!parameters.TryAdd(name, sign < 0 ? "" : parameter[(sign + 1)..]))
            {
                fault = $"{name} stands twice";
            }

            if (fault.Length > 0)
            {
                return null;
            }
        }

        return parameters;
    }

    private static string[]? Tokens(Dictionary<string, string> parameters, bool secure, out string fault)
    {
        fault = "";
        parameters.Remove("transport", out var transport);
        string[]? tokens = (secure, transport?.ToLowerInvariant()) switch
        {
            (false, null) => ["UDP", "TCP"],
            (false, "udp") => ["UDP"],
            (false, "tcp") => ["TCP"],
            (false, "ws") => ["WS"],
            (true, null or "tcp") => ["TLS"],
            // RFC 7118 5.2: a sips URI with transport=ws means a secure WebSocket.
            (true, "ws" or "wss") => ["WSS"],
            _ => null,
        };
        if (tokens is null)
        {
            fault = transport!.Equals("tls", StringComparison.OrdinalIgnoreCase)
                ? "write sips: instead of transport=tls"
                : secure ? "sips: goes by TLS, or by transport=wss" : "transport must be udp, tcp or ws";
        }

        return tokens;
    }

    private static bool NetworkIsGood(Dictionary<string, string> parameters, string host, out string fault)
    {
        fault = "";
        if (!parameters.TryGetValue("network", out var networks))
        {
            return true;
        }

        if (host == "*" || host.Contains(':', StringComparison.Ordinal))
        {
            fault = "network= goes with one IPv4 address only";
        }
        else if (!networks.Split(',').All(n => IPNetwork.TryParse(n, out var network) && network.BaseAddress.AddressFamily == AddressFamily.InterNetwork))
        {
            fault = "network must be IPv4 networks such as 10.0.0.0/8, split by commas";
        }

        return fault.Length == 0;
    }
}

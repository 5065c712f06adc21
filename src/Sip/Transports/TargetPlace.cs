using System.Text;
using Sip.Uris;

namespace Sip.Transports;

/// <summary>What a URI says about where its requests go.</summary>
internal readonly record struct TargetPlace
{
    /// <summary>The host, without brackets; RFC 3263 4 calls it TARGET.</summary>
    public required string Host { get; init; }

    /// <summary>The host as an address, or none if it is a name.</summary>
    public SipAddress Literal { get; init; }

    /// <summary>The port; -1 if none is given.</summary>
    public int Port { get; init; }

    /// <summary>Whether the URI is a SIPS URI.</summary>
    public bool IsSecure { get; init; }

    /// <summary>The transport that the URI asks for; null if none.</summary>
    public SipService? Service { get; init; }

    /// <summary>Reads a URI, or says what is wrong with it.</summary>
    /// <param name="text">The URI.</param>
    /// <param name="useMaddr">Whether its maddr parameter counts.</param>
    /// <param name="place">What it says.</param>
    public static TargetProblem Read(ReadOnlySpan<byte> text, bool useMaddr, out TargetPlace place)
    {
        place = default;
        if (!SipUri.TryParse(text, out SipUri uri))
        {
            return TargetProblem.BadUri;
        }

        SipService? service = null;
        if (uri.TryGetParam("transport"u8, out ReadOnlySpan<byte> transport))
        {
            service = SipService.Of(transport, uri.IsSecure);
            if (service is null)
            {
                return TargetProblem.NoTransport;
            }
        }

        // RFC 3263 4: "If the URI contains an maddr parameter, TARGET is the value of that parameter."
        ReadOnlySpan<byte> host = useMaddr && uri.TryGetParam("maddr"u8, out ReadOnlySpan<byte> maddr) ? maddr : uri.Host;
        SipAddress.TryParse(host, 0, out SipAddress literal);
        place = new TargetPlace
        {
            Host = Encoding.ASCII.GetString(literal.IsIPv6 ? host.Trim("[]"u8) : host),
            Literal = literal,
            Port = uri.Port > 0 ? uri.Port : -1,
            IsSecure = uri.IsSecure,
            Service = service,
        };
        return TargetProblem.None;
    }
}

using System.Net;
using System.Net.Sockets;
using System.Text;
using Sip.Transports;
using Sip.Uris;

namespace Sip.B2bua.Calls;

/// <summary>The way to a target that has no flow: the host of its topmost Route or of its URI, as an address or by name.</summary>
internal static class TargetLookup
{
    /// <summary>Finds a flow on <paramref name="loop"/>, or null when the host has no address that can be reached.</summary>
    public static async ValueTask<Flow?> FindAsync(SipLoop loop, Target target)
    {
        string text = target.Route.Count > 0 ? target.Route[0].Trim('<', '>', ' ') : target.Uri;
        if (Read(text) is not { } place)
        {
            return null;
        }

        if (SipAddress.TryParse(place.Host, place.Port, out SipAddress literal))
        {
            return loop.Transports.TryGetFlow(place.Token, literal, place.Host, out Flow known) ? known : null;
        }

        IPAddress[] addresses;
        try
        {
            addresses = await Dns.GetHostAddressesAsync(Encoding.ASCII.GetString(place.Host));
        }
        catch (SocketException)
        {
            return null; // the name is unknown: input, not a fault
        }

        foreach (IPAddress address in addresses)
        {
            if (loop.Transports.TryGetFlow(place.Token, SipAddress.From(new IPEndPoint(address, place.Port)), place.Host, out Flow flow))
            {
                return flow;
            }
        }

        return null;
    }

    private static Place? Read(string text)
    {
        if (!SipUri.TryParse(Encoding.UTF8.GetBytes(text), out SipUri uri))
        {
            return null;
        }

        byte[] token = uri.TryGetParam("transport"u8, out ReadOnlySpan<byte> transport) ? transport.ToArray() : uri.IsSecure ? "TLS"u8.ToArray() : "UDP"u8.ToArray();
        return new Place(uri.Host.ToArray(), uri.Port > 0 ? uri.Port : uri.IsSecure ? 5061 : 5060, token);
    }

    private sealed record Place(byte[] Host, int Port, byte[] Token);
}

using Sip.Headers;
using Sip.Messages;
using Sip.Transports;

namespace Sip.Transactions;

/// <summary>Where a response goes: RFC 3261 18.2.2 and RFC 3581 4.</summary>
/// <remarks>
/// A maddr parameter is not obeyed: it would let anybody point our responses at a third party, and we join no multicast group.
/// </remarks>
internal static class ResponseRoute
{
    private const int DefaultPort = 5060;
    private const int DefaultSecurePort = 5061;

    /// <summary>The way back for a request that came by this flow.</summary>
    public static Flow For(SipMessage request, in Flow flow)
    {
        // 18.2.2: over a reliable transport by the same connection.
        if (flow.IsReliable || !Via.TryParse(request.TopVia, out Via via))
        {
            return flow;
        }

        // RFC 3581 4: with rport to the address and port that the request came from, and from the address that it came to.
        if (via.RPort >= 0)
        {
            return flow;
        }

        // 18.2.2: without, to the source address and the port of the sent-by, 5060 if there is none.
        return new Flow(flow.Transport, flow.Local, flow.Remote.WithPort(PortOf(via, flow)));
    }

    /// <summary>Sends a response, by another connection if the request's is closed.</summary>
    /// <param name="transports">The transports of the loop.</param>
    /// <param name="sentByPort">What <see cref="SentByPort"/> said of the request.</param>
    /// <param name="flow">The way back; changed when another connection had to be made.</param>
    /// <param name="response">The response; takes over the caller's count.</param>
    public static void Send(TransportSet transports, int sentByPort, ref Flow flow, SipBuffer response)
    {
        // 18.2.2: "If that connection is no longer open, the server SHOULD open a connection to the IP address in the
        // 'received' parameter", which is the source address, "using the port in the 'sent-by' value".
        if (!flow.TakesAnswers
            && sentByPort > 0
            && transports.TryGetFlow(flow.Transport.ViaToken, flow.Remote.WithPort(sentByPort), out Flow other))
        {
            flow = other;
        }

        transports.Send(flow, response);
    }

    /// <summary>The port at which the sender of a request awaits connections; 0 when its Via cannot be read.</summary>
    public static int SentByPort(SipMessage request, in Flow flow) => Via.TryParse(request.TopVia, out Via via) ? PortOf(via, flow) : 0;

    private static int PortOf(in Via via, in Flow flow) =>
        via.Port > 0 ? via.Port : flow.IsSecure ? DefaultSecurePort : DefaultPort;
}

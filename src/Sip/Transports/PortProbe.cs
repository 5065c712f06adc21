using System.Net;
using System.Net.Sockets;

namespace Sip.Transports;

/// <summary>
/// Looks whether an address is free before the loops open it together. Their sockets share it (SO_REUSEPORT), so a second server
/// started by mistake would silently take half of the messages.
/// </summary>
internal static class PortProbe
{
    /// <summary>The point's address with a port: its own, or one that the system chose.</summary>
    public static IPEndPoint Reserve(ListeningPoint point)
    {
        bool datagrams = point.Token == "UDP";
        using Socket probe = new(
            point.Bind.AddressFamily,
            datagrams ? SocketType.Dgram : SocketType.Stream,
            datagrams ? ProtocolType.Udp : ProtocolType.Tcp);
        if (point.Bind.AddressFamily == AddressFamily.InterNetworkV6)
        {
            probe.DualMode = false;
        }

        probe.Bind(point.Bind);
        return (IPEndPoint)probe.LocalEndPoint!;
    }
}

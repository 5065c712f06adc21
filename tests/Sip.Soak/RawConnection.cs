using System.Net;
using System.Net.Sockets;

namespace Sip.Soak;

/// <summary>A TCP connection on which some octets were sent and nothing else happens.</summary>
internal static class RawConnection
{
    /// <summary>Opens one. Throws SocketException where the server does not let it.</summary>
    public static Socket Open(IPEndPoint to, IPAddress from, ReadOnlySpan<byte> octets)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { SendTimeout = 100, ReceiveTimeout = 100 };
        try
        {
            socket.Bind(new IPEndPoint(from, 0));
            socket.Connect(to);
            if (!octets.IsEmpty)
            {
                socket.Send(octets);
            }

            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}

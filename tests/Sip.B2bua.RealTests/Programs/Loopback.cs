using System.Net;
using System.Net.Sockets;

namespace Sip.B2bua.RealTests.Programs;

/// <summary>Addresses and ports of 127.0.0.0/8 that nobody else uses, so that tests run side by side.</summary>
internal static class Loopback
{
    /// <summary>
    /// Where the phones are. What they send from a socket bound to no address leaves from here (RTP, and every TCP connection),
    /// so a phone elsewhere would look as if it were behind a NAT that changes addresses.
    /// </summary>
    public const string Phones = "127.0.0.1";

    // Below 32768, where the kernel takes the ports of outgoing connections.
    private const int FirstPort = 12000;
    private const int LastPort = 32000;

    // Four digits: sipsak cuts the fifth off.
    private const int FirstServerPort = 5100;
    private const int LastServerPort = 9999;
    private static int addresses;
    private static int serverPorts = FirstServerPort + (Environment.ProcessId * 31 % (LastServerPort - FirstServerPort));
    private static int ports = FirstPort + (Environment.ProcessId * 97 % (LastPort - FirstPort));

    /// <summary>An address that no other test uses: 127.x.y.z, x from 16 to 239.</summary>
    public static string NextAddress()
    {
        int number = Interlocked.Increment(ref addresses);
        return $"127.{16 + (Environment.ProcessId % 224)}.{number / 250}.{2 + (number % 250)}";
    }

    /// <summary>The first of a number of consecutive ports that are free for UDP and for TCP on every address.</summary>
    public static int NextPorts(int count = 1) => Next(ref ports, count, FirstPort, LastPort);

    /// <summary>A port for a server; the two after it are free, too, for TLS and WebSocket.</summary>
    public static int NextServerPort() => Next(ref serverPorts, 3, FirstServerPort, LastServerPort);

    private static int Next(ref int next, int count, int lowest, int highest)
    {
        while (true)
        {
            int first = Interlocked.Add(ref next, count) - count;
            if (first + count > highest)
            {
                Interlocked.CompareExchange(ref next, lowest, first + count);
                continue;
            }

            if (Enumerable.Range(first, count).All(IsFree))
            {
                return first;
            }
        }
    }

    /// <summary>Whether a port can be had for UDP and TCP, on every address.</summary>
    public static bool IsFree(int port)
    {
        try
        {
            using var udp = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
            udp.Bind(new IPEndPoint(IPAddress.Any, port));
            using var tcp = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            tcp.Bind(new IPEndPoint(IPAddress.Any, port));
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}

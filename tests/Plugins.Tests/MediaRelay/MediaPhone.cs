using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Plugins.Tests.MediaRelay;

/// <summary>A phone's RTP and RTCP sockets, and the session description that it writes.</summary>
internal sealed class MediaPhone : IDisposable
{
    private readonly List<Socket> moved = [];

    public MediaPhone(string address)
    {
        Address = IPAddress.Parse(address);
        Rtp = Open();
        Rtcp = Open();
    }

    public IPAddress Address { get; }

    public Socket Rtp { get; private set; }

    public Socket Rtcp { get; private set; }

    public int Port => ((IPEndPoint)Rtp.LocalEndPoint!).Port;

    public int RtcpPort => ((IPEndPoint)Rtcp.LocalEndPoint!).Port;

    /// <summary>Where the phone was told to send; set by <see cref="Learn"/>.</summary>
    public IPEndPoint Target { get; private set; } = new(IPAddress.None, 0);

    public IPEndPoint RtcpTarget { get; private set; } = new(IPAddress.None, 0);

    /// <summary>The phone's description, with another address where it does not know its own.</summary>
    public byte[] Sdp(string? address = null, string extra = "", string media = "audio", string protocol = "RTP/AVP 0")
    {
        string family = Address.AddressFamily == AddressFamily.InterNetworkV6 ? "IP6" : "IP4";
        return Encoding.ASCII.GetBytes(
            $"v=0\r\no=phone 1 1 IN {family} {address ?? Address.ToString()}\r\ns=-\r\nc=IN {family} {address ?? Address.ToString()}\r\n"
            + $"t=0 0\r\nm={media} {Port} {protocol}\r\na=rtcp:{RtcpPort}\r\n{extra}");
    }

    /// <summary>Reads where to send from the description that the phone got.</summary>
    public void Learn(string sdp)
    {
        IPAddress host = IPAddress.Parse(Lines(sdp).Last(l => l.StartsWith("c=", StringComparison.Ordinal)).Split(' ')[2]);
        int port = PortOf(sdp);
        string? rtcp = Lines(sdp).FirstOrDefault(l => l.StartsWith("a=rtcp:", StringComparison.Ordinal));
        Target = new IPEndPoint(host, port);
        RtcpTarget = new IPEndPoint(host, rtcp is null ? port + 1 : int.Parse(rtcp[7..]));
    }

    public static int PortOf(string sdp) => int.Parse(Lines(sdp).First(l => l.StartsWith("m=", StringComparison.Ordinal)).Split(' ')[1]);

    public void SendRtp(byte mark) => Rtp.SendTo(Packet(mark), Target);

    public void SendRtcp(byte mark) => Rtcp.SendTo(RtcpPacket(mark), RtcpTarget);

    /// <summary>Goes on from another port, as behind a NAT that forgot its mapping.</summary>
    public void Move()
    {
        moved.Add(Rtp);
        Rtp = Open();
    }

    /// <summary>The mark of the packet that waits at a socket, or -1 when none does.</summary>
    public static int Heard(Socket socket)
    {
        if (!socket.Poll(0, SelectMode.SelectRead))
        {
            return -1;
        }

        byte[] buffer = new byte[65536];
        int length = socket.Receive(buffer);
        return length > 12 ? buffer[12] : buffer[length - 1];
    }

    public static byte[] Packet(byte mark, int length = 172)
    {
        byte[] packet = new byte[length];
        packet[0] = 0x80;
        packet[12] = mark;
        return packet;
    }

    public static byte[] RtcpPacket(byte mark)
    {
        byte[] packet = Packet(mark, 28);
        packet[1] = 200;
        return packet;
    }

    public void Dispose()
    {
        Rtp.Dispose();
        Rtcp.Dispose();
        moved.ForEach(s => s.Dispose());
    }

    private static string[] Lines(string sdp) => sdp.Split("\r\n");

    private Socket Open()
    {
        Socket socket = new(Address.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
        socket.Bind(new IPEndPoint(Address, 0));
        return socket;
    }
}

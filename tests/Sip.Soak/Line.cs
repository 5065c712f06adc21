using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Text;

namespace Sip.Soak;

/// <summary>A way to the server, over any of its transports, for one thread that waits on it.</summary>
internal sealed class Line : IDisposable
{
    private readonly Socket socket;
    private readonly Stream? stream;

    private Line(string transport, Socket socket, Stream? stream)
    {
        Transport = transport;
        this.socket = socket;
        this.stream = stream;
    }

    /// <summary>UDP, TCP, TLS, WS or WSS.</summary>
    public string Transport { get; }

    public IPEndPoint Local => (IPEndPoint)socket.LocalEndPoint!;

    /// <summary>Opens one. Throws SocketException or IOException where the server does not let it.</summary>
    public static Line Open(ServerUnderSoak server, string transport, IPAddress from, int milliseconds)
    {
        bool datagrams = transport == "UDP";
        var socket = new Socket(AddressFamily.InterNetwork, datagrams ? SocketType.Dgram : SocketType.Stream, datagrams ? ProtocolType.Udp : ProtocolType.Tcp)
        {
            ReceiveTimeout = milliseconds,
            SendTimeout = milliseconds,
        };
        try
        {
            socket.Bind(new IPEndPoint(from, 0));
            if (datagrams)
            {
                return new Line(transport, socket, null);
            }

            socket.NoDelay = true;
            socket.Connect(server.EndPoint(transport));
            Stream stream = new NetworkStream(socket);
            if (transport is "TLS" or "WSS")
            {
                var secure = new SslStream(stream, false, (_, _, _, _) => true);
                secure.AuthenticateAsClient(ServerUnderSoak.Domain);
                stream = secure;
            }

            if (transport is "WS" or "WSS")
            {
                stream.Write(WebSocketText.Handshake());
                ReadHead(stream);
            }

            return new Line(transport, socket, stream);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>Sends a message, framed as the transport wants it.</summary>
    public void Send(ServerUnderSoak server, ReadOnlySpan<byte> message)
    {
        switch (Transport)
        {
            case "UDP":
                socket.SendTo(message, server.EndPoint("UDP"));
                break;
            case "WS" or "WSS":
                stream!.Write(WebSocketText.Frame(message));
                break;
            default:
                stream!.Write(message);
                break;
        }
    }

    /// <summary>Sends octets as they are.</summary>
    public void SendRaw(ReadOnlySpan<byte> octets) => stream!.Write(octets);

    /// <summary>Reads what there is; 0 at the end of a stream. Throws when nothing comes in time.</summary>
    public int Read(Span<byte> octets)
    {
        if (stream is not null)
        {
            return stream.Read(octets);
        }

        // What is unreachable behind an earlier datagram is not this one's fault.
        int count = socket.Receive(octets, SocketFlags.None, out SocketError error);
        return error switch
        {
            SocketError.Success => count,
            SocketError.ConnectionReset or SocketError.ConnectionRefused => Read(octets),
            _ => throw new SocketException((int)error),
        };
    }

    /// <summary>Resets the connection rather than ending it in order.</summary>
    public void Reset()
    {
        socket.LingerState = new LingerOption(true, 0);
        socket.Dispose();
    }

    public void Dispose() => socket.Dispose();

    private static void ReadHead(Stream stream)
    {
        var head = new StringBuilder();
        while (!head.ToString().EndsWith("\r\n\r\n", StringComparison.Ordinal))
        {
            int octet = stream.ReadByte();
            if (octet < 0)
            {
                throw new IOException("closed instead of an upgrade");
            }

            head.Append((char)octet);
        }

        if (!head.ToString().StartsWith("HTTP/1.1 101 ", StringComparison.Ordinal))
        {
            throw new IOException(head.ToString());
        }
    }
}

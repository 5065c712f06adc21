using System.Net.Sockets;

namespace Sip.Transports;

/// <summary>A UDP socket for one question. It is connected, so the system itself drops what another address sends.</summary>
internal sealed class DnsDatagramSocket : IDnsSocket, ILoopSource
{
    // Strangers may flood the port; the loop has other things to do, too.
    private const int MaxReads = 8;

    private readonly EventLoop loop;
    private readonly SipAddress server;
    private readonly IDnsReceiver receiver;
    private readonly byte[] scratch;
    private readonly Socket socket;
    private bool closed;

    private DnsDatagramSocket(EventLoop loop, in SipAddress server, IDnsReceiver receiver, byte[] scratch, Socket socket)
    {
        this.loop = loop;
        this.server = server;
        this.receiver = receiver;
        this.scratch = scratch;
        this.socket = socket;
    }

    public static DnsDatagramSocket? Open(EventLoop loop, in SipAddress server, IDnsReceiver receiver, byte[] scratch)
    {
        Socket socket = new(server.IsIPv4 ? AddressFamily.InterNetwork : AddressFamily.InterNetworkV6, SocketType.Dgram, ProtocolType.Udp);
        try
        {
            // The system chooses a port at random (RFC 5452 9.2).
            socket.Blocking = false;
            socket.Connect(server.ToEndPoint());
        }
        catch (SocketException)
        {
            socket.Dispose(); // no way to that address: the next server is asked
            return null;
        }

        DnsDatagramSocket opened = new(loop, server, receiver, scratch, socket);
        loop.Poller.Add(socket, opened, LoopEvents.Read);
        return opened;
    }

    public bool Send(ReadOnlySpan<byte> message)
    {
        socket.Send(message, SocketFlags.None, out SocketError error);
        return error == SocketError.Success;
    }

    public void Close()
    {
        if (!closed)
        {
            closed = true;
            loop.Poller.Remove(socket);
            socket.Dispose();
        }
    }

    public void OnReady(LoopEvents ready)
    {
        for (int i = 0; i < MaxReads && !closed; i++)
        {
            int length = socket.Receive(scratch, SocketFlags.None, out SocketError error);
            if (error == SocketError.WouldBlock)
            {
                return;
            }

            if (error == SocketError.Success)
            {
                receiver.OnMessage(server, scratch.AsSpan(0, length));
            }
            else
            {
                receiver.OnUnreachable(); // ICMP: nobody there
                return;
            }
        }
    }
}

using System.Buffers.Binary;
using System.Net.Sockets;
using Sip.Interop;

namespace Sip.Transports;

/// <summary>A TCP connection for one question: each message has its length in front (RFC 1035 4.2.2).</summary>
internal sealed class DnsStreamSocket : IDnsSocket, ILoopSource
{
    private const int LengthOctets = 2;

    private readonly EventLoop loop;
    private readonly SipAddress server;
    private readonly IDnsReceiver receiver;
    private readonly Socket socket;
    private byte[] outgoing = [];
    private byte[] incoming = new byte[4096];
    private int sent;
    private int received;
    private bool connected;
    private bool closed;

    private DnsStreamSocket(EventLoop loop, in SipAddress server, IDnsReceiver receiver, Socket socket)
    {
        this.loop = loop;
        this.server = server;
        this.receiver = receiver;
        this.socket = socket;
    }

    public static DnsStreamSocket? Open(EventLoop loop, in SipAddress server, IDnsReceiver receiver)
    {
        SipAddress any = server.IsIPv4 ? SipAddress.FromIPv4(0, 0) : SipAddress.FromIPv6(stackalloc byte[16], 0);
        if (StreamSockets.Connect(any, server, out _) is not { } socket)
        {
            return null;
        }

        DnsStreamSocket opened = new(loop, server, receiver, socket);
        loop.Poller.Add(socket, opened, LoopEvents.Write);
        return opened;
    }

    public bool Send(ReadOnlySpan<byte> message)
    {
        outgoing = new byte[LengthOctets + message.Length];
        BinaryPrimitives.WriteUInt16BigEndian(outgoing, (ushort)message.Length);
        message.CopyTo(outgoing.AsSpan(LengthOctets));
        return true;
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
        if (!connected)
        {
            if (StreamSockets.ConnectResult(socket) != 0)
            {
                receiver.OnUnreachable();
                return;
            }

            connected = true;
        }

        bool alive = sent == outgoing.Length ? Read() : Write();
        if (!alive && !closed)
        {
            receiver.OnUnreachable();
        }
    }

    private bool Write()
    {
        int count = socket.Send(outgoing.AsSpan(sent), SocketFlags.None, out SocketError error);
        if (error == SocketError.WouldBlock)
        {
            return true;
        }

        sent += count;
        if (sent == outgoing.Length)
        {
            loop.Poller.Change(socket, LoopEvents.Read);
        }

        return error == SocketError.Success;
    }

    private bool Read()
    {
        int count = socket.Receive(incoming.AsSpan(received), SocketFlags.None, out SocketError error);
        if (error == SocketError.WouldBlock)
        {
            return true;
        }

        received += count;
        if (error != SocketError.Success || count == 0)
        {
            return false;
        }

        int whole = received < LengthOctets ? int.MaxValue : LengthOctets + BinaryPrimitives.ReadUInt16BigEndian(incoming);
        if (received < whole)
        {
            // At most 64 KB, by the two octets of length; the question's timer ends a slow server.
            if (received == incoming.Length)
            {
                Array.Resize(ref incoming, whole);
            }

            return true;
        }

        receiver.OnMessage(server, incoming.AsSpan(LengthOctets, whole - LengthOctets));
        return closed; // whatever is still open here was no answer
    }
}

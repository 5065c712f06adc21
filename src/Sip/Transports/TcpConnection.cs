using System.Net.Sockets;
using Sip.Interop;

namespace Sip.Transports;

/// <summary>A connection on a socket that the loop polls.</summary>
internal sealed class TcpConnection : StreamConnection, ILoopSource
{
    // How often one connection may fill the scratch buffer in a turn before the others get theirs.
    private const int MaxReads = 4;

    private readonly TcpTransport transport;
    private readonly Socket socket;
    private LoopEvents interest;
    private bool connecting;

    public TcpConnection(TcpTransport transport, Socket socket, in SipAddress local, in SipAddress remote, bool accepted)
        : base(transport, local, remote, accepted)
    {
        this.transport = transport;
        this.socket = socket;
        connecting = !accepted;
        interest = connecting ? LoopEvents.Write : LoopEvents.Read;
        Loop.Poller.Add(socket, this, interest);
    }

    public void OnReady(LoopEvents ready)
    {
        if (connecting)
        {
            EndConnect();
            return;
        }

        if ((ready & LoopEvents.Write) != 0)
        {
            Drain();
        }

        if ((ready & (LoopEvents.Read | LoopEvents.Error)) != 0)
        {
            Read();
        }
    }

    protected override int Write(ReadOnlySpan<byte> octets)
    {
        int written = socket.Send(octets, SocketFlags.None, out SocketError error);
        return error switch
        {
            SocketError.Success => written,
            SocketError.WouldBlock => 0,
            _ => -1,
        };
    }

    protected override void WaitForRoom(bool wait)
    {
        LoopEvents wanted = wait ? LoopEvents.Read | LoopEvents.Write : LoopEvents.Read;
        if (wanted != interest && CloseReason == CloseReason.None)
        {
            interest = wanted;
            Loop.Poller.Change(socket, interest);
        }
    }

    protected override void ShutdownWrite()
    {
        try
        {
            socket.Shutdown(SocketShutdown.Send);
        }
        catch (SocketException)
        {
            // The peer was quicker; the next read says so.
        }
    }

    protected override void CloseStream()
    {
        Loop.Poller.Remove(socket);
        socket.Dispose();
    }

    private void EndConnect()
    {
        if (StreamSockets.ConnectResult(socket) != 0)
        {
            Close(CloseReason.ConnectFailed);
            return;
        }

        connecting = false;
        WaitForRoom(false);
        Opened(StreamSockets.LocalOf(socket));
    }

    private void Read()
    {
        for (int i = 0; i < MaxReads && CloseReason == CloseReason.None; i++)
        {
            int count = socket.Receive(transport.Scratch, SocketFlags.None, out SocketError error);
            if (error == SocketError.WouldBlock)
            {
                return;
            }

            if (error != SocketError.Success)
            {
                Close(CloseReason.Error);
                return;
            }

            if (count == 0)
            {
                ReceiveEnd();
                return;
            }

            Receive(transport.Scratch.AsSpan(0, count));
            if (count < transport.Scratch.Length)
            {
                return;
            }
        }
    }
}

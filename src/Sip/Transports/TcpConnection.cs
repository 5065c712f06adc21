using System.Net.Sockets;
using Sip.Interop;

namespace Sip.Transports;

/// <summary>A connection whose octets are the socket's.</summary>
internal sealed class TcpConnection(TcpTransport transport, Socket socket, in SipAddress local, in SipAddress remote, bool accepted)
    : SocketConnection(transport, socket, local, remote, accepted, handshakes: false)
{
    protected override void OnConnected() => Opened(StreamSockets.LocalOf(Socket));

    protected override void OnStreamReady(LoopEvents ready)
    {
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
        int written = Socket.Send(octets, SocketFlags.None, out SocketError error);
        return error switch
        {
            SocketError.Success => written,
            SocketError.WouldBlock => 0,
            _ => -1,
        };
    }

    protected override void WaitForRoom(bool wait) => Watch(wait ? LoopEvents.Read | LoopEvents.Write : LoopEvents.Read);

    private void Read()
    {
        for (int i = 0; i < MaxReads && CloseReason == CloseReason.None; i++)
        {
            int count = Socket.Receive(Scratch, SocketFlags.None, out SocketError error);
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

            Receive(Scratch.AsSpan(0, count));
            if (count < Scratch.Length)
            {
                return;
            }
        }
    }
}

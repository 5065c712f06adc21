using System.Net.Sockets;
using Sip.Interop;

namespace Sip.Transports;

/// <summary>A connection on a socket that the loop polls.</summary>
internal abstract class SocketConnection : StreamConnection, ILoopSource
{
    // How often one connection may fill the scratch buffer in a turn before the others get theirs.
    protected const int MaxReads = 4;

    private LoopEvents interest;
    private bool connecting;

    protected SocketConnection(SocketTransport transport, Socket socket, in SipAddress local, in SipAddress remote, bool accepted, bool handshakes)
        : base(transport, local, remote, accepted, handshakes)
    {
        Socket = socket;
        Scratch = transport.Scratch;
        connecting = !accepted;
        interest = connecting ? LoopEvents.Write : LoopEvents.Read;
        Loop.Poller.Add(socket, this, interest);
    }

    protected Socket Socket { get; }

    /// <summary>Where the loop's connections read to, one after the other.</summary>
    protected byte[] Scratch { get; }

    public void OnReady(LoopEvents ready)
    {
        if (!connecting)
        {
            OnStreamReady(ready);
        }
        else if (StreamSockets.ConnectResult(Socket) != 0)
        {
            Close(CloseReason.ConnectFailed);
        }
        else
        {
            connecting = false;
            Watch(LoopEvents.Read);
            OnConnected();
        }
    }

    /// <summary>The transport has adopted the accepted connection.</summary>
    public virtual void OnAdopted()
    {
    }

    /// <summary>The socket that we opened is connected.</summary>
    protected abstract void OnConnected();

    /// <summary>The connected socket is ready.</summary>
    protected abstract void OnStreamReady(LoopEvents ready);

    protected void Watch(LoopEvents wanted)
    {
        if (wanted != interest && CloseReason == CloseReason.None)
        {
            interest = wanted;
            Loop.Poller.Change(Socket, interest);
        }
    }

    protected override void ShutdownWrite()
    {
        try
        {
            Socket.Shutdown(SocketShutdown.Send);
        }
        catch (SocketException)
        {
            // The peer was quicker; the next read says so.
        }
    }

    protected override void CloseStream()
    {
        Loop.Poller.Remove(Socket);
        Socket.Dispose();
    }
}

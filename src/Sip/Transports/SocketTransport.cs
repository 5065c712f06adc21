using System.Net.Sockets;
using Sip.Interop;

namespace Sip.Transports;

/// <summary>What TCP and TLS share: accepts on one listening point, on one loop, and opens connections from its address.</summary>
public abstract class SocketTransport : StreamTransport, ILoopSource, ITimerOwner
{
    // How many connections one turn accepts, so that a flood of them leaves time for messages.
    private const int MaxAccepts = 16;
    private const int PauseMilliseconds = 500;

    private readonly LoopTimer resume;
    private Socket? listener;

    /// <summary>Makes a transport that is not open yet.</summary>
    /// <param name="point">What it listens on.</param>
    /// <param name="set">The transports of its loop.</param>
    protected SocketTransport(ListeningPoint point, TransportSet set)
        : base(point, set) => resume = new LoopTimer(this, 0);

    /// <summary>Where the loop's connections read to, one after the other.</summary>
    internal byte[] Scratch { get; } = new byte[65536];

    /// <inheritdoc/>
    protected override bool CanConnect => listener is not null;

    /// <inheritdoc/>
    public override void Open()
    {
        listener = StreamSockets.Listen(Point.Bind);
        Loop.Poller.Add(listener, this, LoopEvents.Read);
    }

    /// <inheritdoc/>
    public override void Close()
    {
        if (listener is not null)
        {
            Loop.Timers.Cancel(resume);
            Loop.Poller.Remove(listener);
            listener.Dispose();
            listener = null;
        }

        base.Close();
    }

    /// <inheritdoc/>
    public void OnReady(LoopEvents ready)
    {
        for (int i = 0; i < MaxAccepts && listener is not null; i++)
        {
            if (StreamSockets.Accept(listener, out int error) is { } socket)
            {
                Accept(socket);
            }
            else if (error is Libc.EMFile or Libc.ENFile or Libc.ENoBufs or Libc.ENoMemory)
            {
                // The connection stays in the backlog, so the listener would be ready again at once, and for ever.
                SipLog.AcceptPauses(Loop.Logger, Point.Token, Point.Address, error);
                Loop.Poller.Change(listener, LoopEvents.None);
                Loop.Timers.Set(resume, PauseMilliseconds);
                return;
            }
            else if (error is Libc.EAgain)
            {
                return;
            }
        }
    }

    /// <inheritdoc/>
    public void OnTimer(LoopTimer timer)
    {
        if (listener is not null)
        {
            Loop.Poller.Change(listener, LoopEvents.Read);
        }
    }

    /// <inheritdoc/>
    protected override StreamConnection? Connect(in SipAddress remote, string peerName) =>
        StreamSockets.Connect(Point.Address, remote, out _) is { } socket ? CreateConnection(socket, default, remote, peerName) : null;

    /// <summary>Makes the connection of a socket that is being connected.</summary>
    private protected abstract SocketConnection CreateConnection(Socket socket, in SipAddress local, in SipAddress remote, string peerName);

    /// <summary>Makes the connection of a socket that was accepted; null to refuse it.</summary>
    private protected abstract SocketConnection? CreateAccepted(Socket socket, in SipAddress local, in SipAddress remote);

    private void Accept(Socket socket)
    {
        SipAddress remote = StreamSockets.RemoteOf(socket);
        if (!remote.IsNone && MayAccept(remote) && CreateAccepted(socket, StreamSockets.LocalOf(socket), remote) is { } connection)
        {
            if (Adopt(connection))
            {
                connection.OnAdopted();
            }
            else
            {
                connection.Close(CloseReason.Shutdown);
            }

            return;
        }

        SipMeter.ConnectionsRefused.Add(1);
        SipLog.Refused(Loop.Logger, this, remote);
        socket.Dispose();
    }
}

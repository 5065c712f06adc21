using System.Net.Sockets;

namespace Sip.Interop;

/// <summary>The poller of a loop without sockets, whose turns a test runs itself.</summary>
internal sealed class NoSockets : ILoopPoller
{
    public void Add(Socket socket, ILoopSource source, LoopEvents interest) => throw new NotSupportedException("This loop has no sockets.");

    public void Change(Socket socket, LoopEvents interest) => throw new NotSupportedException("This loop has no sockets.");

    public void Remove(Socket socket)
    {
    }

    public int Wait(int milliseconds) => 0;

    public ILoopSource? Ready(int index, out LoopEvents ready)
    {
        ready = LoopEvents.None;
        return null;
    }

    public void Wake()
    {
    }

    public void Dispose()
    {
    }
}

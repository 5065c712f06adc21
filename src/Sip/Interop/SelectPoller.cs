using System.Net;
using System.Net.Sockets;

namespace Sip.Interop;

/// <summary>Waits with <c>select</c>: slower, but there on every system. It is woken by a datagram to itself.</summary>
internal sealed class SelectPoller : ILoopPoller
{
    private readonly Dictionary<Socket, (ILoopSource Source, LoopEvents Interest)> watched = [];
    private readonly List<(Socket Socket, LoopEvents Ready)> ready = [];
    private readonly List<Socket> reads = [];
    private readonly List<Socket> writes = [];
    private readonly List<Socket> errors = [];
    private readonly Socket wake = new(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
    private readonly byte[] scrap = new byte[16];

    public SelectPoller()
    {
        wake.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        wake.Connect(wake.LocalEndPoint!);
        wake.Blocking = false;
    }

    public void Add(Socket socket, ILoopSource source, LoopEvents interest) => watched.Add(socket, (source, interest));

    public void Change(Socket socket, LoopEvents interest) => watched[socket] = (watched[socket].Source, interest);

    public void Remove(Socket socket) => watched.Remove(socket);

    public int Wait(int milliseconds)
    {
        ready.Clear();
        reads.Clear();
        writes.Clear();
        errors.Clear();
        reads.Add(wake);
        foreach ((Socket socket, (_, LoopEvents interest)) in watched)
        {
            errors.Add(socket);
            if ((interest & LoopEvents.Read) != 0)
            {
                reads.Add(socket);
            }

            if ((interest & LoopEvents.Write) != 0)
            {
                writes.Add(socket);
            }
        }

        Socket.Select(reads, writes, errors, milliseconds < 0 ? Timeout.InfiniteTimeSpan : TimeSpan.FromMilliseconds(milliseconds));
        if (reads.Remove(wake))
        {
            wake.Receive(scrap, SocketFlags.None, out _);
        }

        Note(reads, LoopEvents.Read);
        Note(writes, LoopEvents.Write);
        Note(errors, LoopEvents.Error);
        return ready.Count;
    }

    public ILoopSource? Ready(int index, out LoopEvents ready)
    {
        (Socket socket, ready) = this.ready[index];
        return watched.TryGetValue(socket, out (ILoopSource Source, LoopEvents) entry) ? entry.Source : null;
    }

    public void Wake() => wake.Send(scrap.AsSpan(0, 1), SocketFlags.None, out _);

    public void Dispose() => wake.Dispose();

    private void Note(List<Socket> sockets, LoopEvents what)
    {
        foreach (Socket socket in sockets)
        {
            ready.Add((socket, what));
        }
    }
}

using System.Collections.Concurrent;
using System.Runtime.InteropServices;
using Microsoft.Extensions.Logging;

namespace Sip.B2bua.Plugins.MediaRelay;

/// <summary>
/// One thread that moves packets: waits for its ports, takes one packet from each that is ready, sends it on. A packet costs
/// two system calls and a share of a third, no lock and no allocation. One packet a turn is deliberate: a call's port holds
/// one packet at a time, so that taking several with one call only makes that call dearer (bench/rtpload shows it).
/// </summary>
internal sealed unsafe class RelayThread : IDisposable
{
    private const int EventsPerTurn = 256;
    private const int LargestDatagram = 65536;

    private readonly TimeProvider time;
    private readonly long startedAt;
    private readonly ILogger logger;
    private readonly int epoll = LinuxSockets.OpenEpoll();
    private readonly int wake = LinuxSockets.OpenEvent();
    private readonly Lock gate = new();
    private readonly ConcurrentQueue<RelayChannel> closing = new();
    private readonly ConcurrentQueue<DtmfStream> due = new();
    private readonly Action<RelayChannel> closed;
    private readonly byte* packet = (byte*)NativeMemory.Alloc(LargestDatagram);
    private readonly byte* events = (byte*)NativeMemory.Alloc((nuint)(EventsPerTurn * LinuxSockets.EventSize));
    private RelaySocket?[] byFd = new RelaySocket?[256];
    private Thread? thread;
    private volatile bool stopping;
    private bool disposed;

    public RelayThread(TimeProvider time, long startedAt, ILogger logger, Action<RelayChannel> closed)
    {
        this.time = time;
        this.startedAt = startedAt;
        this.logger = logger;
        this.closed = closed;
        LinuxSockets.Watch(epoll, wake);
    }

    /// <summary>Begins to receive on both ports of a channel. Safe from any thread.</summary>
    public void Add(RelayChannel channel)
    {
        Register(channel.Rtp);
        Register(channel.Rtcp);
    }

    /// <summary>
    /// Closes a channel between two turns: a file descriptor closed in the middle of one might already be another call's.
    /// </summary>
    public void Close(RelayChannel channel)
    {
        closing.Enqueue(channel);
        if (!stopping)
        {
            Wake();
        }
    }

    /// <summary>It is time for the next packet of a key. Safe from any thread.</summary>
    public void Post(DtmfStream stream)
    {
        due.Enqueue(stream);
        Wake();
    }

    public void Start(string name)
    {
        thread = new Thread(Run) { Name = name, IsBackground = true, Priority = ThreadPriority.AboveNormal };
        thread.Start();
    }

    /// <summary>One turn: waits up to <paramref name="milliseconds"/> (-1: until something comes) and moves what is there.</summary>
    public void Turn(int milliseconds)
    {
        int ready = LinuxSockets.EpollWait(epoll, events, EventsPerTurn, milliseconds);
        if (ready > 0)
        {
            long now = (long)time.GetElapsedTime(startedAt).TotalMilliseconds;
            for (int i = 0; i < ready; i++)
            {
                Receive((int)*(long*)(events + (i * LinuxSockets.EventSize) + LinuxSockets.EventKeyOffset), now);
            }
        }

        while (due.TryDequeue(out DtmfStream? stream))
        {
            stream.Tick((long)time.GetElapsedTime(startedAt).TotalMilliseconds);
        }

        while (closing.TryDequeue(out RelayChannel? channel))
        {
            Unregister(channel.Rtp);
            Unregister(channel.Rtcp);
            closed(channel);
        }
    }

    public void Dispose()
    {
        if (disposed)
        {
            return;
        }

        disposed = true;
        stopping = true;
        Wake();
        thread?.Join();
        foreach (RelaySocket? socket in byFd)
        {
            if (socket is not null)
            {
                LinuxSockets.Close(socket.Fd);
            }
        }

        LinuxSockets.Close(epoll);
        LinuxSockets.Close(wake);
        NativeMemory.Free(packet);
        NativeMemory.Free(events);
    }

    private void Run()
    {
        while (!stopping)
        {
            try
            {
                Turn(-1);
            }
            catch (Exception fault)
            {
                // The border of the loop: whatever one packet does, the other calls' packets go on.
                RelayLog.TurnFailed(logger, fault);
            }
        }
    }

    private void Receive(int fd, long now)
    {
        RelaySocket? socket = byFd[fd];
        if (socket is null)
        {
            ulong count;
            LinuxSockets.Read(wake, &count, sizeof(ulong));
            return;
        }

        NativeAddress from = default;
        int fromSize = sizeof(NativeAddress);
        int length = (int)LinuxSockets.ReceiveFrom(fd, packet, LargestDatagram, 0, &from, &fromSize);
        if (length >= 0 && socket.Accept(from, length, now))
        {
            socket.Channel.Forward(socket, packet, length, now);
        }
    }

    private void Register(RelaySocket socket)
    {
        lock (gate)
        {
            if (socket.Fd >= byFd.Length)
            {
                RelaySocket?[] larger = new RelaySocket?[int.Max(byFd.Length * 2, socket.Fd + 1)];
                byFd.CopyTo(larger, 0);
                Volatile.Write(ref byFd, larger);
            }

            byFd[socket.Fd] = socket;
        }

        LinuxSockets.Watch(epoll, socket.Fd);
    }

    private void Unregister(RelaySocket socket)
    {
        lock (gate)
        {
            byFd[socket.Fd] = null;
        }

        LinuxSockets.Close(socket.Fd);
    }

    private void Wake()
    {
        ulong one = 1;
        LinuxSockets.Write(wake, &one, sizeof(ulong));
    }
}

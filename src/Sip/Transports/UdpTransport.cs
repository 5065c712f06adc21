using System.Net;
using Sip.Interop;
using Sip.Messages;

namespace Sip.Transports;

/// <summary>
/// The datagram loop of one listening point: receives in batches, sends in batches, at the latest at the end of the turn, and turns ICMP errors
/// into failed flows.
/// </summary>
public sealed class UdpTransport : DatagramTransport, ILoopSource, ITurnEnd
{
    // How many batches one socket may have in a turn before the inbox and the timers get theirs.
    private const int MaxBatches = 4;

    // So many datagrams share a system call; the first of them does not wait for more, since each takes its time to be worked out.
    private const int FlushAt = 8;

    private readonly DatagramQueue queue;
    private DatagramSocket? socket;
    private bool flushAsked;
    private bool waitsForRoom;

    /// <summary>Makes a transport that is not open yet.</summary>
    /// <param name="point">What it listens on.</param>
    /// <param name="set">The transports of its loop.</param>
    public UdpTransport(ListeningPoint point, TransportSet set)
        : base(point, set) => queue = new DatagramQueue(set.Options.MaxQueuedDatagrams);

    /// <summary>Makes the socket; a test puts one in its place whose buffer is full.</summary>
    internal Func<IPEndPoint, int, DatagramSocket> OpenSocket { get; init; } = DatagramSocket.Open;

    /// <inheritdoc/>
    public override void Open()
    {
        socket = OpenSocket(Point.Bind, Set.Options.SocketBufferBytes);
        Loop.Poller.Add(socket.Socket, this, LoopEvents.Read);
    }

    /// <inheritdoc/>
    public override void Close()
    {
        if (socket is not null)
        {
            Flush();
            Loop.Poller.Remove(socket.Socket);
            socket.Dispose();
            socket = null;
            queue.Drop(queue.Count);
        }
    }

    /// <inheritdoc/>
    public override void Send(in Flow flow, SipBuffer message)
    {
        if (socket is null)
        {
            SipMeter.SendDrops.Add(1);
            return;
        }

        if (!queue.TryAdd(message, flow.Remote, flow.Local))
        {
            // More than the bound within one turn: perhaps the system has room now.
            Flush();
            if (!queue.TryAdd(message, flow.Remote, flow.Local))
            {
                SipMeter.SendDrops.Add(1);
                return;
            }
        }

        if (queue.Count >= FlushAt && !waitsForRoom)
        {
            Flush();
        }
        else if (!flushAsked)
        {
            flushAsked = true;
            Loop.AtTurnEnd(this);
        }
    }

    /// <inheritdoc/>
    public void OnReady(LoopEvents ready)
    {
        if ((ready & LoopEvents.Error) != 0)
        {
            ReadErrors();
        }

        if ((ready & LoopEvents.Read) != 0)
        {
            ReceiveBatches();
        }

        if ((ready & LoopEvents.Write) != 0)
        {
            Flush();
        }
    }

    /// <inheritdoc/>
    public void OnTurnEnd()
    {
        flushAsked = false;
        if (!waitsForRoom)
        {
            Flush();
        }
    }

    private void ReceiveBatches()
    {
        for (int batch = 0; batch < MaxBatches && socket is not null; batch++)
        {
            int count = socket.Receive();
            if (count < 0)
            {
                // A pending ICMP error takes the place of a datagram once; what waits behind it is read in the next turn.
                if (count is not (-Libc.EAgain or -Libc.EIntr))
                {
                    ReadErrors();
                }

                return;
            }

            for (int i = 0; i < count && socket is not null; i++)
            {
                Receive(socket.Datagram(i, out SipAddress remote, out SipAddress local), remote, local);
            }

            if (socket is null || count < socket.BatchSize)
            {
                return;
            }
        }
    }

    private void Flush()
    {
        int tries = 0;
        while (socket is not null && queue.Count > 0)
        {
            int sent = socket.Send(queue);
            if (sent > 0)
            {
                SipMeter.Sent.Add(sent);
                queue.Drop(sent);
            }
            else if (sent == -Libc.EAgain)
            {
                WaitForRoom(true);
                return;
            }
            else if (sent != -Libc.EIntr && (ReadErrors() == 0 || ++tries > queue.Count))
            {
                // Not the echo of an earlier datagram's ICMP error, so the first one itself cannot be sent.
                DropFirst();
            }
        }

        WaitForRoom(false);
    }

    private void DropFirst()
    {
        Flow flow = new(this, default, queue[0].Remote);
        queue.Drop(1);
        SipMeter.SendDrops.Add(1);
        Set.ReportFailure(flow);
    }

    private void WaitForRoom(bool wait)
    {
        if (wait != waitsForRoom && socket is not null)
        {
            waitsForRoom = wait;
            Loop.Poller.Change(socket.Socket, wait ? LoopEvents.Read | LoopEvents.Write : LoopEvents.Read);
        }
    }

    // RFC 3261 18.4: host, network, port or protocol unreachable concern the TU; the rest (source quench, size) does not.
    private int ReadErrors()
    {
        int read = 0;
        while (read < MaxBatches * 16 && socket is not null && socket.TryReadError(out SipAddress remote, out int error))
        {
            read++;
            if (!remote.IsNone && IsUnreachable(error))
            {
                SipMeter.Unreachable.Add(1);
                Set.ReportFailure(new Flow(this, default, remote));
            }
        }

        return read;
    }

    private static bool IsUnreachable(int error) =>
        error is Libc.EConnRefused or Libc.EHostUnreach or Libc.ENetUnreach or Libc.ENoProtocol;
}

using System.Diagnostics.Metrics;
using System.Net;
using Sip.Interop;
using Sip.Messages;
using Sip.Transports;

namespace Sip.Tests.Transports;

/// <summary>What is sent while there is no room, and what a message costs.</summary>
public sealed class SendBoundTests : IDisposable
{
    private readonly EventLoop loop = new(0);
    private readonly QuietSink sink = new();
    private long drops;

    public void Dispose() => loop.Dispose();

    [Fact]
    public void While_the_system_takes_no_datagrams_they_wait_up_to_the_bound_and_further_ones_are_dropped_and_counted()
    {
        using MeterListener listener = ListenToDrops();
        TransportSet set = new(loop, sink, new TransportOptions { MaxQueuedDatagrams = 3 });
        FullSocket? socket = null;
        UdpTransport udp = new(new ListeningPoint { Token = "UDP", Bind = IPEndPoint.Parse("127.0.0.1:0") }, set)
        {
            OpenSocket = (bind, bytes) => socket = new FullSocket(bind, bytes),
        };
        set.Add(udp);
        udp.Open();
        Assert.True(set.TryGetFlow("UDP"u8, SipAddress.From(IPEndPoint.Parse("127.0.0.9:5060")), out Flow flow));
        for (int i = 0; i < 5; i++)
        {
            Send(set, flow);
        }

        loop.Turn(0);
        Assert.Equal(0, socket!.Sent);
        Assert.True(Interlocked.Read(ref drops) >= 2);

        // Room again: what has waited leaves, without anything new being sent.
        socket.IsFull = false;
        loop.Turn(0);
        Assert.Equal(3, socket.Sent);
        Send(set, flow);
        loop.Turn(0);
        Assert.Equal(4, socket.Sent);
        udp.Close();
    }

    [Fact]
    public void A_message_that_comes_and_one_that_leaves_over_a_connection_allocate_nothing()
    {
        TransportSet set = new(loop, sink);
        PipeTransport tcp = new(new ListeningPoint { Token = "TCP", Bind = IPEndPoint.Parse("127.0.0.1:5060") }, set);
        set.Add(tcp);
        PipeConnection connection = tcp.Accept(SipAddress.From(IPEndPoint.Parse("127.0.0.9:40000")));
        byte[] message = "OPTIONS sip:a@b SIP/2.0\r\nContent-Length: 5\r\n\r\nhello"u8.ToArray();
        Run(1000);
        long before = GC.GetAllocatedBytesForCurrentThread();
        Run(1000);
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
        Assert.Equal(4000, sink.Messages);
        Assert.Equal(2000L * message.Length, connection.Written);

        void Run(int times)
        {
            for (int i = 0; i < times; i++)
            {
                connection.Arrived(message);
                connection.Arrived(message.AsSpan(0, 30));
                connection.Arrived(message.AsSpan(30));
                SipBuffer buffer = loop.Buffers.Rent(message.Length);
                message.CopyTo(buffer.Array, 0);
                buffer.Length = message.Length;
                set.Send(connection.Flow, buffer);
                buffer.Release();
            }
        }
    }

    private MeterListener ListenToDrops()
    {
        Counter<long> counter = SipMeter.SendDrops; // made before anybody listens
        MeterListener listener = new()
        {
            InstrumentPublished = (instrument, self) =>
            {
                if (ReferenceEquals(instrument, counter))
                {
                    self.EnableMeasurementEvents(instrument);
                }
            },
        };
        listener.SetMeasurementEventCallback<long>((_, count, _, _) => Interlocked.Add(ref drops, count));
        listener.Start();
        return listener;
    }

    private static void Send(TransportSet set, in Flow flow)
    {
        SipBuffer buffer = SocketServer.Buffer(set, "hello");
        set.Send(flow, buffer);
        buffer.Release();
    }

    /// <summary>A socket whose send buffer is full until it is told otherwise.</summary>
    private sealed class FullSocket(IPEndPoint bind, int bytes) : DatagramSocket(bind, bytes)
    {
        public bool IsFull { get; set; } = true;

        public int Sent { get; private set; }

        public override int BatchSize => 1;

        public override int Receive() => -Libc.EAgain;

        public override ReadOnlySpan<byte> Datagram(int index, out SipAddress remote, out SipAddress local) => throw new NotSupportedException();

        public override int Send(DatagramQueue queue)
        {
            Sent += IsFull ? 0 : queue.Count;
            return IsFull ? -Libc.EAgain : queue.Count;
        }

        public override bool TryReadError(out SipAddress remote, out int error)
        {
            remote = default;
            error = 0;
            return false;
        }
    }

    /// <summary>Connections without a network.</summary>
    private sealed class PipeTransport(ListeningPoint point, TransportSet set) : StreamTransport(point, set)
    {
        public override ReadOnlySpan<byte> ViaToken => "TCP"u8;

        public override ReadOnlySpan<byte> UriToken => "tcp"u8;

        public PipeConnection Accept(SipAddress remote)
        {
            PipeConnection connection = new(this, remote);
            Assert.True(Adopt(connection));
            return connection;
        }

        public override void Open()
        {
        }

        protected override StreamConnection? Connect(in SipAddress remote, string peerName) => null;
    }

    private sealed class PipeConnection(PipeTransport transport, SipAddress remote)
        : StreamConnection(transport, transport.Point.Address, remote, accepted: true)
    {
        public long Written { get; private set; }

        public void Arrived(ReadOnlySpan<byte> octets) => Receive(octets);

        protected override int Write(ReadOnlySpan<byte> octets)
        {
            Written += octets.Length;
            return octets.Length;
        }

        protected override void WaitForRoom(bool wait)
        {
        }

        protected override void ShutdownWrite()
        {
        }

        protected override void CloseStream()
        {
        }
    }

    private sealed class QuietSink : IMessageSink
    {
        public int Messages { get; private set; }

        public void OnMessage(TransportSet set, in Flow flow, SipBuffer message, bool stream) => Messages++;

        public void OnFlowFailed(in Flow flow)
        {
        }

        public void OnFramingError(in Flow flow, SipBuffer partial, FramingError error)
        {
        }
    }
}

using System.Net;
using System.Text;
using Sip.Interop;
using Sip.Messages;
using Sip.Transports;

namespace Sip.Tests.Transports;

public sealed class DatagramSocketTests
{
    private readonly SipBufferPool pool = new();

    [Theory]
    [InlineData("127.0.0.1:0")]
    [InlineData("[::1]:0")]
    public void The_portable_socket_sends_and_receives(string bind)
    {
        using PortableDatagramSocket socket = new(IPEndPoint.Parse(bind), 65536);
        SipAddress self = SipAddress.From((IPEndPoint)socket.Socket.LocalEndPoint!);
        DatagramQueue queue = new(10);
        Assert.Equal(-Libc.EAgain, socket.Receive());
        Add(queue, "hello", self);
        Assert.Equal(1, socket.Send(queue));
        queue.Drop(1);

        Assert.True(socket.Socket.Poll(TimeSpan.FromSeconds(30), System.Net.Sockets.SelectMode.SelectRead));
        Assert.Equal(1, socket.Receive());
        Assert.Equal("hello", Encoding.ASCII.GetString(socket.Datagram(0, out SipAddress remote, out SipAddress local)));
        Assert.Equal(self, remote);
        Assert.Equal(self.WithPort(0), local);
    }

    [Fact]
    public void The_queue_grows_to_its_bound_and_keeps_its_order_round_the_ring()
    {
        DatagramQueue queue = new(100);
        int added = 0;
        int taken = 0;
        Random random = new(9);
        for (int step = 0; step < 2000; step++)
        {
            if (random.Next(3) > 0 && queue.Count < 100)
            {
                Assert.True(Add(queue, $"{added++}", default));
            }
            else if (queue.Count > 0)
            {
                Assert.Equal($"{taken++}", Encoding.ASCII.GetString(queue[0].Message.Span));
                queue.Drop(1);
            }
        }

        while (queue.Count < 100)
        {
            Add(queue, "more", default);
        }

        Assert.False(Add(queue, "one too many", default));
        queue.Drop(100);
        Assert.Equal(0, queue.Count);
    }

    private bool Add(DatagramQueue queue, string text, SipAddress to)
    {
        SipBuffer buffer = pool.Rent(text.Length);
        buffer.Length = Encoding.ASCII.GetBytes(text, buffer.Array);
        bool added = queue.TryAdd(buffer, to, default);
        buffer.Release();
        return added;
    }
}

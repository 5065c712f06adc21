using System.Collections.Concurrent;

namespace Sip.Messages;

/// <summary>
/// Lends <see cref="SipBuffer"/>s of a few fixed sizes. Bounded: what comes back to a full shelf is left to the collector.
/// Safe to use from any loop.
/// </summary>
public sealed class SipBufferPool
{
    // 512 octets hold an ACK or the answer to a BYE, 1 KB most responses, 2 KB most requests with SDP; 64 KB is the largest datagram.
    private static readonly int[] Sizes = [512, 1024, 2048, 4096, 16384, 65536];
    private static readonly int[] Shelf = [8192, 8192, 4096, 1024, 128, 64];

    private readonly ConcurrentBag<SipBuffer>[] shelves = [new(), new(), new(), new(), new(), new()];
    private readonly int[] counts = new int[Sizes.Length];

    /// <summary>Lends a buffer of at least <paramref name="size"/> octets, counted once for the caller, its length 0.</summary>
    public SipBuffer Rent(int size)
    {
        int shelf = ShelfFor(size);
        if (shelf < 0)
        {
            SipBuffer large = new(this, new byte[size]);
            large.Lend();
            return large;
        }

        if (shelves[shelf].TryTake(out SipBuffer? buffer))
        {
            Interlocked.Decrement(ref counts[shelf]);
        }
        else
        {
            buffer = new SipBuffer(this, new byte[Sizes[shelf]]);
        }

        buffer.Lend();
        return buffer;
    }

    /// <summary>Leaves all that is not lent just now to the collector, after a burst that is over.</summary>
    public void Clear()
    {
        for (int i = 0; i < shelves.Length; i++)
        {
            while (shelves[i].TryTake(out _))
            {
                Interlocked.Decrement(ref counts[i]);
            }
        }
    }

    internal void Return(SipBuffer buffer)
    {
        int shelf = System.Array.IndexOf(Sizes, buffer.Array.Length);
        if (shelf >= 0 && Volatile.Read(ref counts[shelf]) < Shelf[shelf])
        {
            Interlocked.Increment(ref counts[shelf]);
            shelves[shelf].Add(buffer);
        }
    }

    private static int ShelfFor(int size)
    {
        for (int i = 0; i < Sizes.Length; i++)
        {
            if (size <= Sizes[i])
            {
                return i;
            }
        }

        return -1;
    }
}

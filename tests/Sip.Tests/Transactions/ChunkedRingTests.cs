using Sip.Transactions;

namespace Sip.Tests.Transactions;

public sealed class ChunkedRingTests
{
    [Fact]
    public void Values_stay_where_they_are_while_the_ring_grows_and_is_given_back()
    {
        ChunkedRing<int> ring = new(bits: 4);
        Queue<(long Place, int Length, int Value)> live = new();
        Random random = new(7);
        for (int i = 0; i < 20_000; i++)
        {
            int length = random.Next(0, 17);
            long place = ring.Take(length);
            ring[place, length].Fill(i);
            live.Enqueue((place, length, i));
            while (live.Count > random.Next(1, 200))
            {
                (long oldest, int filled, int value) = live.Dequeue();
                Assert.Equal(Enumerable.Repeat(value, filled), ring[oldest, filled].ToArray());
                ring.ReleaseTo(live.TryPeek(out (long Place, int Length, int Value) next) ? next.Place : ring.End);
            }

            if (i % 500 == 0)
            {
                ring.Trim();
            }
        }
    }

    [Fact]
    public void Neighbours_are_always_in_one_chunk()
    {
        ChunkedRing<byte> ring = new(bits: 3);
        Assert.Equal(0, ring.Take(5));
        Assert.Equal(8, ring.Take(4));
        Assert.Equal(12, ring.Take(4));
        Assert.Equal(16, ring.Take(8));
        Assert.Equal(24, ring.End);
    }
}

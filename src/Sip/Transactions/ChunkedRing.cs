using System.Diagnostics;

namespace Sip.Transactions;

/// <summary>
/// A first-in-first-out store of values, addressed by a number that only grows. It grows and is given back by the chunk, so nothing is
/// ever moved, and to the collector it is a few arrays, however many values there are.
/// </summary>
/// <param name="bits">A chunk has two to this power of values. An array of 85 000 octets would be a large object, so stay below.</param>
internal sealed class ChunkedRing<T>(int bits)
{
    private T[]?[] chunks = new T[]?[4];

    /// <summary>The oldest place in use; <see cref="End"/> where there is none.</summary>
    public long First { get; private set; }

    /// <summary>The place that comes next.</summary>
    public long End { get; private set; }

    private int Size => 1 << bits;

    /// <summary>Some neighbouring values.</summary>
    public Span<T> this[long place, int length] => length == 0 ? default : chunks[ChunkOf(place)].AsSpan((int)place & (Size - 1), length);

    /// <summary>Takes places beside one another for some values, whatever was there before; returns the first.</summary>
    /// <param name="length">How many; a chunk's size at most.</param>
    public long Take(int length)
    {
        Debug.Assert(length <= Size, "a chunk is too small for that");
        long place = End;
        if ((place & (Size - 1)) + length > Size)
        {
            place = ((place >> bits) + 1) << bits; // what is left of the chunk is not enough
        }

        while ((place >> bits) - (First >> bits) >= chunks.Length)
        {
            Grow();
        }

        chunks[ChunkOf(place)] ??= new T[Size];
        End = place + length;
        return place;
    }

    /// <summary>Gives back what is older than a place.</summary>
    public void ReleaseTo(long place) => First = place;

    /// <summary>Leaves the chunks that are not in use to the collector.</summary>
    public void Trim()
    {
        T[]?[] needed = new T[]?[4];
        while (First < End && ((End - 1) >> bits) - (First >> bits) >= needed.Length)
        {
            needed = new T[]?[needed.Length * 2];
        }

        Move(needed);
    }

    private void Grow() => Move(new T[]?[chunks.Length * 2]);

    private void Move(T[]?[] to)
    {
        for (long chunk = First >> bits; First < End && chunk <= (End - 1) >> bits; chunk++)
        {
            to[chunk & (to.Length - 1)] = chunks[chunk & (chunks.Length - 1)];
        }

        chunks = to;
    }

    private int ChunkOf(long place) => (int)((place >> bits) & (chunks.Length - 1));
}

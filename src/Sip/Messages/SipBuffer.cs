namespace Sip.Messages;

/// <summary>
/// Pooled, counted memory that a message lives in, received or to be sent. Whoever keeps it beyond the call that handed it
/// over calls <see cref="Retain"/> and later <see cref="Release"/>; the last release gives the memory back to its pool.
/// The count is atomic, because a message to be sent may wait on another loop's connection.
/// </summary>
public sealed class SipBuffer
{
    private readonly SipBufferPool pool;
    private int references;

    internal SipBuffer(SipBufferPool pool, byte[] array)
    {
        this.pool = pool;
        Array = array;
    }

    /// <summary>The memory; only the first <see cref="Length"/> octets mean anything.</summary>
    public byte[] Array { get; }

    /// <summary>How many octets of <see cref="Array"/> are used.</summary>
    public int Length { get; set; }

    /// <summary>The used octets.</summary>
    public ReadOnlySpan<byte> Span => new(Array, 0, Length);

    /// <summary>Counts one more holder.</summary>
    public void Retain() => Interlocked.Increment(ref references);

    /// <summary>Counts one holder less; the last one returns the memory to the pool.</summary>
    public void Release()
    {
        int left = Interlocked.Decrement(ref references);
        System.Diagnostics.Debug.Assert(left >= 0, "released more often than retained");
        if (left == 0)
        {
            pool.Return(this);
        }
    }

    internal void Lend()
    {
        references = 1;
        Length = 0;
    }
}

namespace Sip.Messages;

/// <summary>A stretch of a message's octets; empty at 0 when absent.</summary>
internal readonly record struct Slice(int Start, int Length)
{
    /// <summary>The stretch of <paramref name="whole"/> that <paramref name="part"/>, a span over the same memory, is.</summary>
    public static Slice Of(ReadOnlySpan<byte> whole, ReadOnlySpan<byte> part)
    {
        if (part.IsEmpty)
        {
            return default;
        }

        nint offset = System.Runtime.CompilerServices.Unsafe.ByteOffset(
            ref System.Runtime.InteropServices.MemoryMarshal.GetReference(whole),
            ref System.Runtime.InteropServices.MemoryMarshal.GetReference(part));
        System.Diagnostics.Debug.Assert(offset >= 0 && offset + part.Length <= whole.Length, "a part of other memory");
        return new Slice((int)offset, part.Length);
    }
}

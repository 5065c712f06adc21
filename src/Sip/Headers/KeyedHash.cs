using System.Buffers.Binary;
using System.Numerics;

namespace Sip.Headers;

/// <summary>
/// A keyed hash of 128 bits (the rounds of SipHash-2-4) over several pieces of a message. Its key is secret and random, so
/// nobody can aim two different messages at one value, nor many at one bucket: equal hashes mean equal pieces. It also serves
/// as a seal on what is handed out and comes back, such as a nonce.
/// </summary>
public ref struct KeyedHash
{
    private ulong v0;
    private ulong v1;
    private ulong v2;
    private ulong v3;

    /// <summary>An empty hash.</summary>
    /// <param name="key0">One half of the secret key.</param>
    /// <param name="key1">The other half.</param>
    public KeyedHash(ulong key0, ulong key1)
    {
        v0 = key0 ^ 0x736f6d6570736575;
        v1 = key1 ^ 0x646f72616e646f6d ^ 0xee;
        v2 = key0 ^ 0x6c7967656e657261;
        v3 = key1 ^ 0x7465646279746573;
    }

    /// <summary>Adds one piece; its length goes in first, so that no two lists of pieces read alike.</summary>
    public void Add(scoped ReadOnlySpan<byte> piece)
    {
        Add((ulong)piece.Length);
        while (piece.Length >= sizeof(ulong))
        {
            Add(BinaryPrimitives.ReadUInt64LittleEndian(piece));
            piece = piece[sizeof(ulong)..];
        }

        if (!piece.IsEmpty)
        {
            ulong tail = 0;
            for (int i = 0; i < piece.Length; i++)
            {
                tail |= (ulong)piece[i] << (8 * i);
            }

            Add(tail);
        }
    }

    /// <summary>Adds one word.</summary>
    public void Add(ulong word)
    {
        v3 ^= word;
        Round();
        Round();
        v0 ^= word;
    }

    /// <summary>The hash of all that was added; nothing may be added afterwards.</summary>
    public HashValue Finish()
    {
        v2 ^= 0xee;
        ulong low = Squeeze();
        v1 ^= 0xdd;
        return new HashValue(Squeeze(), low);
    }

    private ulong Squeeze()
    {
        Round();
        Round();
        Round();
        Round();
        return v0 ^ v1 ^ v2 ^ v3;
    }

    private void Round()
    {
        v0 += v1;
        v1 = BitOperations.RotateLeft(v1, 13) ^ v0;
        v0 = BitOperations.RotateLeft(v0, 32);
        v2 += v3;
        v3 = BitOperations.RotateLeft(v3, 16) ^ v2;
        v0 += v3;
        v3 = BitOperations.RotateLeft(v3, 21) ^ v0;
        v2 += v1;
        v1 = BitOperations.RotateLeft(v1, 17) ^ v2;
        v2 = BitOperations.RotateLeft(v2, 32);
    }
}

using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Sip.Headers;

namespace Sip.B2bua.Plugins.Authentication;

/// <summary>What a nonce of ours is known by: the second it was made and a number of its own.</summary>
internal readonly record struct NonceId(uint IssuedAt, ulong Number);

/// <summary>
/// Makes nonces that need not be remembered: time, a number that no other nonce has and a keyed hash over both and the realm, in
/// hexadecimal (RFC 7616 §3.3 and §5.4 suggest such a nonce). A challenge thereby leaves no state. The key lives as long as the process.
/// </summary>
internal sealed class Nonces(TimeProvider time)
{
    /// <summary>The length of a nonce in characters.</summary>
    public const int Length = 2 * (IdLength + MacLength);

    private const int IdLength = 12;
    private const int MacLength = 16;

    private readonly ulong key0 = RandomWord();
    private readonly ulong key1 = RandomWord();
    private ulong lastNumber = RandomWord();

    /// <summary>Writes a fresh nonce.</summary>
    /// <param name="realm">The realm that it is good for.</param>
    /// <param name="to">At least <see cref="Length"/> octets.</param>
    public void Write(string realm, Span<byte> to)
    {
        Span<byte> nonce = stackalloc byte[IdLength + MacLength];
        BinaryPrimitives.WriteUInt32BigEndian(nonce, Now());
        BinaryPrimitives.WriteUInt64BigEndian(nonce[4..], Interlocked.Increment(ref lastNumber));
        WriteMac(nonce[..IdLength], realm, nonce[IdLength..]);
        Convert.TryToHexStringLower(nonce, to, out _);
    }

    /// <summary>Whether the nonce was made here for this realm and is not too old.</summary>
    /// <param name="nonce">The nonce as the phone sent it.</param>
    /// <param name="realm">The realm.</param>
    /// <param name="lifetime">How old it may be.</param>
    /// <param name="id">What it is known by.</param>
    public bool IsGood(ReadOnlySpan<byte> nonce, string realm, TimeSpan lifetime, out NonceId id)
    {
        id = default;
        Span<byte> octets = stackalloc byte[IdLength + MacLength];
        Span<byte> mac = stackalloc byte[MacLength];
        if (nonce.Length != Length || Convert.FromHexString(nonce, octets, out _, out _) != System.Buffers.OperationStatus.Done)
        {
            return false;
        }

        WriteMac(octets[..IdLength], realm, mac);
        if (!CryptographicOperations.FixedTimeEquals(mac, octets[IdLength..]))
        {
            return false;
        }

        id = new NonceId(BinaryPrimitives.ReadUInt32BigEndian(octets), BinaryPrimitives.ReadUInt64BigEndian(octets[4..]));
        long age = (long)Now() - id.IssuedAt;
        return age <= lifetime.TotalSeconds;
    }

    private uint Now() => (uint)time.GetUtcNow().ToUnixTimeSeconds();

    private void WriteMac(ReadOnlySpan<byte> id, string realm, Span<byte> to)
    {
        KeyedHash hash = new(key0, key1);
        hash.Add(id);
        hash.Add(MemoryMarshal.AsBytes(realm.AsSpan()));
        HashValue mac = hash.Finish();
        BinaryPrimitives.WriteUInt64BigEndian(to, mac.High);
        BinaryPrimitives.WriteUInt64BigEndian(to[sizeof(ulong)..], mac.Low);
    }

    private static ulong RandomWord()
    {
        Span<byte> word = stackalloc byte[sizeof(ulong)];
        RandomNumberGenerator.Fill(word);
        return BinaryPrimitives.ReadUInt64BigEndian(word);
    }
}

using System.Buffers.Binary;
using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

namespace Sip.B2bua.Plugins.Registrar;

/// <summary>
/// Makes and opens temporary GRUUs (RFC 5627 3.1.2): a user part that tells a stranger nothing, and from which we alone read whose phone
/// is meant. Nothing is stored: address, instance and the registration's Call-ID are sealed in it. The key lives
/// as long as the process, and so do the bindings: with the last of an instance its temporary GRUUs are invalid anyway (5.3).
/// </summary>
internal sealed class TemporaryGruus : IDisposable
{
    /// <summary>What such a user part begins with.</summary>
    public const string Prefix = "tgruu.";

    private const int NonceLength = 12;
    private const int TagLength = 16;
    private const int MaxLength = 1024;

    private readonly AesGcm cipher;

    public TemporaryGruus()
    {
        Span<byte> key = stackalloc byte[32];
        RandomNumberGenerator.Fill(key);
        cipher = new AesGcm(key, TagLength);
    }

    public void Dispose() => cipher.Dispose();

    /// <summary>The user part of a new temporary GRUU; another one each time, so that two of them show no kinship (3.1.2).</summary>
    /// <param name="addressOfRecord">Whose phone it is.</param>
    /// <param name="instance">Which phone.</param>
    /// <param name="callId">The Call-ID of the registration: one with another ends those before (5.4).</param>
    public string Make(string addressOfRecord, string instance, string callId)
    {
        byte[] inner = [.. MarkOf(callId), .. Encoding.UTF8.GetBytes($"{addressOfRecord}\0{instance}")];
        byte[] all = new byte[NonceLength + inner.Length + TagLength];
        RandomNumberGenerator.Fill(all.AsSpan(0, NonceLength));
        lock (cipher)
        {
            cipher.Encrypt(all.AsSpan(0, NonceLength), inner, all.AsSpan(NonceLength, inner.Length), all.AsSpan(NonceLength + inner.Length));
        }

        return Prefix + Base64Url.EncodeToString(all);
    }

    /// <summary>Opens a user part; false when it is none of ours.</summary>
    public bool TryOpen(ReadOnlySpan<byte> user, out string addressOfRecord, out string instance, out uint mark)
    {
        addressOfRecord = instance = "";
        mark = 0;
        Span<byte> all = stackalloc byte[MaxLength];
        if (user.Length <= Prefix.Length || user.Length > MaxLength
            || !Base64Url.TryDecodeFromUtf8(user[Prefix.Length..], all, out int length) || length < NonceLength + TagLength + sizeof(uint))
        {
            return false;
        }

        Span<byte> inner = stackalloc byte[length - NonceLength - TagLength];
        try
        {
            lock (cipher)
            {
                cipher.Decrypt(all[..NonceLength], all.Slice(NonceLength, inner.Length), all.Slice(NonceLength + inner.Length, TagLength), inner);
            }
        }
        catch (CryptographicException)
        {
            // .NET has no other way to say that it was not sealed by us.
            return false;
        }

        mark = BinaryPrimitives.ReadUInt32BigEndian(inner);
        string[] words = Encoding.UTF8.GetString(inner[sizeof(uint)..]).Split('\0');
        addressOfRecord = words[0];
        instance = words[^1];
        return true;
    }

    /// <summary>Whether the registration of a binding is the one that the GRUU was given out for.</summary>
    public static bool IsOf(Binding binding, string instance, uint mark) =>
        binding.InstanceId == instance && BinaryPrimitives.ReadUInt32BigEndian(MarkOf(binding.CallId)) == mark;

    private static byte[] MarkOf(string callId) => SHA256.HashData(Encoding.UTF8.GetBytes(callId))[..sizeof(uint)];
}

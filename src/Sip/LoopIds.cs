using System.Security.Cryptography;

namespace Sip;

/// <summary>
/// Makes the ids of one loop: Via branches, tags and Call-IDs that nobody can guess and that carry the loop's number, so that
/// whatever comes back with one of them finds its owner without a shared table.
/// </summary>
/// <remarks>
/// A tag or Call-ID is the loop in two hexadecimal digits and then random digits. A branch is the magic cookie, the loop, the
/// slot of the client transaction (six digits), the slot's generation (four) and random digits.
/// </remarks>
public sealed class LoopIds
{
    /// <summary>Octets of a branch, the magic cookie included.</summary>
    public const int BranchLength = 7 + LoopDigits + SlotDigits + GenerationDigits + 20;

    /// <summary>Octets of a tag.</summary>
    public const int TagLength = LoopDigits + 24;

    /// <summary>Octets of a Call-ID; it names no host, so it tells nothing about us.</summary>
    public const int CallIdLength = LoopDigits + 32;

    /// <summary>The most loops that an id can tell apart.</summary>
    public const int MaxLoops = 256;

    /// <summary>The slot of a branch that belongs to no transaction: the ACK to a 2xx is one of its own.</summary>
    internal const int NoSlot = 0xffffff;

    private const int LoopDigits = 2;
    private const int SlotDigits = 6;
    private const int GenerationDigits = 4;

    // The system's generator is asked for many octets at once: a call for each id would cost more than the id.
    private readonly byte[] random = new byte[4096];
    private readonly int loop;
    private int used;

    /// <summary>Makes the ids of the loop with this number.</summary>
    /// <param name="loop">The loop's number, 0 to 255.</param>
    public LoopIds(int loop)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(loop);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(loop, MaxLoops);
        this.loop = loop;
        used = random.Length;
    }

    /// <summary>RFC 3261 8.1.1.7: a branch of an element that obeys RFC 3261 begins with this.</summary>
    public static ReadOnlySpan<byte> MagicCookie => "z9hG4bK"u8;

    /// <summary>Writes a new branch that belongs to no client transaction, as the ACK to a 2xx needs (RFC 3261 13.2.2.4).</summary>
    /// <param name="to">Where to write; <see cref="BranchLength"/> octets are used.</param>
    public void NewBranch(Span<byte> to) => NewBranch(to, NoSlot, 0);

    /// <summary>Writes a new tag (RFC 3261 19.3).</summary>
    /// <param name="to">Where to write; <see cref="TagLength"/> octets are used.</param>
    public void NewTag(Span<byte> to) => WriteRandom(WriteLoop(to[..TagLength]));

    /// <summary>Writes a new Call-ID (RFC 3261 8.1.1.4).</summary>
    /// <param name="to">Where to write; <see cref="CallIdLength"/> octets are used.</param>
    public void NewCallId(Span<byte> to) => WriteRandom(WriteLoop(to[..CallIdLength]));

    /// <summary>
    /// Reads the loop from a branch, tag or Call-ID. An id of somebody else's making may look like one of ours; the owner's own
    /// tables tell them apart.
    /// </summary>
    public static bool TryGetLoop(ReadOnlySpan<byte> id, out int loop)
    {
        if (id.StartsWith(MagicCookie))
        {
            id = id[MagicCookie.Length..];
        }

        loop = 0;
        return id.Length >= TagLength && TryReadHex(id[..LoopDigits], out loop);
    }

    internal void NewBranch(Span<byte> to, int slot, int generation)
    {
        to = to[..BranchLength];
        MagicCookie.CopyTo(to);
        Span<byte> rest = WriteLoop(to[MagicCookie.Length..]);
        WriteHex(rest[..SlotDigits], slot);
        WriteHex(rest.Slice(SlotDigits, GenerationDigits), generation);
        WriteRandom(rest[(SlotDigits + GenerationDigits)..]);
    }

    internal static bool TryGetSlot(ReadOnlySpan<byte> branch, out int slot)
    {
        slot = NoSlot;
        return branch.Length == BranchLength
            && TryReadHex(branch.Slice(MagicCookie.Length + LoopDigits, SlotDigits), out slot);
    }

    /// <summary>The first random digits of a tag of ours as a number: an index that nobody but us can choose.</summary>
    internal static bool TryGetIndex(ReadOnlySpan<byte> tag, out int index)
    {
        index = 0;
        return tag.Length == TagLength && TryReadHex(tag.Slice(LoopDigits, 7), out index);
    }

    /// <summary>Random octets for seeds; not for ids.</summary>
    internal ulong NextSeed() => BitConverter.ToUInt64(Take(sizeof(ulong)));

    private static bool TryReadHex(ReadOnlySpan<byte> digits, out int value)
    {
        value = 0;
        foreach (byte digit in digits)
        {
            int nibble = digit switch
            {
                >= (byte)'0' and <= (byte)'9' => digit - '0',
                >= (byte)'a' and <= (byte)'f' => digit - 'a' + 10,
                _ => -1,
            };
            if (nibble < 0)
            {
                return false;
            }

            value = (value << 4) | nibble;
        }

        return true;
    }

    private static void WriteHex(Span<byte> to, int value)
    {
        for (int i = to.Length - 1; i >= 0; i--)
        {
            to[i] = "0123456789abcdef"u8[value & 15];
            value >>= 4;
        }
    }

    private Span<byte> WriteLoop(Span<byte> to)
    {
        WriteHex(to[..LoopDigits], loop);
        return to[LoopDigits..];
    }

    private void WriteRandom(Span<byte> to)
    {
        ReadOnlySpan<byte> octets = Take(to.Length / 2);
        for (int i = 0; i < octets.Length; i++)
        {
            WriteHex(to.Slice(2 * i, 2), octets[i]);
        }
    }

    private ReadOnlySpan<byte> Take(int count)
    {
        if (used + count > random.Length)
        {
            RandomNumberGenerator.Fill(random);
            used = 0;
        }

        used += count;
        return random.AsSpan(used - count, count);
    }
}

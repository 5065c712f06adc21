using System.Security.Cryptography;
using Sip.Headers;
using Sip.Messages;

namespace Sip;

/// <summary>Tells from a message alone which loop owns it, so that no table is shared.</summary>
internal sealed class OwnerLookup
{
    private readonly int loops;
    private readonly ulong key0;
    private readonly ulong key1;

    /// <param name="loops">How many loops there are.</param>
    /// <param name="random">What the key is made of; null for one that nobody can guess.</param>
    public OwnerLookup(int loops, Random? random = null)
    {
        this.loops = loops;
        Span<byte> seed = stackalloc byte[16];
        if (random is null)
        {
            RandomNumberGenerator.Fill(seed);
        }
        else
        {
            random.NextBytes(seed);
        }

        key0 = BitConverter.ToUInt64(seed);
        key1 = BitConverter.ToUInt64(seed[8..]);
    }

    /// <summary>
    /// The owner of a response is in our branch; of a request with our To tag in the tag; of any other request it is a hash of its
    /// Call-ID, so that retransmissions, CANCEL and ACK follow their INVITE. The hash is keyed: nobody can load one loop on purpose.
    /// An INVITE that replaces a dialog of ours (RFC 3891) or would join one (RFC 3911), and a REFER about one (RFC 4538), go where that lives; a
    /// CANCEL of such an INVITE is looked for from loop to loop.
    /// </summary>
    public int OwnerOf(SipMessage message)
    {
        if (loops == 1)
        {
            return 0;
        }

        ReadOnlySpan<byte> id = message.IsRequest ? message.ToTag : message.ViaBranch;
        if (LoopIds.TryGetLoop(id, out int loop) && loop < loops)
        {
            return loop;
        }

        return NamedDialog.TryRead(message, out NamedDialog named) && LoopIds.TryGetLoop(named.LocalTag, out loop) && loop < loops ? loop : HashOf(message);
    }

    /// <summary>The owner of a request that carries no id of ours.</summary>
    public int HashOf(SipMessage message)
    {
        KeyedHash hash = new(key0, key1);
        hash.Add(message.CallId);
        return (int)(hash.Finish().Low % (ulong)loops);
    }
}

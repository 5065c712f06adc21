using System.Runtime.InteropServices;
using Sip.Headers;

namespace Sip.B2bua.Plugins.Authentication;

/// <summary>
/// Remembers which nonce counts were used (RFC 7616 §3.4, nc), only of nonces with which somebody has proven a password. Requests
/// of one phone may overtake each other on their way to us, so the 64 counts below the highest are told apart. Bounded: of two
/// generations the older is forgotten when the younger is full, and from then on no nonce of that age is taken at all.
/// Used by all loops.
/// </summary>
internal sealed class NonceCounts(int capacity)
{
    private readonly Lock gate = new();
    private Dictionary<NonceId, Use> young = [];
    private Dictionary<NonceId, Use> old = [];
    private uint forgotten;

    /// <summary>How many nonces are remembered.</summary>
    public int Count => young.Count + old.Count;

    /// <summary>Takes a count into use; false when it was used before by another request, or nobody knows any more.</summary>
    /// <param name="nonce">The nonce.</param>
    /// <param name="count">Its count, from 1.</param>
    /// <param name="request">What tells this request from others: a retransmission may come twice.</param>
    public bool TryUse(NonceId nonce, uint count, HashValue request)
    {
        lock (gate)
        {
            if (!old.Remove(nonce, out Use use) && !young.TryGetValue(nonce, out use))
            {
                if (nonce.IssuedAt <= forgotten)
                {
                    return false;
                }

                use = default;
            }

            bool isNew = use.TryTake(count, request);
            if (young.Count >= Math.Max(1, capacity / 2) && !young.ContainsKey(nonce))
            {
                Forget();
            }

            CollectionsMarshal.GetValueRefOrAddDefault(young, nonce, out _) = use;
            return isNew;
        }
    }

    private void Forget()
    {
        foreach (NonceId id in old.Keys)
        {
            forgotten = Math.Max(forgotten, id.IssuedAt);
        }

        (old, young) = (young, old);
        young.Clear();
    }

    private struct Use
    {
        private const int WindowLength = 64;

        private uint highest;
        private ulong window;
        private HashValue lastRequest;

        public bool TryTake(uint count, HashValue request)
        {
            if (count == 0)
            {
                return false;
            }

            if (count > highest)
            {
                uint step = count - highest;
                window = step >= WindowLength ? 1 : (window << (int)step) | 1;
                highest = count;
                lastRequest = request;
                return true;
            }

            uint below = highest - count;
            if (below >= WindowLength)
            {
                return false;
            }

            ulong bit = 1UL << (int)below;
            bool isNew = (window & bit) == 0;
            window |= bit;
            return isNew || (below == 0 && lastRequest == request);
        }
    }
}

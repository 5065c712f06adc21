using Sip.Headers;

namespace Sip.Transactions;

/// <summary>
/// Finds transactions by a hash that is already computed. Chained, its links inside the transactions, so that adding and
/// removing allocate nothing; it grows by doubling and never shrinks. A key that is not there, that of every new request, touches no
/// transaction but one in many: each bucket has a bit of every key in it.
/// </summary>
internal sealed class TransactionIndex
{
    private Bucket[] buckets = new Bucket[64];

    public int Count { get; private set; }

    /// <summary>The first entry under this key, or null.</summary>
    public IndexNode? First(HashValue key)
    {
        ref Bucket bucket = ref BucketOf(key);
        return (bucket.Keys & BitOf(key)) == 0 ? null : Next(bucket.First, key);
    }

    /// <summary>The entry after this one under the same key, or null.</summary>
    public static IndexNode? Next(IndexNode node) => Next(node.Next, node.Key);

    public void Add(IndexNode node, HashValue key)
    {
        if (Count >= buckets.Length)
        {
            Grow();
        }

        node.Key = key;
        node.IsLinked = true;
        Link(node);
        Count++;
    }

    public void Remove(IndexNode node)
    {
        if (!node.IsLinked)
        {
            return;
        }

        if (node.Previous is { } previous)
        {
            previous.Next = node.Next;
        }
        else
        {
            ref Bucket bucket = ref BucketOf(node.Key);
            bucket.First = node.Next;
            bucket.Keys = node.Next is null ? 0 : bucket.Keys; // a bit too many costs a look, no more
        }

        if (node.Next is { } next)
        {
            next.Previous = node.Previous;
        }

        node.Next = null;
        node.Previous = null;
        node.IsLinked = false;
        Count--;
    }

    private static IndexNode? Next(IndexNode? node, HashValue key)
    {
        while (node is not null && node.Key != key)
        {
            node = node.Next;
        }

        return node;
    }

    private static ulong BitOf(HashValue key) => 1UL << (int)(key.High & 63);

    private ref Bucket BucketOf(HashValue key) => ref buckets[(int)(key.Low & (uint)(buckets.Length - 1))];

    private void Link(IndexNode node)
    {
        ref Bucket bucket = ref BucketOf(node.Key);
        node.Previous = null;
        node.Next = bucket.First;
        if (bucket.First is { } first)
        {
            first.Previous = node;
        }

        bucket.First = node;
        bucket.Keys |= BitOf(node.Key);
    }

    private void Grow()
    {
        Bucket[] old = buckets;
        buckets = new Bucket[old.Length * 2];
        foreach (Bucket bucket in old)
        {
            IndexNode? node = bucket.First;
            while (node is not null)
            {
                IndexNode? next = node.Next;
                Link(node);
                node = next;
            }
        }
    }

    private struct Bucket
    {
        public IndexNode? First;
        public ulong Keys;
    }
}

/// <summary>One link of a <see cref="TransactionIndex"/>; it lives as long as the pooled transaction that owns it.</summary>
internal sealed class IndexNode(Transaction owner)
{
    public Transaction Owner { get; } = owner;

    public HashValue Key { get; set; }

    public IndexNode? Next { get; set; }

    public IndexNode? Previous { get; set; }

    public bool IsLinked { get; set; }
}

using Sip.Headers;

namespace Sip.Transactions;

/// <summary>
/// Finds transactions by a hash that is already computed. Chained, its links inside the transactions, so that adding and
/// removing allocate nothing; it grows by doubling and never shrinks.
/// </summary>
internal sealed class TransactionIndex
{
    private IndexNode?[] buckets = new IndexNode?[64];

    public int Count { get; private set; }

    /// <summary>The first entry under this key, or null.</summary>
    public IndexNode? First(HashValue key) => Next(buckets[BucketOf(key)], key);

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
            buckets[BucketOf(node.Key)] = node.Next;
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

    private int BucketOf(HashValue key) => (int)(key.Low & (uint)(buckets.Length - 1));

    private void Link(IndexNode node)
    {
        ref IndexNode? bucket = ref buckets[BucketOf(node.Key)];
        node.Previous = null;
        node.Next = bucket;
        if (bucket is not null)
        {
            bucket.Previous = node;
        }

        bucket = node;
    }

    private void Grow()
    {
        IndexNode?[] old = buckets;
        buckets = new IndexNode?[old.Length * 2];
        foreach (IndexNode? head in old)
        {
            IndexNode? node = head;
            while (node is not null)
            {
                IndexNode? next = node.Next;
                Link(node);
                node = next;
            }
        }
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

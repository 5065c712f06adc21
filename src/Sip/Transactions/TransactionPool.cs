namespace Sip.Transactions;

/// <summary>
/// Keeps ended transactions of one kind for the next ones. First in, first out, and never fewer than a few hundred at rest
/// before one is used again: who still reads an ended transaction by mistake meets an ended one, and an exception, not a stranger's.
/// </summary>
internal sealed class TransactionPool<T>(int atRest, int limit)
    where T : Transaction
{
    private readonly Queue<T> ended = new();

    /// <summary>Takes one out, or tells that a new one must be made.</summary>
    public bool TryTake([System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out T? transaction)
    {
        transaction = null;
        return ended.Count > atRest && ended.TryDequeue(out transaction);
    }

    /// <summary>Leaves all but those at rest to the collector, after a burst that is over.</summary>
    public void Clear()
    {
        while (ended.Count > atRest)
        {
            ended.Dequeue();
        }

        ended.TrimExcess();
    }

    public void Put(T transaction)
    {
        if (ended.Count < limit)
        {
            ended.Enqueue(transaction);
        }
    }
}

using Sip.Messages;

namespace Sip.Transactions;

/// <summary>
/// The client transactions of a loop, each in the slot that its branch names: a response is found by an array index. Each use of a
/// slot has its own generation and random digits, so a stale or forged branch finds nothing.
/// </summary>
internal sealed class ClientSlots
{
    private ClientTransaction?[] items = new ClientTransaction?[64];
    private ushort[] generations = new ushort[64];
    private int[] free = new int[64];
    private int freeCount;

    public ClientSlots() => AddFree(0, items.Length);

    public int Count => items.Length - freeCount;

    public int Reserve(out int generation)
    {
        if (freeCount == 0)
        {
            Grow();
        }

        int slot = free[--freeCount];
        generation = ++generations[slot];
        return slot;
    }

    public void Set(int slot, ClientTransaction transaction) => items[slot] = transaction;

    public void Release(int slot)
    {
        items[slot] = null;
        free[freeCount++] = slot;
    }

    /// <summary>17.1.3: the branch and the method of CSeq.</summary>
    public ClientTransaction? Find(SipMessage response)
    {
        ReadOnlySpan<byte> branch = response.ViaBranch;
        if (!LoopIds.TryGetSlot(branch, out int slot)
            || slot >= items.Length
            || items[slot] is not { } transaction
            || !transaction.Branch.SequenceEqual(branch))
        {
            return null;
        }

        // 17.1.3: a CANCEL has the branch of its INVITE and is found under it.
        if (response.CSeqMethod == SipMethod.Cancel)
        {
            return (transaction as InviteClientTransaction)?.CancelTransaction;
        }

        return transaction.IsOfMethod(response) ? transaction : null;
    }

    private void Grow()
    {
        int old = items.Length;
        if (old * 2 > LoopIds.NoSlot)
        {
            throw new InvalidOperationException("More client transactions than a branch can number.");
        }

        Array.Resize(ref items, old * 2);
        Array.Resize(ref generations, old * 2);
        Array.Resize(ref free, old * 2);
        AddFree(old, items.Length);
    }

    // Lowest slot on top, so that a quiet server stays in a few cache lines.
    private void AddFree(int from, int to)
    {
        for (int slot = to - 1; slot >= from; slot--)
        {
            free[freeCount++] = slot;
        }
    }
}

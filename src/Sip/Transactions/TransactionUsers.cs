namespace Sip.Transactions;

/// <summary>
/// The users of the transactions of one loop, apart from them. Transactions are pooled and old to the collector, their users are as
/// young as the call. Were each transaction to hold its own, the collector would have to look at every one that was in use since it
/// came last, tens of thousands all over the memory; here it looks at a few places, those taken last being taken again first.
/// </summary>
internal sealed class TransactionUsers<T>
    where T : class
{
    // Place 0 is nobody's, so that a transaction without a user needs none.
    private Place[] places = new Place[64];
    private int[] free = new int[64];
    private int freeCount;

    public TransactionUsers() => AddFree(1);

    /// <summary>The user at a place, or null.</summary>
    public T? this[int place] => places[place].User;

    /// <summary>Puts a user where the transaction's place is, taking one for its first and giving it back for null.</summary>
    public void Set(ref int place, T? user)
    {
        if (user is not null)
        {
            place = place == 0 ? Take() : place;
            places[place].User = user;
        }
        else if (place != 0)
        {
            places[place].User = null;
            free[freeCount++] = place;
            place = 0;
        }
    }

    private int Take()
    {
        if (freeCount == 0)
        {
            int old = places.Length;
            Array.Resize(ref places, old * 2);
            Array.Resize(ref free, old * 2);
            AddFree(old);
        }

        return free[--freeCount];
    }

    private void AddFree(int from)
    {
        for (int place = places.Length - 1; place >= from; place--)
        {
            free[freeCount++] = place;
        }
    }

    // An array of interfaces would check the type of what is stored each time.
    private struct Place
    {
        public T? User;
    }
}

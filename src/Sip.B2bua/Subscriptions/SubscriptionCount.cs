namespace Sip.B2bua.Subscriptions;

/// <summary>How many subscriptions the whole server and each of its users have, and may have.</summary>
internal sealed class SubscriptionCount(int limit, int limitOfUser)
{
    private readonly Dictionary<string, int> users = new(StringComparer.Ordinal);
    private readonly Lock access = new();
    private int total;

    /// <summary>The subscriptions of all loops.</summary>
    public int Value => Volatile.Read(ref total);

    /// <summary>Counts one more; false at a limit (0: none).</summary>
    public bool TryEnter(string user)
    {
        lock (access)
        {
            int own = users.GetValueOrDefault(user);
            if ((limit > 0 && total >= limit) || (limitOfUser > 0 && own >= limitOfUser))
            {
                return false;
            }

            users[user] = own + 1;
            total++;
            return true;
        }
    }

    /// <summary>Counts one less.</summary>
    public void Leave(string user)
    {
        lock (access)
        {
            total--;
            if (--users[user] == 0)
            {
                users.Remove(user);
            }
        }
    }
}

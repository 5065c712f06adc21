namespace Sip.B2bua.Subscriptions;

/// <summary>The subscriptions of one loop; bounded by the settings for all loops together.</summary>
internal sealed class SubscriptionTable(SubscriptionCount count)
{
    private readonly HashSet<Subscription> subscriptions = [];

    /// <summary>How many there are on this loop.</summary>
    public int Count => subscriptions.Count;

    /// <summary>Adds one; false when the server, or its user, has as many as may be.</summary>
    public bool TryAdd(Subscription subscription)
    {
        if (!count.TryEnter(subscription.User))
        {
            return false;
        }

        subscriptions.Add(subscription);
        return true;
    }

    /// <summary>Removes one that is over.</summary>
    public void Remove(Subscription subscription)
    {
        if (subscriptions.Remove(subscription))
        {
            count.Leave(subscription.User);
        }
    }

    /// <summary>Ends all, and tells both sides: the server goes down.</summary>
    public void EndAll()
    {
        foreach (Subscription subscription in subscriptions.ToArray())
        {
            subscription.ShutDown();
        }
    }
}

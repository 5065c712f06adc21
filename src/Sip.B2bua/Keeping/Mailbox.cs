using System.Text;
using Sip.B2bua.Calls;
using Sip.Messages;

namespace Sip.B2bua.Keeping;

/// <summary>Delivers what is kept for one address, on its loop: to each device one message after the other, in their order.</summary>
internal sealed class Mailbox(Mailboxes all, CallCore core, string address)
{
    private readonly SipMessagePool messages = new();
    private readonly HashSet<string> running = new(StringComparer.Ordinal);
    private readonly HashSet<string> registeredMeanwhile = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Served> served = new(StringComparer.Ordinal);
    private bool isEmpty;

    /// <summary>Whether an answer means that the device was not reached, as Flexisip has it; 430: an edge proxy has lost its flow (RFC 5626 §11.5).</summary>
    public static bool IsUnreached(int code) => code is 408 or 430 or 503;

    /// <summary>Somebody has registered or something was kept: delivers to each device that has not had everything, or was not tried since it registered.</summary>
    /// <param name="triedInVain">Bindings that were tried just now.</param>
    public async void Look(IReadOnlyList<Binding> triedInVain)
    {
        try
        {
            foreach (Binding binding in triedInVain)
            {
                served[binding.Device] = new Served(binding.Updated, -1);
            }

            long version = all.VersionOf(address);
            LocationRecord record = await all.Location.FetchAsync(address);
            Forget(record);
            List<Task> deliveries = [];
            foreach (Binding binding in record.Bindings.OrderByDescending(binding => binding.Updated))
            {
                if (!NeedsService(binding, version))
                {
                    continue;
                }

                if (running.Add(binding.Device))
                {
                    deliveries.Add(DeliverAsync(binding));
                }
                else
                {
                    registeredMeanwhile.Add(binding.Device);
                }
            }

            await Task.WhenAll(deliveries);
            if (isEmpty && running.Count == 0)
            {
                all.Remove(core, address, version);
            }
        }
        catch (Exception e)
        {
            // No exception leaves an async void: the messages stay for the next registration.
            core.Fault("kept messages", e);
        }
    }

    private bool NeedsService(Binding binding, long version) =>
        !served.TryGetValue(binding.Device, out Served last) || (last.Version < 0 ? last.Updated != binding.Updated : last.Version != version);

    private void Forget(LocationRecord record)
    {
        foreach (string device in served.Keys.ToArray())
        {
            if (!record.Bindings.Any(binding => binding.Device == device))
            {
                served.Remove(device);
            }
        }
    }

    private async Task DeliverAsync(Binding binding)
    {
        all.BeginServing(address, binding.Device);
        try
        {
            while (await DeliverAllAsync(binding))
            {
                // Something may have been kept meanwhile.
            }
        }
        finally
        {
            running.Remove(binding.Device);
            all.EndServing(address, binding.Device);
            if (registeredMeanwhile.Remove(binding.Device))
            {
                all.Wake(address, []); // what has failed may have gone to an address that the device has left
            }
        }
    }

    // True when there was something to deliver.
    private async Task<bool> DeliverAllAsync(Binding binding)
    {
        Dictionary<string, Task<bool>> deliveries = new(StringComparer.Ordinal);
        DateTimeOffset due = default;
        long version;
        bool allHad;
        bool isOld;
        do
        {
            version = all.VersionOf(address);
            if (deliveries.Values.All(delivery => delivery.IsCompleted))
            {
                due = core.Time.GetUtcNow() + all.Retention;
            }

            (List<KeptMessage> messages, allHad) = await FetchAsync(binding);
            isOld = false;
            foreach (KeptMessage message in messages.Where(message => !deliveries.ContainsKey(message.Id)))
            {
                Task<bool> delivery = TryDeliverAsync(message, binding);
                deliveries.Add(message.Id, delivery);
                if (await HasFailedAsync(delivery, due))
                {
                    allHad = false;
                    break; // the device is not there
                }

                isOld = all.VersionOf(address) != version;
                if (isOld)
                {
                    break; // what was kept meanwhile may be more urgent
                }
            }
        }
        while (isOld);

        bool[] reached = await Task.WhenAll(deliveries.Values);
        if (reached.Contains(false))
        {
            served[binding.Device] = new Served(binding.Updated, -1);
            return false;
        }

        if (allHad)
        {
            served[binding.Device] = new Served(binding.Updated, version);
        }
        else
        {
            served.Remove(binding.Device); // what is under way may fail
        }

        return deliveries.Count > 0;
    }

    // What a device has not had, and whether that is all that it may want: what is on its way to it already may fail. All are looked at
    // before the first is sent, for what is on its way now may have arrived by the time that its turn comes.
    private async Task<(List<KeptMessage> Messages, bool IsAll)> FetchAsync(Binding binding)
    {
        long ended = all.EndedCount;
        (List<KeptMessage> Messages, bool IsAll) wanted = Choose(await all.Store.FetchAsync(address), binding);
        if (ended == all.EndedCount)
        {
            return wanted;
        }

        // What was under way while the store was read may have arrived since: the store knows it by now. What came meanwhile has its turn later.
        HashSet<string> before = [.. wanted.Messages.Select(message => message.Id)];
        (List<KeptMessage> messages, bool isAll) = Choose(await all.Store.FetchAsync(address), binding);
        return ([.. messages.Where(message => before.Contains(message.Id))], isAll && wanted.IsAll);
    }

    private (List<KeptMessage> Messages, bool IsAll) Choose(IReadOnlyList<KeptMessage> kept, Binding binding)
    {
        isEmpty = kept.Count == 0;
        bool isAll = true;
        List<KeptMessage> wanted = [];
        foreach (KeptMessage message in kept)
        {
            // Who does not say which device it is may have had it as another one.
            if (message.Delivered.Contains(binding.Device) || (binding.IsIdMade && message.Delivered.Count > 0))
            {
                continue;
            }

            if (all.IsUnderWay(message.Id, binding))
            {
                isAll = false;
            }
            else
            {
                wanted.Add(message);
            }
        }

        return (wanted, isAll);
    }

    // A message waits for those before it, but no longer than until it is due.
    private async Task<bool> HasFailedAsync(Task<bool> delivery, DateTimeOffset due)
    {
        await Mailboxes.WaitAsync(delivery, due - core.Time.GetUtcNow(), core.Time);
        return delivery.IsCompleted && !await delivery;
    }

    private async Task<bool> TryDeliverAsync(KeptMessage kept, Binding binding)
    {
        if (binding.Flow is { IsAlive: false })
        {
            return false;
        }

        if (KeptContent.Read(core, messages, kept.Content) is not { } message)
        {
            core.Fault("kept messages", new InvalidDataException($"message {kept.Id} for {address} cannot be read; it is left out"));
            await all.Store.DeliveredAsync(kept.Id, binding.Device);
            return true;
        }

        try
        {
            DecisionTrail trail = new();
            Target target = binding.ToTarget(address);
            (int code, string reason) = core.Branches.Allow(null, trail, target, SipMethod.Message, core.Modules.Skip(message), out IReadOnlyList<(string, string)> headers)
                ? await new KeptDelivery(core, message, target, headers).SendAsync()
                : (503, "A module has left the device out");
            core.ReportDelivery(Encoding.UTF8.GetString(CallCore.UriOf(message.From)), address, target.Uri, code, reason, trail);
            if (IsUnreached(code))
            {
                return false;
            }

            // A device that refuses has had it, too: it will not think better of it.
            await all.Store.DeliveredAsync(kept.Id, binding.Device);
            return true;
        }
        finally
        {
            message.Release();
        }
    }

    /// <summary>How far a device has come.</summary>
    /// <param name="Updated">The registration by which it was tried.</param>
    /// <param name="Version">The version of the address whose messages it has had; -1: it was not reached.</param>
    private readonly record struct Served(DateTimeOffset Updated, long Version);
}

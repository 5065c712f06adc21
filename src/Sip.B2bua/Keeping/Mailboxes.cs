using System.Collections.Concurrent;
using Sip.B2bua.Calls;

namespace Sip.B2bua.Keeping;

/// <summary>
/// The kept messages of all loops. Each address has one loop that delivers what is kept for it, so that no device gets a message twice;
/// a registration anywhere in the server wakes it. An address without kept messages costs a registration one look into a table.
/// </summary>
internal sealed class Mailboxes(IMessageStore store, ILocationService location, TimeSpan retention)
{
    // What an entry of underWay says of a device that has registered anew meanwhile.
    private static readonly DateTimeOffset Anew = DateTimeOffset.MaxValue;

    // The addresses with kept messages, each with a number that grows when one is kept.
    private readonly ConcurrentDictionary<string, long> addresses = new(StringComparer.Ordinal);

    // Messages that are kept while a device has not answered yet, and when it had registered.
    private readonly ConcurrentDictionary<(string Message, string Device), DateTimeOffset> underWay = new();

    // Devices that are getting what is kept for them just now, by address.
    private readonly ConcurrentDictionary<(string Address, string Device), TaskCompletionSource> serving = new();

    private Dictionary<string, Mailbox>[] boxes = [];
    private CallCore[] cores = [];
    private long ended;

    /// <summary>Where messages are kept.</summary>
    public IMessageStore Store => store;

    /// <summary>Where devices are found.</summary>
    public ILocationService Location => location;

    /// <summary>How many messages were kept while a device has not answered yet, and still has not.</summary>
    public int UnderWayCount => underWay.Count;

    /// <summary>How often a device has answered to a message that was kept meanwhile.</summary>
    public long EndedCount => Volatile.Read(ref ended);

    /// <summary>How long a message waits for those before it.</summary>
    public TimeSpan Retention => retention;

    /// <summary>Waits for what is sent before, but not for ever; whether it has ended is seen from itself.</summary>
    public static async Task WaitAsync(Task first, TimeSpan longest, TimeProvider time)
    {
        if (!first.IsCompleted && longest > TimeSpan.Zero)
        {
            using CancellationTokenSource done = new();
            await Task.WhenAny(first, Task.Delay(longest, time, done.Token));
            done.Cancel(); // not CancelAsync, which leaves the loop
        }
    }

    /// <summary>Null, or the task to await before something else is sent to a device: it is getting kept messages just now.</summary>
    public Task? TurnOf(string address, string device) =>
        !serving.IsEmpty && serving.TryGetValue((address, device), out TaskCompletionSource? served) ? served.Task : null;

    /// <summary>A device begins to get kept messages.</summary>
    public void BeginServing(string address, string device) => serving[(address, device)] = new TaskCompletionSource();

    /// <summary>It has had them, or is not there.</summary>
    public void EndServing(string address, string device)
    {
        if (serving.TryRemove((address, device), out TaskCompletionSource? served))
        {
            served.SetResult();
        }
    }

    /// <summary>Grows with each message that is kept for an address.</summary>
    public long VersionOf(string address) => addresses.GetValueOrDefault(address);

    /// <summary>Finds out for whom something is kept, and listens to registrations from now on.</summary>
    public async Task StartAsync(CallCore[] loops, CancellationToken cancellation)
    {
        cores = loops;
        boxes = [.. loops.Select(_ => new Dictionary<string, Mailbox>(StringComparer.Ordinal))];
        foreach (string address in await store.AddressesAsync(cancellation))
        {
            addresses[address] = 1;
        }

        location.Changed += OnChanged;
    }

    /// <summary>No registration wakes anything any more.</summary>
    public void Stop() => location.Changed -= OnChanged;

    /// <summary>Keeps a message.</summary>
    /// <param name="message">The message.</param>
    /// <param name="rules">How many there may be.</param>
    /// <param name="tried">The bindings by which a device was tried in vain.</param>
    /// <returns>False when there is no room.</returns>
    public async Task<bool> KeepAsync(KeptMessage message, LateDelivery rules, IReadOnlyList<Binding> tried)
    {
        bool ok = await store.TryKeepAsync(message, rules.MaxOfAddress, rules.MaxOfAll);
        if (ok)
        {
            addresses.AddOrUpdate(message.AddressOfRecord, 1, static (_, version) => version + 1);
            Wake(message.AddressOfRecord, tried); // a device may have registered since the message came
        }

        return ok;
    }

    /// <summary>A message is about to be kept that is on its way to a device just now.</summary>
    public void BeginUnderWay(string message, Binding device) => underWay[(message, device.Device)] = device.Updated;

    /// <summary>It could not be kept.</summary>
    public void ForgetUnderWay(string message, Binding device) => underWay.TryRemove((message, device.Device), out _);

    /// <summary>The device has had it, or was not reached: then it gets it when it registers, or now if it did meanwhile.</summary>
    public async Task EndUnderWayAsync(KeptMessage message, Binding device, bool hadIt)
    {
        if (hadIt)
        {
            await store.DeliveredAsync(message.Id, device.Device);
        }

        Interlocked.Increment(ref ended);
        if (underWay.TryRemove((message.Id, device.Device), out DateTimeOffset since) && !hadIt)
        {
            Wake(message.AddressOfRecord, since == Anew ? [] : [device]);
        }
    }

    /// <summary>Whether a message is on its way to a device already; notes that the device may have registered anew.</summary>
    public bool IsUnderWay(string message, Binding device)
    {
        if (!underWay.TryGetValue((message, device.Device), out DateTimeOffset since))
        {
            return false;
        }

        return since == Anew || since == device.Updated || underWay.TryUpdate((message, device.Device), Anew, since);
    }

    /// <summary>Nothing is kept for an address any more, unless something came meanwhile.</summary>
    public void Remove(CallCore core, string address, long version)
    {
        if (addresses.TryRemove(KeyValuePair.Create(address, version)))
        {
            boxes[core.Loop.EventLoop.Number].Remove(address);
        }
    }

    // On the thread of whoever registers.
    private void OnChanged(string address)
    {
        if (addresses.ContainsKey(address))
        {
            Wake(address, []);
        }
    }

    /// <summary>Has the address' loop look for devices that want something.</summary>
    /// <param name="address">The address.</param>
    /// <param name="tried">The bindings by which a device was tried in vain.</param>
    public void Wake(string address, IReadOnlyList<Binding> tried)
    {
        int owner = (int)((uint)string.GetHashCode(address, StringComparison.Ordinal) % (uint)cores.Length);
        cores[owner].Loop.EventLoop.Post(
            static state =>
            {
                (Mailboxes all, int number, string address, IReadOnlyList<Binding> tried) = ((Mailboxes, int, string, IReadOnlyList<Binding>))state!;
                all.Look(number, address, tried);
            },
            (this, owner, address, tried));
    }

    private void Look(int number, string address, IReadOnlyList<Binding> tried)
    {
        if (!boxes[number].TryGetValue(address, out Mailbox? box))
        {
            boxes[number][address] = box = new Mailbox(this, cores[number], address);
        }

        box.Look(tried);
    }
}

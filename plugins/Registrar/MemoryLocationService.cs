using System.Collections.Concurrent;
using System.Composition;
using Microsoft.Extensions.Logging;

namespace Sip.B2bua.Plugins.Registrar;

/// <summary>
/// The location service that keeps bindings in this process's memory. Records are immutable and swapped whole, so readers take no
/// lock; the version of a record is never used again, so a writer who read long ago is told. Bounded by max-addresses.
/// </summary>
[Store(typeof(ILocationService), "internal", Options = typeof(MemoryLocationOptions), Section = "module::Registrar")]
[Shared]
internal sealed partial class MemoryLocationService : ILocationService, IDisposable
{
    private static readonly TimeSpan SweepPeriod = TimeSpan.FromSeconds(30);

    private readonly ConcurrentDictionary<string, LocationRecord> records = new(StringComparer.Ordinal);
    private readonly ISettings<MemoryLocationOptions> settings;
    private readonly TimeProvider time;
    private readonly ILogger log;
    private readonly ITimer sweeper;
    private long version;
    private int count;

    [ImportingConstructor]
    public MemoryLocationService(ISettings<MemoryLocationOptions> settings, TimeProvider time, ILoggerFactory loggers)
    {
        this.settings = settings;
        this.time = time;
        log = loggers.CreateLogger("Registrar");
        sweeper = time.CreateTimer(static service => ((MemoryLocationService)service!).Sweep(), this, SweepPeriod, SweepPeriod);
    }

    public event Action<string>? Changed;

    /// <summary>How many addresses have a record.</summary>
    public int Count => Volatile.Read(ref count);

    public ValueTask<LocationRecord> FetchAsync(string addressOfRecord, CancellationToken cancellation = default) =>
        new(records.TryGetValue(addressOfRecord, out LocationRecord? record) ? Live(record) : LocationRecord.Empty);

    public ValueTask<bool> TryStoreAsync(
        string addressOfRecord, LocationRecord read, IReadOnlyList<Binding> bindings, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(read);
        bool stored = TryStore(addressOfRecord, read.Version, bindings);
        if (stored)
        {
            Changed?.Invoke(addressOfRecord);
        }

        return new(stored);
    }

    public void Dispose() => sweeper.Dispose();

    private bool TryStore(string addressOfRecord, long readVersion, IReadOnlyList<Binding> bindings)
    {
        bool exists = records.TryGetValue(addressOfRecord, out LocationRecord? current);
        if ((exists ? current!.Version : 0) != readVersion)
        {
            return false;
        }

        if (bindings.Count == 0)
        {
            return !exists || TryRemove(addressOfRecord, current!);
        }

        LocationRecord next = new(bindings, Interlocked.Increment(ref version));
        if (exists)
        {
            return records.TryUpdate(addressOfRecord, next, current!);
        }

        if (Interlocked.Increment(ref count) > settings.Value.MaxAddresses)
        {
            Interlocked.Decrement(ref count);
            Full(log, addressOfRecord, settings.Value.MaxAddresses);
            return false;
        }

        bool added = records.TryAdd(addressOfRecord, next);
        if (!added)
        {
            Interlocked.Decrement(ref count);
        }

        return added;
    }

    private bool TryRemove(string addressOfRecord, LocationRecord record)
    {
        bool removed = records.TryRemove(KeyValuePair.Create(addressOfRecord, record));
        if (removed)
        {
            Interlocked.Decrement(ref count);
        }

        return removed;
    }

    private LocationRecord Live(LocationRecord record)
    {
        DateTimeOffset now = time.GetUtcNow();
        for (int i = 0; i < record.Bindings.Count; i++)
        {
            if (record.Bindings[i].KeptUntil <= now)
            {
                return Without(record, now);
            }
        }

        return record;
    }

    // Apart, because what the condition knows would else be an object for every look-up.
    private static LocationRecord Without(LocationRecord record, DateTimeOffset over) =>
        record with { Bindings = [.. record.Bindings.Where(b => b.KeptUntil > over)] };

    private void Sweep()
    {
        DateTimeOffset now = time.GetUtcNow();
        foreach ((string addressOfRecord, LocationRecord record) in records)
        {
            if (record.Bindings.All(b => b.KeptUntil <= now))
            {
                TryRemove(addressOfRecord, record);
            }
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "no room for {Address}: max-addresses is {Limit}")]
    private static partial void Full(ILogger log, string address, int limit);
}

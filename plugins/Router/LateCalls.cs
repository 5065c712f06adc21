using System.Collections.Concurrent;
using System.Collections.Immutable;

namespace Sip.B2bua.Plugins.Router;

/// <summary>
/// The ringing calls that phones may still join, by the addresses they are for. A registration anywhere in the server finds them here;
/// what follows happens on the loop of each call. Without <c>fork-late</c> it stays empty.
/// </summary>
internal sealed class LateCalls
{
    private readonly ConcurrentDictionary<string, ImmutableArray<LateCall>> waiting = new(StringComparer.Ordinal);
    private readonly TargetFinder finder;
    private readonly ILocalDomains domains;
    private int count;

    public LateCalls(ILocationService location, ILocalDomains domains, TargetFinder finder)
    {
        this.finder = finder;
        this.domains = domains;
        location.Changed += OnChanged;
    }

    /// <summary>How many calls wait.</summary>
    public int Count => Volatile.Read(ref count);

    /// <summary>A call has begun to ring.</summary>
    /// <param name="call">The call.</param>
    /// <param name="addresses">The addresses it is for.</param>
    /// <param name="secure">Whether only secure phones may join.</param>
    public LateCall Add(ICall call, IReadOnlyList<string> addresses, bool secure)
    {
        LateCall late = new(call, [.. addresses.DistinctBy(domains.RecordKey).Select(address => (address, domains.RecordKey(address)))], secure);
        Interlocked.Increment(ref count);
        foreach ((_, string key) in late.Addresses)
        {
            waiting.AddOrUpdate(key, static (_, added) => [added], static (_, all, added) => all.Add(added), late);
        }

        return late;
    }

    /// <summary>A call rings no more. Called once for each, on its loop.</summary>
    public void Remove(LateCall late)
    {
        if (late.IsRemoved)
        {
            return;
        }

        late.IsRemoved = true;
        Interlocked.Decrement(ref count);
        foreach ((_, string key) in late.Addresses)
        {
            while (waiting.TryGetValue(key, out ImmutableArray<LateCall> all))
            {
                ImmutableArray<LateCall> rest = all.Remove(late);
                if (rest.IsEmpty ? waiting.TryRemove(KeyValuePair.Create(key, all)) : waiting.TryUpdate(key, rest, all))
                {
                    break;
                }
            }
        }
    }

    // On the thread of whoever registers: one look when no call waits, and one piece of work for each call at most.
    private void OnChanged(string key)
    {
        if (Count == 0 || !waiting.TryGetValue(key, out ImmutableArray<LateCall> all))
        {
            return;
        }

        foreach (LateCall late in all)
        {
            if (late.TryAnnounce(key))
            {
                late.Call.Loop.Post(static state => ((Arrival)state!).Go(), new Arrival(this, late));
            }
        }
    }

    private async Task LookAgainAsync(LateCall late)
    {
        foreach (string address in late.TakeAnnounced())
        {
            List<Target> found = [];
            await finder.AddAsync(new TargetFinder.Search(found, late.Call.Trail, late.IsSecure, IsLate: false), address);
            foreach (Target target in found)
            {
                if (!late.IsRemoved && late.Call.TryAddTarget(target))
                {
                    late.Call.Trail.Add("Router", "{0} has registered meanwhile", target);
                }
            }
        }

        if (late.Call.IsAnswered)
        {
            Remove(late);
        }
    }

    private sealed class Arrival(LateCalls calls, LateCall late)
    {
        public async void Go()
        {
            try
            {
                if (!late.IsRemoved)
                {
                    await calls.LookAgainAsync(late);
                }
            }
            catch (Exception fault)
            {
                // No exception leaves an async void: this phone does not join.
                late.Call.Loop.ReportFault("a phone that registers late", fault);
            }
        }
    }
}

/// <summary>One call that phones may join.</summary>
internal sealed class LateCall(ICall call, IReadOnlyList<(string Address, string Key)> addresses, bool secure)
{
    private readonly ConcurrentDictionary<string, bool> announced = new(1, addresses.Count, StringComparer.Ordinal);

    public ICall Call => call;

    /// <summary>The addresses it is for, and by which key the location service has each.</summary>
    public IReadOnlyList<(string Address, string Key)> Addresses => addresses;

    public bool IsSecure => secure;

    /// <summary>Whether it waits no more; read and written on the call's loop.</summary>
    public bool IsRemoved { get; set; }

    /// <summary>Notes that an address has changed; false when the call knows and has not looked yet. Any thread.</summary>
    public bool TryAnnounce(string key) => announced.TryAdd(key, true);

    /// <summary>The addresses to look at; from now on they are announced again.</summary>
    public IEnumerable<string> TakeAnnounced()
    {
        foreach ((string address, string key) in addresses)
        {
            if (announced.TryRemove(key, out _))
            {
                yield return address;
            }
        }
    }
}

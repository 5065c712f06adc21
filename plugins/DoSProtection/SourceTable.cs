using Sip.Transports;

namespace Sip.B2bua.Plugins.DoSProtection;

/// <summary>What <see cref="SourceTable.Count"/> says of a request.</summary>
internal enum SourceState
{
    /// <summary>Below the limit.</summary>
    Fine,

    /// <summary>This very request went over the limit.</summary>
    JustBanned,

    /// <summary>Banned before.</summary>
    Banned,
}

/// <summary>
/// Counts requests for each source address. Bounded: when full, sources that are idle make room, and if none is, a new one is let
/// through unwatched, so that an attacker who invents addresses cannot end the ban of another. Used by all loops.
/// </summary>
internal sealed class SourceTable
{
    private const int ShardCount = 16;
    private readonly Shard[] shards = new Shard[ShardCount];

    public SourceTable()
    {
        for (int i = 0; i < ShardCount; i++)
        {
            shards[i] = new Shard();
        }
    }

    /// <summary>How many sources are watched now.</summary>
    public int Watched => shards.Sum(s => s.Sources.Count);

    /// <summary>Counts one request.</summary>
    /// <param name="source">Where it came from; the port does not matter.</param>
    /// <param name="now">Monotonic milliseconds.</param>
    /// <param name="options">The limits.</param>
    public SourceState Count(in SipAddress source, long now, DoSProtectionOptions options)
    {
        SipAddress key = source.WithPort(0);
        Shard shard = shards[(uint)key.GetHashCode() % ShardCount];
        lock (shard.Sources)
        {
            return shard.Count(key, now, options);
        }
    }

    private sealed class Shard
    {
        private long nextSweep;

        public Dictionary<SipAddress, Source> Sources { get; } = [];

        public SourceState Count(in SipAddress key, long now, DoSProtectionOptions options)
        {
            long period = (long)options.TimePeriod.TotalMilliseconds;
            if (!Sources.TryGetValue(key, out Source source))
            {
                if (Sources.Count >= Math.Max(1, options.MaxSources / ShardCount) && !Sweep(now, period))
                {
                    return SourceState.Fine;
                }

                source = new Source(now, 0, 0);
            }

            if (now < source.BannedUntil)
            {
                return SourceState.Banned;
            }

            if (now - source.WindowStart >= period)
            {
                source = new Source(now, 0, 0);
            }

            source = source with { Requests = source.Requests + 1 };
            SourceState state = SourceState.Fine;
            if (source.Requests * 1000L > options.PacketRateLimit * period)
            {
                source = source with { BannedUntil = now + (long)options.BanTime.TotalMilliseconds };
                state = SourceState.JustBanned;
            }

            Sources[key] = source;
            return state;
        }

        // At most once a period: a flood of invented addresses must not buy a walk through the table with each packet.
        private bool Sweep(long now, long period)
        {
            if (now < nextSweep)
            {
                return false;
            }

            nextSweep = now + period;
            int before = Sources.Count;
            foreach ((SipAddress key, Source source) in Sources)
            {
                if (now >= source.BannedUntil && now - source.WindowStart >= period)
                {
                    Sources.Remove(key);
                }
            }

            return Sources.Count < before;
        }
    }

    private readonly record struct Source(long WindowStart, int Requests, long BannedUntil);
}

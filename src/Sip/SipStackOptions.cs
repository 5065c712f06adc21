using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Sip.Messages;
using Sip.Transactions;
using Sip.Transports;

namespace Sip;

/// <summary>Opens a listening point on every loop: <see cref="TransportSet.Open"/>, or a simulated network.</summary>
/// <param name="sets">The linked transports of all loops.</param>
/// <param name="point">What to listen on.</param>
/// <returns>The point as opened, its port known.</returns>
public delegate ListeningPoint ListeningPointOpener(ReadOnlySpan<TransportSet> sets, ListeningPoint point);

/// <summary>What a <see cref="SipStack"/> is made of.</summary>
public sealed record SipStackOptions
{
    /// <summary>How many event loops there are; 0 means one for each core.</summary>
    public int EventLoops { get; init; }

    /// <summary>What to listen on.</summary>
    public IReadOnlyList<ListeningPoint> Points { get; init; } = [];

    /// <summary>Where it cannot listen, as is known already; <see cref="SipStack.Open"/> tells it with all else.</summary>
    public IReadOnlyList<ListeningFault> Faults { get; init; } = [];

    /// <summary>Limits and times of the transports.</summary>
    public TransportOptions Transports { get; init; } = new();

    /// <summary>Timers and limits of each loop's transactions.</summary>
    public TransactionOptions Transactions { get; init; } = new();

    /// <summary>The largest messages that are read.</summary>
    public SipLimits Limits { get; init; } = SipLimits.Default;

    /// <summary>How names are looked up.</summary>
    public DnsOptions Dns { get; init; } = new();

    /// <summary>Makes what a loop looks names up with; null for name servers. A simulated network brings its own.</summary>
    public Func<EventLoop, IDnsSource>? CreateDns { get; init; }

    /// <summary>
    /// Decides which loop gets a request that carries no id of ours; null, as in production, for what nobody can guess. A test that must run
    /// the same way again brings its own.
    /// </summary>
    public Random? OwnerRandom { get; init; }

    /// <summary>How many seconds a refused request is asked to wait when a limit is reached (Retry-After).</summary>
    public int RetryAfterSeconds { get; init; } = 10;

    /// <summary>The clock.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>Where the stack reports.</summary>
    public ILogger Logger { get; init; } = NullLogger.Instance;

    /// <summary>Makes the loop of a number; null for loops with threads of their own. A simulated network makes its own.</summary>
    public Func<int, EventLoop>? CreateLoop { get; init; }

    /// <summary>Opens the listening points.</summary>
    public ListeningPointOpener OpenPoint { get; init; } = TransportSet.Open;
}

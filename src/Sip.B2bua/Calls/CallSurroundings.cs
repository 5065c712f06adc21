using Microsoft.Extensions.Logging;
using Sip.B2bua.Keeping;
using Sip.B2bua.Subscriptions;

namespace Sip.B2bua.Calls;

/// <summary>What the calls of all loops share.</summary>
internal sealed record CallSurroundings
{
    /// <summary>The settings of calls.</summary>
    public required CallOptions Options { get; init; }

    /// <summary>The clock for records.</summary>
    public required TimeProvider Time { get; init; }

    /// <summary>Which names mean us.</summary>
    public required ILocalDomains LocalDomains { get; init; }

    /// <summary>How many calls there are and may be.</summary>
    public required CallCount Count { get; init; }

    /// <summary>How many subscriptions there are and may be.</summary>
    public required SubscriptionCount Subscriptions { get; init; }

    /// <summary>The calls of every loop, by its number.</summary>
    public required CallCore[] Cores { get; init; }

    /// <summary>Where messages for absent devices are kept; null: nowhere.</summary>
    public Mailboxes? Mailboxes { get; init; }

    /// <summary>What finds requests that run in circles.</summary>
    public LoopMarks LoopMarks { get; } = new();

    /// <summary>The log.</summary>
    public required ILoggerFactory Loggers { get; init; }

    /// <summary>The program's version.</summary>
    public required string Version { get; init; }
}

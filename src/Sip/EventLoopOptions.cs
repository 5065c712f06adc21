using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Sip.Interop;
using Sip.Messages;

namespace Sip;

/// <summary>What an <see cref="EventLoop"/> is made of; every part has a default for production.</summary>
public sealed record EventLoopOptions
{
    /// <summary>The clock; the system's by default.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>
    /// Draws the lots that the protocol asks for, such as how long to wait after a glare (RFC 3261 14.1); a test that must run the same way
    /// again brings its own. Identifiers are not made of it.
    /// </summary>
    public Random Random { get; init; } = Random.Shared;

    /// <summary>The buffers; by default a pool of the loop's own.</summary>
    public SipBufferPool? Buffers { get; init; }

    /// <summary>Where the loop reports.</summary>
    public ILogger Logger { get; init; } = NullLogger.Instance;

    /// <summary>How it waits for sockets; by default the best that the system has.</summary>
    public ILoopPoller? Poller { get; init; }

    /// <summary>A poller for a loop that has no sockets and whose turns a test runs itself.</summary>
    public static ILoopPoller WithoutSockets() => new NoSockets();

    /// <summary>How much work may wait before <see cref="EventLoop.TryPost"/> refuses more.</summary>
    public int MaxInbox { get; init; } = 65536;

    /// <summary>From how many milliseconds on a single piece of work is named in the log as having blocked the loop.</summary>
    public int SlowMilliseconds { get; init; } = 100;
}

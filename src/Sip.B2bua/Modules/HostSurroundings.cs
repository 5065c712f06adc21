using Microsoft.Extensions.Logging;

namespace Sip.B2bua.Modules;

/// <summary>What the server gives to the module host: the configuration as it was bound, and the objects that modules import.</summary>
internal sealed record HostSurroundings
{
    /// <summary>The <see cref="ISettings{T}"/> of an options class; null when no section has it.</summary>
    public required Func<Type, object?> SettingsOf { get; init; }

    /// <summary>Who enters a module.</summary>
    public required Func<ModuleEntry, EntryFilter> FilterOf { get; init; }

    /// <summary>Options classes of the server's own sections that may choose stores, with their sections.</summary>
    public IReadOnlyList<(Type Options, string Section)> OwnOptions { get; init; } = [];

    public required ILocalDomains LocalDomains { get; init; }

    public required IRequestSender RequestSender { get; init; }

    /// <summary>The loops; null where a test needs none.</summary>
    public IEventLoops? EventLoops { get; init; }

    public TimeProvider Time { get; init; } = TimeProvider.System;

    public required ILoggerFactory Loggers { get; init; }
}

using Microsoft.Extensions.Logging;

namespace Sip.B2bua;

/// <summary>Every log message of this assembly.</summary>
internal static partial class B2buaLog
{
    [LoggerMessage(Level = LogLevel.Information, Message = "module {Module} takes part: {Stage} {Order}, from {Path}")]
    public static partial void ModuleStarted(ILogger logger, string module, Stage stage, int order, string path);

    [LoggerMessage(Level = LogLevel.Error, Message = "module {Module} failed in {Member}; this request or call alone suffers")]
    public static partial void ModuleFailed(ILogger logger, string module, string member, Exception exception);

    [LoggerMessage(Level = LogLevel.Warning, Message = "module {Module} blocked the loop for {Milliseconds} ms in {Member}; it must await instead")]
    public static partial void ModuleBlocked(ILogger logger, string module, long milliseconds, string member);

    [LoggerMessage(Level = LogLevel.Error, Message = "module {Module} failed to stop; the others are stopped nevertheless")]
    public static partial void ModuleStopFailed(ILogger logger, string module, Exception exception);
}

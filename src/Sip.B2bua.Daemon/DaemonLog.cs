using Microsoft.Extensions.Logging;
using Sip.Transports;

namespace Sip.B2bua.Daemon;

/// <summary>Every log message of the program.</summary>
internal static partial class DaemonLog
{
    [LoggerMessage(1, LogLevel.Information, "listening on {Address}")]
    public static partial void Listening(ILogger logger, string address);

    [LoggerMessage(2, LogLevel.Information, "stopping")]
    public static partial void Stopping(ILogger logger);

    [LoggerMessage(3, LogLevel.Information, "stopped")]
    public static partial void Stopped(ILogger logger);

    [LoggerMessage(4, LogLevel.Information, "the configuration was read again")]
    public static partial void Reloaded(ILogger logger);

    [LoggerMessage(5, LogLevel.Error, "the configuration was read again and has mistakes; the old one stays: {Mistakes}")]
    public static partial void ReloadRefused(ILogger logger, string mistakes);

    [LoggerMessage(6, LogLevel.Critical, "the server cannot start: {Reason}")]
    public static partial void CannotStart(ILogger logger, string reason, Exception? fault);

    [LoggerMessage(7, LogLevel.Information, "listening for WebSockets on {Token} {Address}")]
    public static partial void ListeningForWebSockets(ILogger logger, string token, SipAddress address);

    [LoggerMessage(8, LogLevel.Information, "idle: gave {MegaBytes} MB of memory back to the machine")]
    public static partial void GaveBack(ILogger logger, long megaBytes);
}

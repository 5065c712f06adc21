using Microsoft.Extensions.Logging;

namespace Sip.B2bua.Plugins.MediaRelay;

/// <summary>Every log message of the media relay.</summary>
internal static partial class RelayLog
{
    [LoggerMessage(LogLevel.Error, "A packet made the relay stumble; the thread goes on")]
    public static partial void TurnFailed(ILogger logger, Exception fault);

    [LoggerMessage(LogLevel.Error, "The search for calls without media failed; it is tried again")]
    public static partial void IdleSearchFailed(ILogger logger, Exception fault);

    [LoggerMessage(LogLevel.Warning, "No RTP port could be opened on {address}: error {error}")]
    public static partial void NoPort(ILogger logger, string address, int error);

    [LoggerMessage(LogLevel.Information, "The media relay uses {pairs} port pairs from {minimum} to {maximum} on {threads} threads")]
    public static partial void Started(ILogger logger, int pairs, int minimum, int maximum, int threads);
}

using Microsoft.Extensions.Logging;

namespace Sip;

/// <summary>Every log message of this assembly.</summary>
internal static partial class SipLog
{
    [LoggerMessage(EventId = 1, Level = LogLevel.Error, Message = "loop {Loop}: {Work} failed; the loop goes on")]
    public static partial void WorkFailed(ILogger logger, int loop, string work, Exception exception);

    [LoggerMessage(EventId = 2, Level = LogLevel.Warning, Message = "loop {Loop}: {Work} blocked the loop for {Milliseconds} ms")]
    public static partial void LoopBlocked(ILogger logger, int loop, string work, long milliseconds);

    [LoggerMessage(EventId = 3, Level = LogLevel.Information, Message = "listening on {Token} {Address}")]
    public static partial void Listening(ILogger logger, string token, string address);

    [LoggerMessage(EventId = 4, Level = LogLevel.Debug, Message = "{Token} connection with {Remote} closed: {Reason}")]
    public static partial void ConnectionClosed(ILogger logger, string token, string remote, Transports.CloseReason reason);

    [LoggerMessage(EventId = 5, Level = LogLevel.Warning, Message = "{Token} connection from {Remote} refused: {Reason}")]
    public static partial void ConnectionRefused(ILogger logger, string token, string remote, string reason);

    [LoggerMessage(EventId = 6, Level = LogLevel.Warning, Message = "{Token} socket error {Error} on {Local}")]
    public static partial void SocketError(ILogger logger, string token, int error, string local);
}

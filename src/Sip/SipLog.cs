using Microsoft.Extensions.Logging;
using Sip.Transports;

namespace Sip;

/// <summary>Every log message of this assembly.</summary>
internal static partial class SipLog
{
    [LoggerMessage(EventId = 1, Level = LogLevel.Error, Message = "loop {Loop}: {Work} failed; the loop goes on")]
    public static partial void WorkFailed(ILogger logger, int loop, string work, Exception exception);

    [LoggerMessage(EventId = 2, Level = LogLevel.Warning, Message = "loop {Loop}: {Work} blocked the loop for {Milliseconds} ms")]
    public static partial void LoopBlocked(ILogger logger, int loop, string work, long milliseconds);

    [LoggerMessage(EventId = 3, Level = LogLevel.Information, Message = "listening on {Token} {Address}")]
    public static partial void Listening(ILogger logger, string token, SipAddress address);

    // Debug, and behind a check: a stranger can cause as many of these as he likes.
    public static void Closed(ILogger logger, StreamConnection connection, CloseReason reason)
    {
        if (logger.IsEnabled(LogLevel.Debug))
        {
            ConnectionClosed(logger, connection.Transport.Point.Token, connection.Remote, reason);
        }
    }

    public static void Refused(ILogger logger, SipTransport transport, in SipAddress remote)
    {
        if (logger.IsEnabled(LogLevel.Debug))
        {
            ConnectionRefused(logger, transport.Point.Token, remote);
        }
    }

    [LoggerMessage(EventId = 4, Level = LogLevel.Warning, Message = "accepting on {Token} {Address} pauses: system error {Error}")]
    public static partial void AcceptPauses(ILogger logger, string token, SipAddress address, int error);

    [LoggerMessage(EventId = 5, Level = LogLevel.Debug, Message = "{Token} connection with {Remote} closed: {Reason}")]
    private static partial void ConnectionClosed(ILogger logger, string token, SipAddress remote, CloseReason reason);

    [LoggerMessage(EventId = 6, Level = LogLevel.Debug, Message = "{Token} connection from {Remote} refused: too many are open")]
    private static partial void ConnectionRefused(ILogger logger, string token, SipAddress remote);

    [LoggerMessage(EventId = 20, Level = LogLevel.Warning, Message = "no name server has answered for {Type} {Name}; further ones are told once a minute")]
    public static partial void NoAnswer(ILogger logger, DnsType type, string name);
}

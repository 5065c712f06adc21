using System.Security.Cryptography.X509Certificates;
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

    public static void CertificateChanged(ILogger logger, X509Certificate2 certificate)
    {
        if (logger.IsEnabled(LogLevel.Information))
        {
            DateTime until = certificate.NotAfter.ToUniversalTime();
            CertificateRead(logger, certificate.Subject, until);
        }
    }

    [LoggerMessage(EventId = 7, Level = LogLevel.Information, Message = "the certificate of {Subject} was read again; it is valid until {Until:yyyy-MM-dd}")]
    private static partial void CertificateRead(ILogger logger, string subject, DateTime until);

    [LoggerMessage(EventId = 8, Level = LogLevel.Error, Message = "the certificate files have changed and cannot be used; those read before stay in use: {Fault}")]
    public static partial void CertificatesKept(ILogger logger, string fault);

    // What strangers cause is for debugging; that a peer of ours cannot be reached is for the administrator.
    public static void HandshakeFailed(ILogger logger, StreamConnection connection, string why)
    {
        if (!connection.IsAccepted)
        {
            ConnectHandshakeFailed(logger, connection.Remote, connection.PeerName, why);
        }
        else if (logger.IsEnabled(LogLevel.Debug))
        {
            AcceptHandshakeFailed(logger, connection.Remote, why);
        }
    }

    [LoggerMessage(EventId = 9, Level = LogLevel.Warning, Message = "TLS with {Remote} refused: looked for {PeerName}, its certificate is for: {Identities}")]
    public static partial void WrongName(ILogger logger, SipAddress remote, string peerName, string identities);

    [LoggerMessage(EventId = 10, Level = LogLevel.Warning, Message = "TLS handshake with {Remote} ({PeerName}) failed: {Why}")]
    private static partial void ConnectHandshakeFailed(ILogger logger, SipAddress remote, string peerName, string why);

    [LoggerMessage(EventId = 11, Level = LogLevel.Debug, Message = "TLS handshake of {Remote} failed: {Why}")]
    private static partial void AcceptHandshakeFailed(ILogger logger, SipAddress remote, string why);
}

using System.Net.Sockets;

namespace Sip.Transports;

/// <summary>Why the server cannot listen where it was told to.</summary>
/// <param name="Written">What the administrator has written, <see cref="ListeningPoint.Written"/>.</param>
/// <param name="What">What is wrong and what would help, in half a sentence without a full stop.</param>
public sealed record ListeningFault(string Written, string What)
{
    private const int FirstFreePort = 1024;

    /// <summary>Whether it is not the place but a certificate that is wrong, which may be named elsewhere.</summary>
    public bool IsOfCertificate { get; init; }

    /// <summary>What it means that a listening point cannot be opened.</summary>
    /// <param name="point">The point.</param>
    /// <param name="cause">What was thrown when it was tried.</param>
    public static ListeningFault Of(ListeningPoint point, Exception cause)
    {
        ArgumentNullException.ThrowIfNull(point);
        ArgumentNullException.ThrowIfNull(cause);
        string why = ErrorOf(cause) switch
        {
            SocketError.AddressAlreadyInUse =>
                $"the port is taken: another program listens there (ss -l{(point.Token == "UDP" ? 'u' : 't')}np 'sport = :{point.Port}' shows which)",
            SocketError.AddressNotAvailable =>
                "this machine has no such address (ip address lists those that it has; behind a NAT its own goes into maddr, as in sip:203.0.113.5;maddr=10.0.0.5)",
            SocketError.AccessDenied when point.Port < FirstFreePort =>
                $"the system does not allow it: ports below {FirstFreePort} are for root and for programs with CAP_NET_BIND_SERVICE",
            SocketError.AccessDenied => "the system does not allow it",
            _ => cause.Message,
        };
        return new ListeningFault(point.Written, $"{point.Token} {point.Address}: {why}") { IsOfCertificate = cause is TlsCredentialsException };
    }

    /// <inheritdoc/>
    public override string ToString() => Written.Length > 0 ? $"{Written}: {What}" : What;

    // A web server wraps what the system has said.
    private static SocketError? ErrorOf(Exception? cause)
    {
        while (cause is not (null or SocketException))
        {
            cause = cause.InnerException;
        }

        return (cause as SocketException)?.SocketErrorCode;
    }
}

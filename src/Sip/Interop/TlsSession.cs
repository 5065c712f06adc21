using System.Security.Cryptography.X509Certificates;

namespace Sip.Interop;

/// <summary>
/// The TLS state of one connection, on a non-blocking socket that it reads and writes itself. Used by one thread at a time; it must be
/// disposed of before the socket.
/// </summary>
internal sealed unsafe class TlsSession : IDisposable
{
    private readonly SslHandle session;

    private TlsSession(SslHandle session) => this.session = session;

    /// <summary>Why the last step failed, in OpenSSL's words.</summary>
    public string Error { get; private set; } = string.Empty;

    /// <summary>The certificate that the peer has shown, or null. Verified, where the context verifies.</summary>
    public X509Certificate2? PeerCertificate
    {
        get
        {
            nint certificate = OpenSsl.TakePeerCertificate(session);
            if (certificate == 0)
            {
                return null;
            }

            try
            {
                byte[] der = new byte[Math.Max(0, OpenSsl.WriteCertificate(certificate, null))];
                fixed (byte* start = der)
                {
                    byte* at = start;
                    return OpenSsl.WriteCertificate(certificate, &at) > 0 ? X509CertificateLoader.LoadCertificate(der) : null;
                }
            }
            finally
            {
                OpenSsl.FreeCertificate(certificate);
            }
        }
    }

    /// <summary>What is wrong with the peer's certificate, or null.</summary>
    public string? TrustFault => OpenSsl.VerifyResult(session) is var result && result != 0 ? OpenSsl.VerifyText(result) : null;

    /// <summary>The session of a connection that the peer opened; null when memory is short.</summary>
    public static TlsSession? Accept(SslContextHandle context, nint socket)
    {
        TlsSession? made = Make(context, socket);
        if (made is not null)
        {
            OpenSsl.SetAccepting(made.session);
        }

        return made;
    }

    /// <summary>The session of a connection that we open; null when memory is short.</summary>
    /// <param name="context">Certificates and checks.</param>
    /// <param name="socket">The connected socket.</param>
    /// <param name="serverName">The name to ask for (SNI), empty for none.</param>
    public static TlsSession? Connect(SslContextHandle context, nint socket, string serverName)
    {
        TlsSession? made = Make(context, socket);
        if (made is not null)
        {
            OpenSsl.SetConnecting(made.session);
            if (serverName.Length > 0)
            {
                OpenSsl.Control(made.session, OpenSsl.CtrlServerName, 0, OpenSsl.Terminated(serverName));
            }
        }

        return made;
    }

    public TlsStep Handshake()
    {
        OpenSsl.ClearErrors();
        int result = OpenSsl.Handshake(session);
        return result == 1 ? TlsStep.Done : StepOf(result);
    }

    /// <summary>Reads decrypted octets: at most one record's.</summary>
    public TlsStep Read(Span<byte> to, out int count)
    {
        OpenSsl.ClearErrors();
        fixed (byte* start = to)
        {
            count = OpenSsl.Read(session, start, to.Length);
        }

        return count > 0 ? TlsStep.Done : StepOf(count);
    }

    /// <summary>Encrypts and sends what there is room for. What could not be sent must be offered again, unchanged.</summary>
    public TlsStep Write(ReadOnlySpan<byte> octets, out int count)
    {
        OpenSsl.ClearErrors();
        fixed (byte* start = octets)
        {
            count = OpenSsl.Write(session, start, octets.Length);
        }

        return count > 0 ? TlsStep.Done : StepOf(count);
    }

    /// <summary>Tells the peer that nothing more comes, if there is room for it.</summary>
    public void End()
    {
        OpenSsl.ClearErrors();
        _ = OpenSsl.Shutdown(session);
        OpenSsl.ClearErrors();
    }

    public void Dispose() => session.Dispose();

    private static TlsSession? Make(SslContextHandle context, nint socket)
    {
        OpenSsl.ClearErrors();
        SslHandle session = OpenSsl.NewSession(context);
        if (session.IsInvalid || OpenSsl.SetSocket(session, (int)socket) != 1)
        {
            session.Dispose();
            return null;
        }

        return new TlsSession(session);
    }

    private TlsStep StepOf(int result)
    {
        switch (OpenSsl.ErrorOf(session, result))
        {
            case OpenSsl.ErrorWantRead:
                return TlsStep.WantRead;
            case OpenSsl.ErrorWantWrite:
                return TlsStep.WantWrite;
            case OpenSsl.ErrorZeroReturn:
                return TlsStep.Ended;
            default:
                Error = OpenSsl.TakeError();
                return TlsStep.Failed;
        }
    }
}

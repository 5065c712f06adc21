using System.Runtime.InteropServices;
using System.Text;

namespace Sip.Interop;

/// <summary>
/// The part of OpenSSL 3 that TLS connections need; .NET on Linux uses the same library. Every handle is a <see cref="SafeHandle"/>;
/// errors stay in a queue of the thread, which is emptied before each call whose outcome is asked for.
/// </summary>
internal static unsafe partial class OpenSsl
{
    public const int ErrorWantRead = 2;
    public const int ErrorWantWrite = 3;
    public const int ErrorZeroReturn = 6;

    public const int VerifyNone = 0;
    public const int VerifyPeer = 1;
    public const int VerifyFailIfNoPeerCert = 2;

    public const int CtrlMode = 33;
    public const int CtrlSetReadAhead = 41;
    public const int CtrlSetSessionCacheMode = 44;
    public const int CtrlServerNameCallback = 53;
    public const int CtrlServerName = 55;
    public const int CtrlChainCert = 89;
    public const int CtrlMinProtocolVersion = 123;

    public const int ServerNameOk = 0;
    public const int ServerNameNoAck = 3;

    public const int Tls12 = 0x0303;
    public const int Tls13 = 0x0304;

    // Partial writes, a buffer that may move between attempts, and no buffers while a connection is idle.
    public const int Modes = 0x1 | 0x2 | 0x10;

    // No renegotiation and no compression; our order of ciphers. A peer may close without saying so: SIP frames its messages itself,
    // so a stream that was cut short is noticed.
    public const ulong Options = (1UL << 30) | (1UL << 17) | (1UL << 22) | (1UL << 7);

    private const string Ssl = "libssl.so.3";
    private const string Crypto = "libcrypto.so.3";

    /// <summary>What the thread's error queue says first, in OpenSSL's words; the queue is empty afterwards.</summary>
    public static string TakeError()
    {
        nuint error = GetError();
        ClearErrors();
        if (error == 0)
        {
            return "the connection was closed";
        }

        byte* reason = ReasonText(error);
        return reason is null ? $"error {error:x}" : Marshal.PtrToStringUTF8((nint)reason)!;
    }

    public static string VerifyText(nint result) => Marshal.PtrToStringUTF8((nint)VerifyResultText(result)) ?? $"error {result}";

    public static byte[] Terminated(string text)
    {
        byte[] bytes = new byte[Encoding.UTF8.GetByteCount(text) + 1];
        Encoding.UTF8.GetBytes(text, bytes);
        return bytes;
    }

    [LibraryImport(Ssl, EntryPoint = "TLS_method")]
    public static partial nint TlsMethod();

    [LibraryImport(Ssl, EntryPoint = "SSL_CTX_new")]
    public static partial SslContextHandle NewContext(nint method);

    [LibraryImport(Ssl, EntryPoint = "SSL_CTX_free")]
    public static partial void FreeContext(nint context);

    [LibraryImport(Ssl, EntryPoint = "SSL_CTX_ctrl")]
    public static partial nint ControlContext(SslContextHandle context, int command, nint number, nint pointer);

    [LibraryImport(Ssl, EntryPoint = "SSL_CTX_callback_ctrl")]
    public static partial nint ControlCallback(SslContextHandle context, int command, delegate* unmanaged[Cdecl]<nint, int*, nint, int> callback);

    [LibraryImport(Ssl, EntryPoint = "SSL_CTX_set_options")]
    public static partial ulong SetOptions(SslContextHandle context, ulong options);

    [LibraryImport(Ssl, EntryPoint = "SSL_CTX_set_verify")]
    public static partial void SetVerify(SslContextHandle context, int mode, nint callback);

    [LibraryImport(Ssl, EntryPoint = "SSL_CTX_set_cipher_list")]
    public static partial int SetCiphers(SslContextHandle context, byte[] list);

    [LibraryImport(Ssl, EntryPoint = "SSL_CTX_set_session_id_context")]
    public static partial int SetSessionIdContext(SslContextHandle context, byte[] id, uint length);

    [LibraryImport(Ssl, EntryPoint = "SSL_CTX_set_default_verify_paths")]
    public static partial int UseSystemAuthorities(SslContextHandle context);

    [LibraryImport(Ssl, EntryPoint = "SSL_CTX_load_verify_file")]
    public static partial int LoadAuthorities(SslContextHandle context, byte[] file);

    [LibraryImport(Ssl, EntryPoint = "SSL_CTX_use_certificate_ASN1")]
    public static partial int UseCertificate(SslContextHandle context, int length, byte[] der);

    [LibraryImport(Ssl, EntryPoint = "SSL_CTX_use_PrivateKey")]
    public static partial int UsePrivateKey(SslContextHandle context, nint key);

    [LibraryImport(Ssl, EntryPoint = "SSL_CTX_check_private_key")]
    public static partial int CheckPrivateKey(SslContextHandle context);

    [LibraryImport(Ssl, EntryPoint = "SSL_new")]
    public static partial SslHandle NewSession(SslContextHandle context);

    [LibraryImport(Ssl, EntryPoint = "SSL_free")]
    public static partial void FreeSession(nint session);

    [LibraryImport(Ssl, EntryPoint = "SSL_set_fd")]
    public static partial int SetSocket(SslHandle session, int socket);

    [LibraryImport(Ssl, EntryPoint = "SSL_set_accept_state")]
    public static partial void SetAccepting(SslHandle session);

    [LibraryImport(Ssl, EntryPoint = "SSL_set_connect_state")]
    public static partial void SetConnecting(SslHandle session);

    [LibraryImport(Ssl, EntryPoint = "SSL_ctrl")]
    public static partial nint Control(SslHandle session, int command, nint number, byte[] text);

    [LibraryImport(Ssl, EntryPoint = "SSL_do_handshake")]
    public static partial int Handshake(SslHandle session);

    [LibraryImport(Ssl, EntryPoint = "SSL_read")]
    public static partial int Read(SslHandle session, byte* to, int length);

    [LibraryImport(Ssl, EntryPoint = "SSL_write")]
    public static partial int Write(SslHandle session, byte* from, int length);

    [LibraryImport(Ssl, EntryPoint = "SSL_shutdown")]
    public static partial int Shutdown(SslHandle session);

    [LibraryImport(Ssl, EntryPoint = "SSL_get_error")]
    public static partial int ErrorOf(SslHandle session, int result);

    [LibraryImport(Ssl, EntryPoint = "SSL_get_verify_result")]
    public static partial nint VerifyResult(SslHandle session);

    [LibraryImport(Ssl, EntryPoint = "SSL_get1_peer_certificate")]
    public static partial nint TakePeerCertificate(SslHandle session);

    [LibraryImport(Ssl, EntryPoint = "SSL_get_servername")]
    public static partial byte* AskedName(nint session, int type);

    [LibraryImport(Ssl, EntryPoint = "SSL_set_SSL_CTX")]
    public static partial nint ChangeContext(nint session, nint context);

    [LibraryImport(Crypto, EntryPoint = "ERR_get_error")]
    public static partial nuint GetError();

    [LibraryImport(Crypto, EntryPoint = "ERR_clear_error")]
    public static partial void ClearErrors();

    [LibraryImport(Crypto, EntryPoint = "ERR_reason_error_string")]
    private static partial byte* ReasonText(nuint error);

    [LibraryImport(Crypto, EntryPoint = "X509_verify_cert_error_string")]
    private static partial byte* VerifyResultText(nint result);

    [LibraryImport(Crypto, EntryPoint = "d2i_X509")]
    public static partial nint ReadCertificate(nint reuse, byte** der, nint length);

    [LibraryImport(Crypto, EntryPoint = "i2d_X509")]
    public static partial int WriteCertificate(nint certificate, byte** der);

    [LibraryImport(Crypto, EntryPoint = "X509_free")]
    public static partial void FreeCertificate(nint certificate);

    [LibraryImport(Crypto, EntryPoint = "d2i_AutoPrivateKey")]
    public static partial nint ReadPrivateKey(nint reuse, byte** der, nint length);

    [LibraryImport(Crypto, EntryPoint = "EVP_PKEY_free")]
    public static partial void FreeKey(nint key);
}

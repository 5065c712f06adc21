using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Sip.Interop;

namespace Sip.Transports;

/// <summary>The contexts of OpenSSL for one reading of the files: one for each certificate, and one to open connections. Never changed.</summary>
internal sealed unsafe class TlsContexts : IDisposable
{
    // The contexts among which the handshake that runs on this thread chooses. A callback is given nothing that .NET could be found by.
    [ThreadStatic]
    private static TlsContexts? choosing;

    private readonly List<SslContextHandle> accepting = [];

    private TlsContexts(IReadOnlyList<TlsCertificate> certificates) => Certificates = certificates;

    /// <summary>The certificates, in the order of the settings.</summary>
    public IReadOnlyList<TlsCertificate> Certificates { get; }

    /// <summary>The context to accept with; it changes to another by the name that the peer asks for.</summary>
    public SslContextHandle Accepting => accepting[0];

    /// <summary>The context to open connections with.</summary>
    public SslContextHandle? Connecting { get; private set; }

    /// <summary>Reads the files and makes the contexts; null with a sentence if one of them cannot be used.</summary>
    public static TlsContexts? TryMake(TlsSettings settings, DateTimeOffset now, out string fault)
    {
        if (ReadCertificates(settings, now, out fault) is not { } certificates)
        {
            return null;
        }

        TlsContexts made = new(certificates);
        try
        {
            fault = made.Fill(settings);
        }
        catch (DllNotFoundException)
        {
            fault = "TLS needs OpenSSL 3 (libssl.so.3), which is not installed";
        }

        if (fault.Length == 0)
        {
            return made;
        }

        made.Dispose();
        return null;
    }

    /// <summary>Reads the certificates alone; null with a sentence if one of them cannot be used.</summary>
    public static List<TlsCertificate>? ReadCertificates(TlsSettings settings, DateTimeOffset now, out string fault)
    {
        fault = string.Empty;
        List<TlsCertificate> certificates = [];
        foreach (TlsCertificateFiles files in settings.Certificates)
        {
            if (TlsCertificate.TryRead(files, now, out fault) is not { } certificate)
            {
                return null;
            }

            certificates.Add(certificate);
        }

        if (certificates.Count == 0 && !settings.IsClientOnly)
        {
            fault = "there is no certificate: tls-certificates-file names none";
            return null;
        }

        if (settings.AuthoritiesFile.Length > 0 && !File.Exists(settings.AuthoritiesFile))
        {
            fault = $"{settings.AuthoritiesFile} cannot be read: there is no such file";
            return null;
        }

        return certificates;
    }

    /// <summary>Does a step of an accepting handshake, in which a certificate may have to be chosen.</summary>
    public TlsStep Handshake(TlsSession session)
    {
        choosing = this;
        TlsStep step = session.Handshake();
        choosing = null;
        return step;
    }

    public void Dispose()
    {
        accepting.ForEach(context => context.Dispose());
        Connecting?.Dispose();
    }

    private string Fill(TlsSettings settings)
    {
        foreach (TlsCertificate certificate in Certificates)
        {
            accepting.Add(OpenSsl.NewContext(OpenSsl.TlsMethod()));
            string fault = Prepare(accepting[^1], settings, certificate);
            if (fault.Length == 0 && settings.ClientCertificates != ClientCertificateRule.NotAsked)
            {
                bool required = settings.ClientCertificates == ClientCertificateRule.Required;
                OpenSsl.SetVerify(accepting[^1], OpenSsl.VerifyPeer | (required ? OpenSsl.VerifyFailIfNoPeerCert : 0), 0);
                fault = Trust(accepting[^1], settings);
            }

            if (fault.Length > 0)
            {
                return fault;
            }
        }

        if (accepting.Count > 1)
        {
            OpenSsl.ControlCallback(accepting[0], OpenSsl.CtrlServerNameCallback, &Choose);
        }

        Connecting = OpenSsl.NewContext(OpenSsl.TlsMethod());
        string failed = Prepare(Connecting, settings, Certificates.Count > 0 ? Certificates[0] : null);
        if (failed.Length > 0 || !settings.VerifyOutgoing)
        {
            return failed;
        }

        OpenSsl.SetVerify(Connecting, OpenSsl.VerifyPeer, 0);
        return Trust(Connecting, settings);
    }

    private static string Prepare(SslContextHandle context, TlsSettings settings, TlsCertificate? certificate)
    {
        if (context.IsInvalid)
        {
            return $"TLS cannot be used: {OpenSsl.TakeError()}";
        }

        OpenSsl.ClearErrors();
        OpenSsl.SetOptions(context, OpenSsl.Options);
        OpenSsl.ControlContext(context, OpenSsl.CtrlMode, OpenSsl.Modes, 0);
        OpenSsl.ControlContext(context, OpenSsl.CtrlSetReadAhead, 1, 0);
        OpenSsl.ControlContext(context, OpenSsl.CtrlSetSessionCacheMode, 0, 0);
        OpenSsl.ControlContext(context, OpenSsl.CtrlMinProtocolVersion, settings.MinVersion == TlsVersion.Tls13 ? OpenSsl.Tls13 : OpenSsl.Tls12, 0);
        OpenSsl.SetSessionIdContext(context, "sip"u8.ToArray(), 3);
        if (settings.Ciphers.Length > 0 && OpenSsl.SetCiphers(context, OpenSsl.Terminated(settings.Ciphers)) != 1)
        {
            return $"tls-ciphers names no cipher: {OpenSsl.TakeError()}";
        }

        return certificate is null || Show(context, certificate) ? string.Empty : $"OpenSSL refuses the certificate of {certificate.Leaf.Subject}: {OpenSsl.TakeError()}";
    }

    private static bool Show(SslContextHandle context, TlsCertificate certificate)
    {
        byte[] leaf = certificate.Leaf.RawData;
        if (OpenSsl.UseCertificate(context, leaf.Length, leaf) != 1)
        {
            return false;
        }

        foreach (var issuer in certificate.Issuers)
        {
            byte[] der = issuer.RawData;
            fixed (byte* start = der)
            {
                byte* at = start;
                nint read = OpenSsl.ReadCertificate(0, &at, der.Length);
                if (read == 0)
                {
                    return false;
                }

                // The context takes the count over.
                if (OpenSsl.ControlContext(context, OpenSsl.CtrlChainCert, 0, read) != 1)
                {
                    OpenSsl.FreeCertificate(read);
                    return false;
                }
            }
        }

        byte[] key = certificate.ExportKey();
        fixed (byte* start = key)
        {
            byte* at = start;
            nint read = key.Length == 0 ? 0 : OpenSsl.ReadPrivateKey(0, &at, key.Length);
            bool used = read != 0 && OpenSsl.UsePrivateKey(context, read) == 1 && OpenSsl.CheckPrivateKey(context) == 1;
            OpenSsl.FreeKey(read);
            System.Security.Cryptography.CryptographicOperations.ZeroMemory(key);
            return used;
        }
    }

    private static string Trust(SslContextHandle context, TlsSettings settings)
    {
        OpenSsl.ClearErrors();
        return settings.AuthoritiesFile.Length == 0
            ? OpenSsl.UseSystemAuthorities(context) == 1 ? string.Empty : $"the system's authorities cannot be read: {OpenSsl.TakeError()}"
            : OpenSsl.LoadAuthorities(context, OpenSsl.Terminated(settings.AuthoritiesFile)) == 1
                ? string.Empty
                : $"{settings.AuthoritiesFile} holds no authorities in PEM: {OpenSsl.TakeError()}";
    }

    // RFC 6066 3: the peer names the server that it wants. An unknown name gets the first certificate, for the peer to judge.
    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int Choose(nint session, int* alert, nint argument)
    {
        try
        {
            byte* name = OpenSsl.AskedName(session, 0);
            if (name is null || choosing is not { } contexts)
            {
                return OpenSsl.ServerNameNoAck;
            }

            ReadOnlySpan<byte> octets = MemoryMarshal.CreateReadOnlySpanFromNullTerminated(name);
            Span<char> text = stackalloc char[256];
            if (octets.Length > text.Length)
            {
                return OpenSsl.ServerNameNoAck;
            }

            int length = System.Text.Encoding.Latin1.GetChars(octets, text);
            for (int i = 1; i < contexts.accepting.Count; i++)
            {
                if (contexts.Certificates[i].Serves(text[..length]) && !contexts.Certificates[0].Serves(text[..length]))
                {
                    OpenSsl.ChangeContext(session, contexts.accepting[i].DangerousGetHandle());
                    break;
                }
            }

            return OpenSsl.ServerNameOk;
        }
        catch (Exception)
        {
            // Nothing may be thrown through OpenSSL: the first certificate is shown.
            return OpenSsl.ServerNameNoAck;
        }
    }
}

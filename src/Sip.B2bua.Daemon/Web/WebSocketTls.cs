using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using Sip.Transports;

namespace Sip.B2bua.Daemon.Web;

/// <summary>The TLS of secure WebSockets, by the platform: the web server has its own, and it obeys the same settings.</summary>
internal static class WebSocketTls
{
    /// <summary>What one handshake goes by, for the name that the peer asks for.</summary>
    public static SslServerAuthenticationOptions OptionsFor(TlsCredentials credentials, string? serverName)
    {
        TlsSettings settings = credentials.Settings;
        SslServerAuthenticationOptions options = new()
        {
            ServerCertificateContext = credentials.ForName(serverName),
            AllowRenegotiation = false,
            EnabledSslProtocols = settings.MinVersion == TlsVersion.Tls13 ? SslProtocols.Tls13 : SslProtocols.Tls12 | SslProtocols.Tls13,
        };
        if (settings.ClientCertificates != ClientCertificateRule.NotAsked)
        {
            options.ClientCertificateRequired = true;
            options.CertificateChainPolicy = PolicyOf(settings);
            options.RemoteCertificateValidationCallback = (_, certificate, _, errors) =>
                errors == SslPolicyErrors.None || (certificate is null && settings.ClientCertificates == ClientCertificateRule.Optional);
        }

        return options;
    }

    private static X509ChainPolicy PolicyOf(TlsSettings settings)
    {
        X509ChainPolicy policy = new() { RevocationMode = X509RevocationMode.NoCheck, DisableCertificateDownloads = true };
        if (settings.AuthoritiesFile.Length > 0)
        {
            policy.TrustMode = X509ChainTrustMode.CustomRootTrust;
            policy.CustomTrustStore.ImportFromPemFile(settings.AuthoritiesFile);
        }

        return policy;
    }
}

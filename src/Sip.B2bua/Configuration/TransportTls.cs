using Sip.Transports;

namespace Sip.B2bua.Configuration;

/// <summary>The TLS of one URI of <c>transports</c>: its own parameters (flexisip.md b.8 names them), else those of <c>[global]</c>.</summary>
internal static class TransportTls
{
    private const string File = "tls-certificates-file";
    private const string Key = "tls-certificates-private-key";

    /// <summary>The settings of a secure URI.</summary>
    public static TlsSettings SettingsOf(TransportUri uri, ServerOptions server)
    {
        bool own = uri.Parameters.ContainsKey(File);
        string chains = own ? uri.Parameters[File] : server.TlsCertificatesFile;
        string keys = uri.Parameters.TryGetValue(Key, out string? key) ? key : own ? string.Empty : server.TlsCertificatesPrivateKey;
        return new TlsSettings
        {
            Certificates = Pair(Split(chains), Split(keys)),
            AuthoritiesFile = uri.Parameters.GetValueOrDefault("tls-certificates-ca-file", server.TlsCertificatesCaFile),
            ClientCertificates = RuleOf(uri, server),
            VerifyOutgoing = Flag(uri, "tls-verify-outgoing") ?? true,
            IsClientOnly = Flag(uri, "tls-client-connection") ?? false,
            MinVersion = server.TlsMinVersion == "1.3" ? TlsVersion.Tls13 : TlsVersion.Tls12,
            Ciphers = server.TlsCiphers,
            CheckInterval = server.TlsCertificatesCheckInterval,
        };
    }

    /// <summary>What keeps the certificates of the URIs from being used: the setting and a sentence for each.</summary>
    public static IEnumerable<SettingFault> FaultsOf(IReadOnlyList<TransportUri> uris, ServerOptions server)
    {
        bool toldOfGlobal = false;
        foreach (TransportUri uri in uris.Where(IsSecure))
        {
            string? fault = MissingKey(uri) ?? TlsCredentials.FaultOf(SettingsOf(uri, server), TimeProvider.System.GetUtcNow());
            bool own = uri.Parameters.ContainsKey(File);
            if (fault is not null && (own || !toldOfGlobal))
            {
                toldOfGlobal |= !own;
                yield return own ? new SettingFault("transports", $"{uri.Text}: {fault}") : new SettingFault(File, fault);
            }
        }
    }

    /// <summary>Whether the URI is one of <c>sips</c>.</summary>
    public static bool IsSecure(TransportUri uri) => uri.Tokens is ["TLS" or "WSS"];

    private static string? MissingKey(TransportUri uri) =>
        uri.Parameters.TryGetValue(File, out string? chains) && uri.Parameters.TryGetValue(Key, out string? keys) && Split(chains).Length != Split(keys).Length
            ? $"{Key} must name as many files as {File}"
            : null;

    private static ClientCertificateRule RuleOf(TransportUri uri, ServerOptions server)
    {
        if (!(Flag(uri, "tls-verify-incoming") ?? Flag(uri, "require-peer-certificate") ?? server.RequirePeerCertificate))
        {
            return ClientCertificateRule.NotAsked;
        }

        return Flag(uri, "tls-allow-missing-client-certificate") ?? false ? ClientCertificateRule.Optional : ClientCertificateRule.Required;
    }

    // A parameter without a value says yes.
    private static bool? Flag(TransportUri uri, string name) =>
        uri.Parameters.TryGetValue(name, out string? value) ? value is "" or "1" || value.Equals("true", StringComparison.OrdinalIgnoreCase) : null;

    private static string[] Split(string files) => files.Split([',', ' '], StringSplitOptions.RemoveEmptyEntries);

    // A key that is not named lies in the file of its certificate.
    private static TlsCertificateFiles[] Pair(string[] chains, string[] keys) =>
        [.. chains.Select((chain, i) => new TlsCertificateFiles(chain, i < keys.Length ? keys[i] : chain))];
}

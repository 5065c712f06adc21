namespace Sip.Transports;

/// <summary>What a listening point for TLS, or for secure WebSockets, shows and asks of its peers.</summary>
public sealed record TlsSettings
{
    /// <summary>The certificates; the first one is shown where the peer asks for no name or an unknown one (SNI).</summary>
    public IReadOnlyList<TlsCertificateFiles> Certificates { get; init; } = [];

    /// <summary>The authorities that peers' certificates are checked against, a file of PEM; empty: those of the system.</summary>
    public string AuthoritiesFile { get; init; } = string.Empty;

    /// <summary>Whether peers that connect to us are asked for a certificate.</summary>
    public ClientCertificateRule ClientCertificates { get; init; }

    /// <summary>Whether a peer that we connect to must prove that it is the domain we look for (RFC 5922 7.3).</summary>
    public bool VerifyOutgoing { get; init; } = true;

    /// <summary>Whether nothing is accepted here: the point only opens connections, and needs no certificate.</summary>
    public bool IsClientOnly { get; init; }

    /// <summary>The lowest version spoken.</summary>
    public TlsVersion MinVersion { get; init; }

    /// <summary>The ciphers of TLS 1.2 in OpenSSL's words; empty: OpenSSL's choice.</summary>
    public string Ciphers { get; init; } = string.Empty;

    /// <summary>How often the files are looked at, so that changed ones are taken over.</summary>
    public TimeSpan CheckInterval { get; init; } = TimeSpan.FromMinutes(1);
}

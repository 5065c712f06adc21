namespace Sip.Transports;

/// <summary>Whether a peer that connects to us must show a certificate.</summary>
public enum ClientCertificateRule
{
    /// <summary>It is not asked for one.</summary>
    NotAsked,

    /// <summary>It may show none; one that it shows must be trusted.</summary>
    Optional,

    /// <summary>It must show one that is trusted.</summary>
    Required,
}

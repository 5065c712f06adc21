namespace Sip.B2bua.Plugins.Authentication;

/// <summary>What a sender's certificate says of his request.</summary>
internal enum CertificateVerdict
{
    /// <summary>He has shown none.</summary>
    Missing,

    /// <summary>It proves that he is who he says, a user of ours.</summary>
    Proven,

    /// <summary>It proves that he is who he says, a user of a foreign domain: he may call here, and nowhere else.</summary>
    Foreign,

    /// <summary>It is that of a server that is believed.</summary>
    Trusted,

    /// <summary>It proves nothing of this request.</summary>
    Wrong,
}

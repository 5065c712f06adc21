namespace Sip.Transports;

/// <summary>A certificate and its key, as files of PEM.</summary>
/// <param name="Chain">The certificate, and behind it those of its issuers.</param>
/// <param name="Key">The private key, not encrypted; it may be the same file.</param>
public sealed record TlsCertificateFiles(string Chain, string Key);

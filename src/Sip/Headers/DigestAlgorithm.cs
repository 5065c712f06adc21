namespace Sip.Headers;

/// <summary>The digest algorithms that can be computed here (RFC 8760 section 2.1).</summary>
public enum DigestAlgorithm : byte
{
    /// <summary>One that is not known here.</summary>
    Unknown,

    /// <summary>MD5; also when no algorithm is named.</summary>
    Md5,

    /// <summary>MD5 with an HA1 bound to nonce and cnonce.</summary>
    Md5Session,

    /// <summary>SHA-256.</summary>
    Sha256,

    /// <summary>SHA-256 with an HA1 bound to nonce and cnonce.</summary>
    Sha256Session,
}

using Sip.Headers;

namespace Sip.B2bua.Plugins.Authentication;

/// <summary>An ordered set of the algorithms that are offered, MD5 and SHA-256, in one value.</summary>
internal readonly record struct DigestAlgorithms
{
    private readonly DigestAlgorithm first;
    private readonly DigestAlgorithm second;

    private DigestAlgorithms(DigestAlgorithm first, DigestAlgorithm second)
    {
        this.first = first;
        this.second = second;
    }

    /// <summary>No algorithm.</summary>
    public static DigestAlgorithms None => default;

    /// <summary>How many there are.</summary>
    public int Count => (first != 0 ? 1 : 0) + (second != 0 ? 1 : 0);

    /// <summary>The algorithm at a place.</summary>
    public DigestAlgorithm this[int index] => index == 0 ? first : second;

    /// <summary>The algorithm without its session variant, which needs the same secret.</summary>
    public static DigestAlgorithm Plain(DigestAlgorithm algorithm) => algorithm switch
    {
        DigestAlgorithm.Md5Session => DigestAlgorithm.Md5,
        DigestAlgorithm.Sha256Session => DigestAlgorithm.Sha256,
        _ => algorithm,
    };

    /// <summary>The set with one more at its end.</summary>
    public DigestAlgorithms With(DigestAlgorithm algorithm) =>
        Contains(algorithm) ? this : first == 0 ? new(algorithm, 0) : new(first, algorithm);

    /// <summary>Whether it, or the one it is the session variant of, is in the set.</summary>
    public bool Contains(DigestAlgorithm algorithm) => Plain(algorithm) is not 0 and var plain && (first == plain || second == plain);

    /// <summary>Those for which the user has a secret; all when the user has none or does not exist, so that nobody can tell.</summary>
    public DigestAlgorithms For(Credential? credential)
    {
        DigestAlgorithms usable = None;
        for (int i = 0; i < Count && credential is not null; i++)
        {
            bool has = credential.ClearText is not null || (this[i] == DigestAlgorithm.Md5 ? credential.Md5 : credential.Sha256) is not null;
            usable = has ? usable.With(this[i]) : usable;
        }

        return usable.Count > 0 ? usable : this;
    }
}

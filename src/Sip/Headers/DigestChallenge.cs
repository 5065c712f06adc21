using Sip.Messages;

namespace Sip.Headers;

/// <summary>
/// A digest challenge: a value of WWW-Authenticate or Proxy-Authenticate (RFC 3261 section 22, RFC 7616 section 3.3), as slices.
/// Values are without quotes; an absent parameter is empty.
/// </summary>
public readonly ref struct DigestChallenge
{
    /// <summary>Whose user and password are asked for.</summary>
    public ReadOnlySpan<byte> Realm { get; private init; }

    /// <summary>The nonce.</summary>
    public ReadOnlySpan<byte> Nonce { get; private init; }

    /// <summary>What the client gives back unchanged.</summary>
    public ReadOnlySpan<byte> Opaque { get; private init; }

    /// <summary>The algorithm as written; empty means MD5.</summary>
    public ReadOnlySpan<byte> AlgorithmName { get; private init; }

    /// <summary>The algorithm.</summary>
    public DigestAlgorithm Algorithm => DigestHash.FindAlgorithm(AlgorithmName);

    /// <summary>The qualities of protection offered, separated by commas; empty for the scheme of RFC 2069.</summary>
    public ReadOnlySpan<byte> Qop { get; private init; }

    /// <summary>Whether the credentials were right but the nonce too old.</summary>
    public bool Stale { get; private init; }

    /// <summary>Whether <c>auth</c> is among the qualities of protection offered.</summary>
    public bool OffersAuth
    {
        get
        {
            foreach (Range range in Qop.Split((byte)','))
            {
                if (SipChars.EqualsIgnoreCase(SipChars.Trim(Qop[range]), "auth"u8))
                {
                    return true;
                }
            }

            return false;
        }
    }

    /// <summary>Reads a value; false for any scheme but Digest, a malformed value, or one without realm or nonce.</summary>
    public static bool TryParse(ReadOnlySpan<byte> value, out DigestChallenge challenge)
    {
        challenge = default;
        if (!DigestParams.TryCutScheme(value, out ReadOnlySpan<byte> text))
        {
            return false;
        }

        ReadOnlySpan<byte> realm = default, nonce = default, opaque = default, algorithm = default, qop = default, stale = default;
        bool hasRealm = false;
        DigestParams parameters = new(text);
        while (parameters.MoveNext())
        {
            ReadOnlySpan<byte> name = parameters.Current.Name;
            ReadOnlySpan<byte> read = parameters.Current.Value;
            if (SipChars.EqualsIgnoreCase(name, "realm"u8))
            {
                realm = read;
                hasRealm = true;
            }
            else if (SipChars.EqualsIgnoreCase(name, "nonce"u8))
            {
                nonce = read;
            }
            else if (SipChars.EqualsIgnoreCase(name, "opaque"u8))
            {
                opaque = read;
            }
            else if (SipChars.EqualsIgnoreCase(name, "algorithm"u8))
            {
                algorithm = read;
            }
            else if (SipChars.EqualsIgnoreCase(name, "qop"u8))
            {
                qop = read;
            }
            else if (SipChars.EqualsIgnoreCase(name, "stale"u8))
            {
                stale = read;
            }
        }

        if (parameters.IsBad || !hasRealm || nonce.IsEmpty)
        {
            return false;
        }

        challenge = new DigestChallenge
        {
            Realm = realm, Nonce = nonce, Opaque = opaque, AlgorithmName = algorithm, Qop = qop,
            Stale = SipChars.EqualsIgnoreCase(stale, "true"u8),
        };
        return true;
    }
}

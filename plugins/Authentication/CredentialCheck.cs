using System.Security.Cryptography;
using Sip.Headers;
using Sip.Messages;
using Sip.Transports;
using Sip.Uris;

namespace Sip.B2bua.Plugins.Authentication;

/// <summary>What the credentials of a request are worth.</summary>
internal enum CredentialVerdict
{
    /// <summary>They prove who sent it.</summary>
    Proven,

    /// <summary>There are none for the realm.</summary>
    Missing,

    /// <summary>Something of them is missing or cannot be read.</summary>
    Malformed,

    /// <summary>They were made for another Request-URI.</summary>
    OtherUri,

    /// <summary>Their nonce is too old, not of ours, or its count was used before.</summary>
    Stale,

    /// <summary>The password is wrong, or there is no such user, or the algorithm was not offered.</summary>
    Wrong,

    /// <summary>Too many were wrong before: they were not even looked at.</summary>
    Paused,
}

/// <summary>Who a request claims to come from, and what is known of him.</summary>
/// <param name="AddressOfRecord">Who he says he is.</param>
/// <param name="Domain">The domain of that.</param>
/// <param name="Realm">The realm that his password belongs to.</param>
/// <param name="Credential">What the store knows of him; null: nothing.</param>
internal readonly record struct Claim(string AddressOfRecord, string Domain, string Realm, Credential? Credential);

/// <summary>Judges the credentials of requests (RFC 3261 §22, RFC 7616 §3.4, RFC 8760).</summary>
internal sealed class CredentialCheck(Nonces nonces, NonceCounts counts, WrongPasswords wrong, TimeProvider time)
{
    private static readonly ulong FingerprintKey = BitConverter.ToUInt64(RandomNumberGenerator.GetBytes(sizeof(ulong)));

    /// <summary>Judges one request.</summary>
    /// <param name="request">The request.</param>
    /// <param name="source">Where it came from.</param>
    /// <param name="claim">Who it says it is from.</param>
    /// <param name="options">The settings.</param>
    public CredentialVerdict Judge(SipMessage request, in SipAddress source, in Claim claim, AuthenticationOptions options)
    {
        DigestAlgorithms offered = options.Offered().For(claim.Credential);
        CredentialVerdict found = Find(request, claim.Realm, offered, out DigestCredentials given);
        if (found != CredentialVerdict.Proven)
        {
            return found;
        }

        // RFC 7616 3.4: with qop come cnonce and nc; without, nothing would stop a replay.
        if (given.Qop.IsEmpty ? !options.DisableQopAuth : given.NonceCount == 0 || given.Cnonce.IsEmpty)
        {
            return CredentialVerdict.Malformed;
        }

        // RFC 7616 3.4.6: what was hashed must be what is asked for, or the credentials of one request would open another.
        if (!given.Uri.SequenceEqual(request.RequestUri) && !SipUriComparer.Equal(given.Uri, request.RequestUri) && !IsItsDomain(given.Uri, request.RequestUri))
        {
            return CredentialVerdict.OtherUri;
        }

        if (!nonces.IsGood(given.Nonce, claim.Realm, options.NonceExpires, out NonceId nonce))
        {
            return CredentialVerdict.Stale;
        }

        long now = (long)time.GetElapsedTime(0).TotalMilliseconds;
        if (wrong.IsPaused(source, claim.AddressOfRecord, now))
        {
            return CredentialVerdict.Paused;
        }

        bool isOffered = offered.Contains(given.Algorithm);
        if (!(DigestVerifier.Verify(given, request.MethodName, request.Body, claim.Credential, claim.Realm, claim.Domain) & isOffered))
        {
            wrong.Add(source, claim.AddressOfRecord, now, options);
            return CredentialVerdict.Wrong;
        }

        wrong.Clear(source, claim.AddressOfRecord);
        return given.Qop.IsEmpty || counts.TryUse(nonce, given.NonceCount, Fingerprint(request))
            ? CredentialVerdict.Proven
            : CredentialVerdict.Stale;
    }

    // Of several credentials for our realm, the first with an algorithm that was offered; those for other realms are not ours.
    private static CredentialVerdict Find(SipMessage request, string realm, DigestAlgorithms offered, out DigestCredentials given)
    {
        HeaderId header = request.Method == SipMethod.Register ? HeaderId.Authorization : HeaderId.ProxyAuthorization;
        CredentialVerdict verdict = CredentialVerdict.Missing;
        given = default;
        foreach (ReadOnlySpan<byte> value in request.Values(header))
        {
            if (!DigestCredentials.TryParse(value, out DigestCredentials read))
            {
                verdict = verdict == CredentialVerdict.Missing && IsDigest(value) ? CredentialVerdict.Malformed : verdict;
            }
            else if (DigestVerifier.EqualsUnescaped(read.Realm, realm) && (verdict != CredentialVerdict.Proven || offered.Contains(read.Algorithm)))
            {
                given = read;
                verdict = CredentialVerdict.Proven;
                if (offered.Contains(read.Algorithm))
                {
                    break;
                }
            }
        }

        return verdict;
    }

    // Some phones sign the domain instead of the Request-URI, whoever of it they call: good for this domain alone.
    private static bool IsItsDomain(ReadOnlySpan<byte> signed, ReadOnlySpan<byte> requestUri) =>
        SipUri.TryParse(signed, out SipUri domain)
        && domain.User.IsEmpty
        && SipUri.TryParse(requestUri, out SipUri uri)
        && domain.Port == uri.Port
        && SipChars.EqualsIgnoreCase(domain.Host, uri.Host);

    private static bool IsDigest(ReadOnlySpan<byte> value) => SipChars.StartsWithIgnoreCase(value, "Digest"u8);

    // A retransmission has the same nonce count and is no replay: same Call-ID, same CSeq.
    private static HashValue Fingerprint(SipMessage request)
    {
        KeyedHash hash = new(FingerprintKey, 0);
        hash.Add(request.CallId);
        hash.Add(request.CSeqNumber);
        return hash.Finish();
    }
}

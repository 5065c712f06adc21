using System.Text;
using Sip.Headers;
using Sip.Messages;

namespace Sip.B2bua.Calls;

/// <summary>
/// Challenges of foreign servers and the answers of callers to them, where <see cref="ChallengePolicy.Pass"/> lets them cross. What is
/// for a realm of ours never does, in either direction: nobody else may ask for our users' passwords, or see what proves them.
/// </summary>
internal static class ForeignCredentials
{
    /// <summary>Whether a response holds a challenge that crosses.</summary>
    public static bool AreAskedBy(SipMessage response, ILocalDomains domains, string? ownRealm)
    {
        foreach (HeaderId id in (ReadOnlySpan<HeaderId>)[HeaderId.WwwAuthenticate, HeaderId.ProxyAuthenticate])
        {
            foreach (ReadOnlySpan<byte> value in response.Values(id))
            {
                if (DigestChallenge.TryParse(value, out DigestChallenge challenge) && IsForeign(challenge.Realm, domains, ownRealm))
                {
                    return true;
                }
            }
        }

        return false;
    }

    /// <summary>Writes the challenges of a response that cross.</summary>
    public static void WriteChallenges(ref SipWriter writer, SipMessage response, ILocalDomains domains, string? ownRealm)
    {
        foreach (HeaderId id in (ReadOnlySpan<HeaderId>)[HeaderId.WwwAuthenticate, HeaderId.ProxyAuthenticate])
        {
            foreach (ReadOnlySpan<byte> value in response.Values(id))
            {
                if (DigestChallenge.TryParse(value, out DigestChallenge challenge) && IsForeign(challenge.Realm, domains, ownRealm))
                {
                    writer.Header(id, value);
                }
            }
        }
    }

    /// <summary>Writes the credentials of a request that cross.</summary>
    public static void WriteCredentials(ref SipWriter writer, SipMessage request, ILocalDomains domains, string? ownRealm)
    {
        foreach (HeaderId id in (ReadOnlySpan<HeaderId>)[HeaderId.Authorization, HeaderId.ProxyAuthorization])
        {
            foreach (ReadOnlySpan<byte> value in request.Values(id))
            {
                if (DigestCredentials.TryParse(value, out DigestCredentials credentials) && IsForeign(credentials.Realm, domains, ownRealm))
                {
                    writer.Header(id, value);
                }
            }
        }
    }

    // A realm with an escape may read like one of ours to a phone: nobody needs one.
    private static bool IsForeign(ReadOnlySpan<byte> realm, ILocalDomains domains, string? ownRealm) =>
        !realm.IsEmpty && !realm.Contains((byte)'\\') && !domains.IsServedDomain(realm)
            && !(ownRealm is not null && string.Equals(ownRealm, Encoding.UTF8.GetString(realm), StringComparison.OrdinalIgnoreCase));
}

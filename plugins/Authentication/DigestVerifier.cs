using System.Text;
using Sip.Headers;

namespace Sip.B2bua.Plugins.Authentication;

/// <summary>
/// Whether a response is that of somebody who knows the password. Takes the same steps when there is no such user, and allocates
/// nothing.
/// </summary>
internal static class DigestVerifier
{
    private const int MaxTextLength = 512;

    /// <summary>Checks the response.</summary>
    /// <param name="given">The credentials of the request; nonce, realm and uri are the caller's to check.</param>
    /// <param name="method">The method of the request.</param>
    /// <param name="body">Its body, of account only for auth-int.</param>
    /// <param name="credential">What is known of the user; null: there is no such user.</param>
    /// <param name="realm">The realm.</param>
    /// <param name="domain">The user's domain: what the hashes of the store were made with.</param>
    public static bool Verify(
        in DigestCredentials given, ReadOnlySpan<byte> method, ReadOnlySpan<byte> body, Credential? credential, string realm, string domain)
    {
        DigestAlgorithm algorithm = DigestAlgorithms.Plain(given.Algorithm);
        Span<byte> ha1 = stackalloc byte[DigestHash.MaxHexLength];
        bool known = TryWriteHa1(algorithm, credential, realm, domain, ha1, out int length);
        bool named = EqualsUnescaped(given.Username, credential?.AuthenticationName ?? "");
        return DigestHash.Verify(given, method, ha1[..length], body) & known & named;
    }

    /// <summary>Whether the text between the quotes of a quoted string, its backslashes untouched, means <paramref name="text"/>.</summary>
    public static bool EqualsUnescaped(ReadOnlySpan<byte> quoted, string text)
    {
        Span<byte> expected = stackalloc byte[MaxTextLength];
        if (!Encoding.UTF8.TryGetBytes(text, expected, out int length))
        {
            return false;
        }

        expected = expected[..length];
        int at = 0;
        for (int i = 0; i < quoted.Length; i++, at++)
        {
            if (quoted[i] == '\\' && i + 1 < quoted.Length)
            {
                i++;
            }

            if (at >= expected.Length || quoted[i] != expected[at])
            {
                return false;
            }
        }

        return at == expected.Length;
    }

    // A hash of the store was made with the domain as realm; with another realm only the password itself helps.
    private static bool TryWriteHa1(
        DigestAlgorithm algorithm, Credential? credential, string realm, string domain, Span<byte> ha1, out int length)
    {
        length = DigestHash.HexLength(algorithm);
        string? hash = algorithm == DigestAlgorithm.Md5 ? credential?.Md5 : credential?.Sha256;
        bool sameRealm = string.Equals(realm, domain, StringComparison.Ordinal);
        if (hash is not null && hash.Length == length && (sameRealm || credential!.ClearText is null))
        {
            return Encoding.ASCII.TryGetBytes(hash, ha1, out length);
        }

        if (sameRealm && credential is null)
        {
            ha1.Fill((byte)'0');
            return false;
        }

        Span<byte> user = stackalloc byte[MaxTextLength];
        Span<byte> realmText = stackalloc byte[MaxTextLength];
        Span<byte> password = stackalloc byte[MaxTextLength];
        bool fits = Encoding.UTF8.TryGetBytes(credential?.AuthenticationName ?? "nobody", user, out int userLength)
            & Encoding.UTF8.TryGetBytes(realm, realmText, out int realmLength)
            & Encoding.UTF8.TryGetBytes(credential?.ClearText ?? "nothing", password, out int passwordLength);
        DigestHash.Ha1(algorithm, user[..userLength], realmText[..realmLength], password[..passwordLength], ha1);
        password.Clear();
        return fits && credential?.ClearText is not null;
    }
}

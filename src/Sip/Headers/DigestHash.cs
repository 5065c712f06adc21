using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using Sip.Messages;

namespace Sip.Headers;

/// <summary>
/// The hashes of digest authentication (RFC 7616 section 3.4, RFC 8760), written as lower-case hexadecimal and without
/// allocation.
/// </summary>
public static class DigestHash
{
    /// <summary>The longest hash in hexadecimal, in octets.</summary>
    public const int MaxHexLength = 64;

    // Concatenations up to this length stay on the stack; longer ones, which only an odd peer makes, are hashed in pieces.
    private const int StackLimit = 512;

    [ThreadStatic]
    private static IncrementalHash? piecewiseMd5;

    [ThreadStatic]
    private static IncrementalHash? piecewiseSha256;

    /// <summary>The algorithm of that name; MD5 for an empty name.</summary>
    public static DigestAlgorithm FindAlgorithm(ReadOnlySpan<byte> name) =>
        name.IsEmpty || SipChars.EqualsIgnoreCase(name, "MD5"u8) ? DigestAlgorithm.Md5
        : SipChars.EqualsIgnoreCase(name, "SHA-256"u8) ? DigestAlgorithm.Sha256
        : SipChars.EqualsIgnoreCase(name, "MD5-sess"u8) ? DigestAlgorithm.Md5Session
        : SipChars.EqualsIgnoreCase(name, "SHA-256-sess"u8) ? DigestAlgorithm.Sha256Session : DigestAlgorithm.Unknown;

    /// <summary>The wire name.</summary>
    public static ReadOnlySpan<byte> Name(DigestAlgorithm algorithm) => algorithm switch
    {
        DigestAlgorithm.Md5 => "MD5"u8,
        DigestAlgorithm.Md5Session => "MD5-sess"u8,
        DigestAlgorithm.Sha256 => "SHA-256"u8,
        DigestAlgorithm.Sha256Session => "SHA-256-sess"u8,
        _ => default,
    };

    /// <summary>How many octets a hash of that algorithm has in hexadecimal; 0 for an unknown one.</summary>
    public static int HexLength(DigestAlgorithm algorithm) => algorithm switch
    {
        DigestAlgorithm.Md5 or DigestAlgorithm.Md5Session => 32,
        DigestAlgorithm.Sha256 or DigestAlgorithm.Sha256Session => 64,
        _ => 0,
    };

    /// <summary>
    /// Writes H(user:realm:password), which a credential store keeps, and returns its length; 0 for an unknown algorithm. The
    /// -sess variants have the same one: <see cref="Response"/> binds it to the nonces.
    /// </summary>
    public static int Ha1(
        DigestAlgorithm algorithm, ReadOnlySpan<byte> user, ReadOnlySpan<byte> realm, ReadOnlySpan<byte> password, Span<byte> hex) =>
        Hash(algorithm, user, realm, password, default, default, default, 3, hex);

    /// <summary>
    /// Writes the answer to a challenge and returns its length; 0 for an unknown algorithm or quality of protection.
    /// <paramref name="ha1"/> is as <see cref="Ha1"/> wrote it; <paramref name="body"/> counts for <c>auth-int</c> only.
    /// </summary>
    public static int Response(
        DigestAlgorithm algorithm,
        scoped ReadOnlySpan<byte> ha1,
        ReadOnlySpan<byte> method,
        ReadOnlySpan<byte> uri,
        ReadOnlySpan<byte> nonce,
        ReadOnlySpan<byte> nc,
        ReadOnlySpan<byte> cnonce,
        ReadOnlySpan<byte> qop,
        ReadOnlySpan<byte> body,
        Span<byte> hex)
    {
        int length = HexLength(algorithm);
        if (length == 0)
        {
            return 0;
        }

        Span<byte> sessionHa1 = stackalloc byte[MaxHexLength];
        if (algorithm is DigestAlgorithm.Md5Session or DigestAlgorithm.Sha256Session)
        {
            Hash(algorithm, ha1, nonce, cnonce, default, default, default, 3, sessionHa1);
            ha1 = sessionHa1[..length];
        }

        Span<byte> ha2 = stackalloc byte[MaxHexLength];
        if (SipChars.EqualsIgnoreCase(qop, "auth-int"u8))
        {
            Span<byte> entity = stackalloc byte[MaxHexLength];
            Hash(algorithm, body, default, default, default, default, default, 1, entity);
            Hash(algorithm, method, uri, entity[..length], default, default, default, 3, ha2);
        }
        else if (qop.IsEmpty || SipChars.EqualsIgnoreCase(qop, "auth"u8))
        {
            Hash(algorithm, method, uri, default, default, default, default, 2, ha2);
        }
        else
        {
            return 0;
        }

        return qop.IsEmpty
            ? Hash(algorithm, ha1, nonce, ha2[..length], default, default, default, 3, hex)
            : Hash(algorithm, ha1, nonce, nc, cnonce, qop, ha2[..length], 6, hex);
    }

    /// <summary>
    /// Whether the credentials' response is the one that the owner of <paramref name="ha1"/> gives. Takes the same time wherever
    /// the two differ. Nonce, realm and digest uri are the caller's to check.
    /// </summary>
    public static bool Verify(in DigestCredentials credentials, ReadOnlySpan<byte> method, ReadOnlySpan<byte> ha1, ReadOnlySpan<byte> body)
    {
        Span<byte> expected = stackalloc byte[MaxHexLength];
        int length = Response(
            credentials.Algorithm, ha1, method, credentials.Uri, credentials.Nonce, credentials.Nc, credentials.Cnonce, credentials.Qop, body, expected);
        ReadOnlySpan<byte> response = credentials.Response;
        if (length == 0 || response.Length != length)
        {
            return false;
        }

        // LHEX is lower case, but some phones write upper case.
        Span<byte> given = stackalloc byte[MaxHexLength];
        for (int i = 0; i < length; i++)
        {
            given[i] = response[i] is >= (byte)'A' and <= (byte)'F' ? (byte)(response[i] | 0x20) : response[i];
        }

        return CryptographicOperations.FixedTimeEquals(given[..length], expected[..length]);
    }

    [SuppressMessage("Security", "CA5351", Justification = "MD5 is what RFC 3261 phones can do; the algorithm is the server's choice.")]
    private static int Hash(
        DigestAlgorithm algorithm,
        ReadOnlySpan<byte> a,
        ReadOnlySpan<byte> b,
        ReadOnlySpan<byte> c,
        ReadOnlySpan<byte> d,
        ReadOnlySpan<byte> e,
        ReadOnlySpan<byte> f,
        int parts,
        Span<byte> hex)
    {
        int hexLength = HexLength(algorithm);
        if (hexLength == 0)
        {
            return 0;
        }

        Span<byte> hash = stackalloc byte[32];
        int size;
        if (a.Length + b.Length + c.Length + d.Length + e.Length + f.Length + parts - 1 > StackLimit)
        {
            IncrementalHash pieces = hexLength == 32
                ? piecewiseMd5 ??= IncrementalHash.CreateHash(HashAlgorithmName.MD5)
                : piecewiseSha256 ??= IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
            Append(pieces, a, parts > 1);
            Append(pieces, b, parts > 2);
            Append(pieces, c, parts > 3);
            Append(pieces, d, parts > 4);
            Append(pieces, e, parts > 5);
            Append(pieces, f, false);
            size = pieces.GetHashAndReset(hash);
        }
        else
        {
            Span<byte> text = stackalloc byte[StackLimit];
            int at = Join(a, text, 0, parts > 1);
            at = Join(b, text, at, parts > 2);
            at = Join(c, text, at, parts > 3);
            at = Join(d, text, at, parts > 4);
            at = Join(e, text, at, parts > 5);
            at = Join(f, text, at, false);
            size = hexLength == 32 ? MD5.HashData(text[..at], hash) : SHA256.HashData(text[..at], hash);

            // The text may have held a password.
            CryptographicOperations.ZeroMemory(text[..at]);
        }

        Convert.TryToHexStringLower(hash[..size], hex, out int written);
        return written;
    }

    private static void Append(IncrementalHash pieces, ReadOnlySpan<byte> part, bool colon)
    {
        pieces.AppendData(part);
        if (colon)
        {
            pieces.AppendData(":"u8);
        }
    }

    private static int Join(ReadOnlySpan<byte> part, Span<byte> text, int at, bool colon)
    {
        part.CopyTo(text[at..]);
        at += part.Length;
        if (colon)
        {
            text[at++] = (byte)':';
        }

        return at;
    }
}

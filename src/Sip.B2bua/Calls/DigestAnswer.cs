using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Sip.Headers;
using Sip.Messages;

namespace Sip.B2bua.Calls;

/// <summary>Our answers to the challenges of one realm of a target: the credentials of each request that follows (RFC 7616 §3.4).</summary>
/// <param name="header">Where they stand: Authorization or Proxy-Authorization.</param>
/// <param name="realm">The realm, as it came: escapes and all.</param>
/// <param name="secret">Who we are there.</param>
internal sealed class DigestAnswer(HeaderId header, byte[] realm, Credential secret)
{
    private byte[] nonce = [];
    private byte[] opaque = [];
    private DigestAlgorithm algorithm;
    private bool hasQop;
    private bool isStale;
    private int rank;
    private byte[] ofInvite = [];
    private uint count;

    /// <summary>Whether it is for challenges of that header and realm.</summary>
    public bool IsFor(HeaderId asked, ReadOnlySpan<byte> otherRealm) => header == asked && otherRealm.SequenceEqual(realm);

    /// <summary>RFC 8760 2.4: takes one of the realm's challenges in a response, unless that has a better one; of equals the first.</summary>
    /// <param name="challenge">The challenge.</param>
    /// <param name="better">How good it is; more than 0.</param>
    public void Consider(in DigestChallenge challenge, int better)
    {
        if (better > rank)
        {
            rank = better;
            nonce = challenge.Nonce.ToArray();
            opaque = challenge.Opaque.ToArray();
            algorithm = challenge.Algorithm;
            hasQop = challenge.OffersAuth;
            isStale = challenge.Stale;
        }
    }

    /// <summary>
    /// All challenges of a response have been considered. False: the realm refuses the first credentials that its last challenge got. RFC 3261
    /// 22.2: those are not sent again, but a nonce that was good once may have become too old.
    /// </summary>
    public bool TryRenew()
    {
        bool isAsked = rank > 0;
        rank = 0;
        if (isAsked && count == 1 && !isStale)
        {
            return false;
        }

        count = isAsked ? 0 : count;
        return true;
    }

    /// <summary>Writes the credentials of a request.</summary>
    public void Write(ref SipWriter writer, ReadOnlySpan<byte> method, ReadOnlySpan<byte> uri)
    {
        byte[] value = MakeValue(method, uri);
        ofInvite = method.SequenceEqual("INVITE"u8) ? value : ofInvite;
        writer.Header(header, value);
    }

    /// <summary>Writes those of the last INVITE again, if it had any.</summary>
    public void WriteAgain(ref SipWriter writer)
    {
        if (ofInvite.Length > 0)
        {
            writer.Header(header, ofInvite);
        }
    }

    private byte[] MakeValue(ReadOnlySpan<byte> method, ReadOnlySpan<byte> uri)
    {
        count++;
        byte[] user = Encoding.UTF8.GetBytes(secret.AuthenticationName);
        byte[] nc = Encoding.ASCII.GetBytes(count.ToString("x8", CultureInfo.InvariantCulture));
        byte[] cnonce = Encoding.ASCII.GetBytes(Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(8)));
        ReadOnlySpan<byte> qop = hasQop ? "auth"u8 : default;
        Span<byte> ha1 = stackalloc byte[DigestHash.MaxHexLength];
        Span<byte> response = stackalloc byte[DigestHash.MaxHexLength];
        int length = WriteHa1(user, ha1);
        length = DigestHash.Response(algorithm, ha1[..length], method, uri, nonce, nc, cnonce, qop, default, response);
        using MemoryStream text = new(256);
        text.Write("Digest username=\""u8);
        WriteQuoted(text, user);
        text.Write("\", realm=\""u8);
        text.Write(realm);
        text.Write("\", nonce=\""u8);
        text.Write(nonce);
        text.Write("\", uri=\""u8);
        text.Write(uri);
        text.Write("\", response=\""u8);
        text.Write(response[..length]);
        text.Write("\", algorithm="u8);
        text.Write(DigestHash.Name(algorithm));
        bool session = algorithm is DigestAlgorithm.Md5Session or DigestAlgorithm.Sha256Session;
        if (hasQop || session)
        {
            text.Write(", cnonce=\""u8);
            text.Write(cnonce);
            text.Write("\""u8);
        }

        if (hasQop)
        {
            text.Write(", qop=auth, nc="u8);
            text.Write(nc);
        }

        if (opaque.Length > 0)
        {
            text.Write(", opaque=\""u8);
            text.Write(opaque);
            text.Write("\""u8);
        }

        return text.ToArray();
    }

    private int WriteHa1(ReadOnlySpan<byte> user, Span<byte> ha1)
    {
        string? known = algorithm is DigestAlgorithm.Md5 or DigestAlgorithm.Md5Session ? secret.Md5 : secret.Sha256;
        return secret.ClearText is { } password
            ? DigestHash.Ha1(algorithm, user, realm, Encoding.UTF8.GetBytes(password), ha1)
            : Encoding.ASCII.GetBytes(known!, ha1);
    }

    private static void WriteQuoted(MemoryStream text, ReadOnlySpan<byte> user)
    {
        foreach (byte octet in user)
        {
            if (octet is (byte)'"' or (byte)'\\')
            {
                text.WriteByte((byte)'\\');
            }

            text.WriteByte(octet);
        }
    }
}

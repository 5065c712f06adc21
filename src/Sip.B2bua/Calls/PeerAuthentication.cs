using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Sip.Headers;
using Sip.Messages;

namespace Sip.B2bua.Calls;

/// <summary>
/// Our side of digest authentication towards one target (RFC 3261 §22, RFC 7616): takes its challenge and writes the credentials of
/// the requests that follow. Made when the first challenge comes; who is never challenged pays nothing.
/// </summary>
internal sealed class PeerAuthentication(PeerCredentials credentials)
{
    private const int MaxAttempts = 3;

    private readonly Credential secret = credentials.Credential;
    private byte[] realm = [];
    private byte[] nonce = [];
    private byte[] opaque = [];
    private byte[] value = [];
    private DigestAlgorithm algorithm;
    private bool hasOpaque;
    private bool hasQop;
    private uint count;
    private int attempts;
    private HeaderId header;

    /// <summary>The Call-ID of the request that was challenged; the one that follows repeats it (8.1.3.5).</summary>
    public byte[] CallId { get; private set; } = [];

    /// <summary>The From tag of the request that was challenged.</summary>
    public byte[] FromTag { get; private set; } = [];

    /// <summary>The sequence number of the request that was challenged last.</summary>
    public uint ChallengedCSeq { get; private set; }

    /// <summary>
    /// Takes a 401 or 407. False: it is of a realm that our credentials are not for, of a kind that we cannot answer, or it refuses
    /// the credentials that it got.
    /// </summary>
    public bool TryTake(SipMessage response)
    {
        HeaderId asked = response.StatusCode == 401 ? HeaderId.WwwAuthenticate : HeaderId.ProxyAuthenticate;
        DigestChallenge best = default;
        int rank = 0;
        foreach (ReadOnlySpan<byte> text in response.Values(asked))
        {
            // RFC 8760 2.4: the best one that we can answer.
            if (DigestChallenge.TryParse(text, out DigestChallenge challenge) && RankOf(challenge) is int found && found > rank)
            {
                best = challenge;
                rank = found;
            }
        }

        // 22.2: credentials that were refused are not sent again, but a nonce that was good once may have become too old.
        if (rank == 0 || attempts++ >= MaxAttempts || !(count == 0 || best.Stale || count > 1))
        {
            return false;
        }

        header = asked == HeaderId.WwwAuthenticate ? HeaderId.Authorization : HeaderId.ProxyAuthorization;
        realm = best.Realm.ToArray();
        nonce = best.Nonce.ToArray();
        opaque = best.Opaque.ToArray();
        hasOpaque = !best.Opaque.IsEmpty;
        hasQop = best.OffersAuth;
        algorithm = best.Algorithm;
        count = 0;
        CallId = response.CallId.ToArray();
        FromTag = response.FromTag.ToArray();
        ChallengedCSeq = response.CSeqNumber;
        return true;
    }

    /// <summary>The target has let a request pass.</summary>
    public void Accepted() => attempts = 0;

    /// <summary>Writes the credentials of a request.</summary>
    /// <param name="writer">Where to.</param>
    /// <param name="method">The method.</param>
    /// <param name="uri">The Request-URI.</param>
    public void Write(ref SipWriter writer, ReadOnlySpan<byte> method, ReadOnlySpan<byte> uri)
    {
        value = MakeValue(method, uri);
        writer.Header(header, value);
    }

    /// <summary>22.1: an ACK carries the credentials of its INVITE, if those were the last that were written.</summary>
    public void WriteAgain(ref SipWriter writer)
    {
        if (value.Length > 0)
        {
            writer.Header(header, value);
        }
    }

    // 0: not to be answered; SHA-256 goes before MD5.
    private int RankOf(in DigestChallenge challenge)
    {
        bool isOurs = credentials.Realm == PeerCredentials.AnyRealm || challenge.Realm.SequenceEqual(Encoding.UTF8.GetBytes(credentials.Realm));
        if (!isOurs || (!challenge.Qop.IsEmpty && !challenge.OffersAuth))
        {
            return 0;
        }

        return challenge.Algorithm switch
        {
            DigestAlgorithm.Sha256 or DigestAlgorithm.Sha256Session => secret.ClearText is not null || secret.Sha256 is not null ? 2 : 0,
            DigestAlgorithm.Md5 or DigestAlgorithm.Md5Session => secret.ClearText is not null || secret.Md5 is not null ? 1 : 0,
            _ => 0,
        };
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
        text.Write(realm); // as it came: escapes and all
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

        if (hasOpaque)
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

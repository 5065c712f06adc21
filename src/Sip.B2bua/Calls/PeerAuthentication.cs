using System.Text;
using Sip.Headers;
using Sip.Messages;

namespace Sip.B2bua.Calls;

/// <summary>
/// Our side of digest authentication towards one target (RFC 3261 §22, RFC 7616): takes its challenges and writes the credentials of
/// the requests that follow, one for each realm on the way. Made when the first challenge comes; who is never challenged pays nothing.
/// </summary>
internal sealed class PeerAuthentication(PeerCredentials credentials)
{
    private const int MaxAttempts = 3;

    // Each costs a header in every request that follows, and a target may name as many as it likes.
    private const int MaxRealms = 4;

    private readonly Credential secret = credentials.Credential;
    private readonly List<DigestAnswer> answers = new(1);
    private int attempts;

    /// <summary>The Call-ID of the request that was challenged; the one that follows repeats it (8.1.3.5).</summary>
    public byte[] CallId { get; private set; } = [];

    /// <summary>The From tag of the request that was challenged.</summary>
    public byte[] FromTag { get; private set; } = [];

    /// <summary>The sequence number of the request that was challenged last.</summary>
    public uint ChallengedCSeq { get; private set; }

    /// <summary>
    /// Takes a 401 or 407. False: it is of realms that our credentials are not for, of a kind that we cannot answer, or it refuses
    /// the credentials that it got.
    /// </summary>
    public bool TryTake(SipMessage response)
    {
        if (attempts++ >= MaxAttempts)
        {
            return false;
        }

        bool any = false;
        HeaderId asked = response.StatusCode == 401 ? HeaderId.WwwAuthenticate : HeaderId.ProxyAuthenticate;
        HeaderId header = response.StatusCode == 401 ? HeaderId.Authorization : HeaderId.ProxyAuthorization;
        foreach (ReadOnlySpan<byte> text in response.Values(asked))
        {
            if (DigestChallenge.TryParse(text, out DigestChallenge challenge) && RankOf(challenge) is > 0 and int rank && AnswerFor(header, challenge.Realm) is { } answer)
            {
                answer.Consider(challenge, rank);
                any = true;
            }
        }

        foreach (DigestAnswer answer in answers)
        {
            if (!answer.TryRenew())
            {
                return false;
            }
        }

        if (any)
        {
            CallId = response.CallId.ToArray();
            FromTag = response.FromTag.ToArray();
            ChallengedCSeq = response.CSeqNumber;
        }

        return any;
    }

    /// <summary>The target has let a request pass.</summary>
    public void Accepted() => attempts = 0;

    /// <summary>Writes the credentials of a request.</summary>
    /// <param name="writer">Where to.</param>
    /// <param name="method">The method.</param>
    /// <param name="uri">The Request-URI.</param>
    public void Write(ref SipWriter writer, ReadOnlySpan<byte> method, ReadOnlySpan<byte> uri)
    {
        foreach (DigestAnswer answer in answers)
        {
            answer.Write(ref writer, method, uri);
        }
    }

    /// <summary>22.1: an ACK carries the credentials of its INVITE.</summary>
    public void WriteAgain(ref SipWriter writer)
    {
        foreach (DigestAnswer answer in answers)
        {
            answer.WriteAgain(ref writer);
        }
    }

    // 22.3: the server itself and each proxy on the way may ask, each for its own realm. Null: there are too many.
    private DigestAnswer? AnswerFor(HeaderId header, ReadOnlySpan<byte> realm)
    {
        foreach (DigestAnswer answer in answers)
        {
            if (answer.IsFor(header, realm))
            {
                return answer;
            }
        }

        if (answers.Count == MaxRealms)
        {
            return null;
        }

        DigestAnswer made = new(header, realm.ToArray(), secret);
        answers.Add(made);
        return made;
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
}

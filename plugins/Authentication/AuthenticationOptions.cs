using System.Text.RegularExpressions;
using Sip.Headers;

namespace Sip.B2bua.Plugins.Authentication;

/// <summary>The settings of <c>[module::Authentication]</c>.</summary>
internal sealed class AuthenticationOptions : ICheckedOptions
{
    private const string RegexPrefix = "regex:";

    private Regex? realmExpression;
    private Regex? subjectExpression;

    [Setting("Addresses, networks such as 192.0.2.0/24 and host names whose requests are believed without a challenge. The address that a "
        + "request really came from is compared. Over UDP a sender can forge it.")]
    public IReadOnlyList<string> TrustedHosts { get; init; } = [];

    [Setting("Names in the certificates of other servers, as they stand there: what comes by TLS from such a server is believed without a challenge, as "
        + "from trusted-hosts, but for REGISTER. The transport must have tls-verify-incoming=1.")]
    public IReadOnlyList<string> TrustedClientCertificates { get; init; } = [];

    [Setting("Believes, as trusted-client-certificates does, who shows a certificate of the called domain where that is served here: another server of "
        + "the same domain.")]
    public bool TrustDomainCertificates { get; init; }

    [Setting("Expression that one of the names in a client's certificate must match; the certificate proves nothing otherwise. Empty: any.")]
    public string TlsClientCertificateRequiredSubject { get; init; } = "";

    [Setting("Refuses with 403 who shows a certificate that does not prove who sends; otherwise he is asked for the password.")]
    public bool RejectWrongClientCertificates { get; init; }

    [Setting("From domains whose users are asked for a password; requests from any other domain are refused with 403. localhost stands for "
        + "this machine: its addresses and aliases. * means every domain; a word may have one *, such as *.example.org.")]
    public IReadOnlyList<string> AuthDomains { get; init; } = ["localhost"];

    [Setting("Digest algorithms that are offered, in this order, as far as the user has a secret for them. Empty: both.",
        Words = ["MD5", "SHA-256"])]
    public IReadOnlyList<string> AvailableAlgorithms { get; init; } = ["MD5"];

    [Setting("Leaves qop=auth out of challenges, for phones that cannot do it. Requests can then be replayed for as long as a nonce lives.")]
    public bool DisableQopAuth { get; init; }

    [Setting("Condition: where it is true, a wrong password is answered with a new challenge instead of 403.")]
    public BooleanExpression No403 { get; init; } = BooleanExpression.Default("false");

    [Setting("How long a nonce may be used. The phone then gets a new one, without asking its user.", Min = "1s", Max = "30d")]
    public TimeSpan NonceExpires { get; init; } = TimeSpan.FromSeconds(3600);

    [Setting("The realm of every challenge; or regex:<expr>, which is looked for in the From URI. Empty: the domain of the From URI.")]
    public string Realm { get; init; } = "";

    [Setting("Expression that is looked for in the From URI; its first group, or else all that it matches, is the realm. Not together with realm.")]
    public string RealmRegex { get; init; } = "";

    [Setting("Where passwords come from: file is the file of file-path; other names come from plug-ins.")]
    [Chooses(typeof(ICredentialStore))]
    public string DbImplementation { get; init; } = "file";

    [Setting("Wrong passwords in a row, for one user and from one address, after which further ones are not even looked at for a while. "
        + "The pause doubles with each, from one second up to wrong-password-pause. 0 is off.", Min = 0, Max = 1000)]
    public int MaxWrongPasswords { get; init; } = 5;

    [Setting("Longest pause after a wrong password.", Min = "1s", Max = "1h")]
    public TimeSpan WrongPasswordPause { get; init; } = TimeSpan.FromSeconds(60);

    [Setting("How many nonces in use are remembered with their counts. When there are more, the oldest need a new challenge.", Min = 16)]
    public int MaxNonces { get; init; } = 65536;

    public IEnumerable<SettingFault> Check()
    {
        foreach (string word in TrustedHosts)
        {
            if (AddressList.Fault(word) is { } fault)
            {
                yield return new SettingFault("trusted-hosts", fault);
            }
        }

        if (Realm.Length > 0 && RealmRegex.Length > 0)
        {
            yield return new SettingFault("realm-regex", "cannot be set together with realm");
        }

        if (FindFault(TlsClientCertificateRequiredSubject) is { } subject)
        {
            yield return new SettingFault("tls-client-certificate-required-subject", subject);
        }

        if (FindFault(RealmExpression()) is { } expression)
        {
            yield return new SettingFault(RealmRegex.Length > 0 ? "realm-regex" : "realm", expression);
        }
    }

    /// <summary>The words of available-algorithms as values, in order; all when there is none.</summary>
    public DigestAlgorithms Offered()
    {
        DigestAlgorithms offered = DigestAlgorithms.None;
        for (int i = 0; i < AvailableAlgorithms.Count; i++) // asked for every request: an enumerator would be an object
        {
            offered = offered.With(AvailableAlgorithms[i] == "MD5" ? DigestAlgorithm.Md5 : DigestAlgorithm.Sha256);
        }

        return offered.Count > 0 ? offered : DigestAlgorithms.None.With(DigestAlgorithm.Md5).With(DigestAlgorithm.Sha256);
    }

    /// <summary>Whether users of the domain are asked for a password.</summary>
    /// <param name="domain">The domain, in lower case.</param>
    public bool Serves(string domain)
    {
        for (int i = 0; i < AuthDomains.Count; i++)
        {
            string word = AuthDomains[i];
            int star = word.IndexOf('*', StringComparison.Ordinal);
            if (star < 0
                ? string.Equals(word, domain, StringComparison.OrdinalIgnoreCase)
                : domain.Length >= word.Length - 1 && domain.AsSpan().StartsWith(word.AsSpan(0, star), StringComparison.OrdinalIgnoreCase)
                    && domain.AsSpan().EndsWith(word.AsSpan(star + 1), StringComparison.OrdinalIgnoreCase))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Whether a certificate with these names may prove anything.</summary>
    public bool AcceptsSubjects(IReadOnlyList<string> subjects)
    {
        if (TlsClientCertificateRequiredSubject.Length == 0)
        {
            return true;
        }

        subjectExpression ??= Compile(TlsClientCertificateRequiredSubject);
        foreach (string subject in subjects)
        {
            if (subjectExpression.IsMatch(subject))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>The realm for a user, or null when the expression finds none.</summary>
    /// <param name="uri">The user's URI as written.</param>
    /// <param name="domain">Its domain.</param>
    public string? FindRealm(ReadOnlySpan<byte> uri, string domain)
    {
        string expression = RealmExpression();
        if (expression.Length == 0)
        {
            return Realm.Length > 0 ? Realm : domain;
        }

        realmExpression ??= Compile(expression);
        Match match = realmExpression.Match(System.Text.Encoding.UTF8.GetString(uri));
        return !match.Success ? null : match.Groups.Count > 1 ? match.Groups[1].Value : match.Value;
    }

    private string RealmExpression() =>
        RealmRegex.Length > 0 ? RealmRegex : Realm.StartsWith(RegexPrefix, StringComparison.Ordinal) ? Realm[RegexPrefix.Length..] : "";

    // What a stranger writes is matched: without backtracking no text takes more than linear time.
    private static Regex Compile(string expression) => new(expression, RegexOptions.NonBacktracking | RegexOptions.CultureInvariant);

    private static string? FindFault(string expression)
    {
        try
        {
            _ = expression.Length > 0 ? Compile(expression) : null;
            return null;
        }
        catch (Exception e) when (e is ArgumentException or NotSupportedException)
        {
            return "is no expression that can be used: " + e.Message;
        }
    }
}

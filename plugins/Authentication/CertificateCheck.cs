using System.Text;
using Sip.Messages;
using Sip.Uris;

namespace Sip.B2bua.Plugins.Authentication;

/// <summary>
/// What the certificate that a sender has shown, and that an authority has signed, proves of his request. A user's own names him; that of a
/// domain speaks for its users (RFC 5922), but makes no bindings for them; and the certificates of other servers may be believed by name.
/// </summary>
internal static class CertificateCheck
{
    /// <summary>Judges the certificate of the connection that a request came by.</summary>
    /// <param name="context">The request.</param>
    /// <param name="sender">Who he says he is, as an address-of-record; empty where that cannot be read.</param>
    /// <param name="options">The settings.</param>
    /// <param name="domains">The domains served here.</param>
    public static CertificateVerdict Judge(RequestContext context, string sender, AuthenticationOptions options, ILocalDomains domains)
    {
        IReadOnlyList<string> subjects = context.PeerSubjects;
        if (subjects.Count == 0)
        {
            return CertificateVerdict.Missing;
        }

        if (!options.AcceptsSubjects(subjects))
        {
            return CertificateVerdict.Wrong;
        }

        bool registers = context.Request.Method == SipMethod.Register;
        if (!registers && (IsTrusted(subjects, options) || (options.TrustDomainCertificates && IsOfCalled(context, domains))))
        {
            return CertificateVerdict.Trusted;
        }

        AddressOfRecord.Split(sender, out _, out string domain);
        if (sender.Length == 0 || !(Names(subjects, sender) || (!registers && Contain(context.PeerIdentities, domain))))
        {
            return CertificateVerdict.Wrong;
        }

        // Anybody can have a certificate of a domain of his own: it opens no way through this server.
        return options.Serves(domain) || MachineUsers.AreIn(options.AuthDomains, domain, domains) ? CertificateVerdict.Proven : CertificateVerdict.Foreign;
    }

    private static bool IsTrusted(IReadOnlyList<string> subjects, AuthenticationOptions options)
    {
        foreach (string name in options.TrustedClientCertificates)
        {
            if (Contain(subjects, name))
            {
                return true;
            }
        }

        return false;
    }

    private static bool IsOfCalled(RequestContext context, ILocalDomains domains) =>
        SipUri.TryParse(context.Request.RequestUri, out SipUri uri) && domains.IsServedDomain(uri.Host)
            && AddressOfRecord.TryRead(uri, out string called) && Contain(context.PeerIdentities, called[(called.LastIndexOf('@') + 1)..]);

    private static bool Names(IReadOnlyList<string> subjects, string user)
    {
        foreach (string subject in subjects)
        {
            if (AddressOfRecord.TryRead(Encoding.UTF8.GetBytes(subject), out string named) && named == user && named.Contains('@', StringComparison.Ordinal))
            {
                return true;
            }
        }

        return false;
    }

    // RFC 5922 7.2: whole names, without regard to case.
    private static bool Contain(IReadOnlyList<string> names, string name)
    {
        foreach (string one in names)
        {
            if (string.Equals(one, name, StringComparison.OrdinalIgnoreCase))
            {
                return true;
            }
        }

        return false;
    }
}

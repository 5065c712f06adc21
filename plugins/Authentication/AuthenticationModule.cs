using System.Composition;
using Microsoft.Extensions.Logging;
using Sip.Headers;
using Sip.Messages;
using Sip.Transports;
using Sip.Uris;

namespace Sip.B2bua.Plugins.Authentication;

/// <summary>
/// Finds out who sends a request, by digest (RFC 3261 §22), and puts him into <see cref="RequestContext.Identity"/>. A user who
/// does not exist gets the same answers as one with a wrong password, and no challenge leaves anything behind.
/// </summary>
[SipModule("Authentication", Stage.Authenticate, 10, Options = typeof(AuthenticationOptions), EnabledByDefault = false,
    Help = "Asks every sender for a password, by digest authentication, and refuses who does not know it.")]
[Shared]
internal sealed partial class AuthenticationModule : SipModule
{
    private readonly ISettings<AuthenticationOptions> settings;
    private readonly ICredentialStore store;
    private readonly ILocalDomains domains;
    private readonly ILogger log;
    private readonly Nonces nonces;
    private readonly CredentialCheck check;
    private volatile AddressList trustedHosts = AddressList.Empty;

    [ImportingConstructor]
    public AuthenticationModule(
        ISettings<AuthenticationOptions> settings, ICredentialStore store, ILocalDomains domains, TimeProvider time, ILoggerFactory loggers)
    {
        this.settings = settings;
        this.store = store;
        this.domains = domains;
        log = loggers.CreateLogger("Authentication");
        nonces = new Nonces(time);
        check = new CredentialCheck(nonces, new NonceCounts(settings.Value.MaxNonces), new WrongPasswords(), time);
    }

    public override async ValueTask StartAsync(CancellationToken cancellation)
    {
        await LoadTrustedHostsAsync(cancellation);
        settings.Changed += () => _ = LoadTrustedHostsAsync(CancellationToken.None);
    }

    public override async ValueTask<Verdict> OnRequestAsync(RequestContext context)
    {
        // 22.1: ACK and CANCEL cannot be challenged; a BYE ends what was allowed before.
        if (context.Request.Method is SipMethod.Ack or SipMethod.Cancel or SipMethod.Bye)
        {
            return Verdict.Continue;
        }

        if (context.Identity is { } known)
        {
            // A call that the server makes for somebody whom it knows already (a transfer), or one of a trunk.
            context.Trail.Add("Authentication", "not asked: the sender is known as {0}", known);
            return Verdict.Continue;
        }

        if (context.IsTrusted || trustedHosts.Contains(context.Flow.Remote))
        {
            context.IsTrusted = true;
            context.Trail.Add("Authentication", "not asked: the source is in trusted-hosts");
            return Verdict.Continue;
        }

        AuthenticationOptions options = settings.Value;
        if (context.PeerSubjects.Count > 0 && TryJudgeCertificate(context, options, out Verdict verdict))
        {
            return verdict;
        }

        if (!TryReadClaim(context, options, out Claim claim))
        {
            return Verdict.Done;
        }

        AddressOfRecord.Split(claim.AddressOfRecord, out string user, out string domain);
        claim = claim with { Credential = await MachineUsers.FindAsync(store, domains, user, domain) };
        return context.IsOver ? Verdict.Done : Judge(context, options, claim);
    }

    // False: it settles nothing, and the sender is asked for his password.
    private bool TryJudgeCertificate(RequestContext context, AuthenticationOptions options, out Verdict verdict)
    {
        if (!TryReadSender(context.Request, out SipUri uri, out _) || !AddressOfRecord.TryRead(uri, out string sender))
        {
            sender = "";
        }

        verdict = Verdict.Continue;
        switch (CertificateCheck.Judge(context, sender, options, domains))
        {
            case CertificateVerdict.Proven:
                context.Identity = sender;
                context.Trail.Add("Authentication", "the sender is {0}: the certificate says so", sender);
                return true;

            case CertificateVerdict.Foreign:
                context.Trail.Add("Authentication", "the sender is {0}, a stranger here: the certificate says so", sender);
                return true;

            case CertificateVerdict.Trusted:
                context.IsTrusted = true;
                context.Trail.Add("Authentication", "not asked: the source has the certificate of a trusted server");
                return true;

            case CertificateVerdict.Wrong when options.RejectWrongClientCertificates:
                WrongCertificate(log, sender, context.Flow.Remote, context.PeerSubjects[0]);
                Answer(context, 403, "Bad tls client certificate", "refused: the certificate does not prove that the sender is {0}", sender);
                verdict = Verdict.Done;
                return true;

            case CertificateVerdict.Wrong:
                context.Trail.Add("Authentication", "the certificate does not prove that the sender is {0}", sender);
                return false;

            case CertificateVerdict.Missing:
            default:
                return false;
        }
    }

    // Who the sender says he is: the From; for an anonymous call, what he asks us to assert (RFC 3325 9.2).
    private static bool TryReadSender(SipMessage request, out SipUri uri, out ReadOnlySpan<byte> text)
    {
        text = default;
        uri = default;
        if (!NameAddr.TryParse(request.From, out NameAddr from) || !SipUri.TryParse(from.Uri, out uri))
        {
            return false;
        }

        text = from.Uri;
        if (!SipChars.EqualsIgnoreCase(uri.Host, "anonymous.invalid"u8))
        {
            return true;
        }

        foreach (ReadOnlySpan<byte> value in request.Values(HeaderId.PPreferredIdentity))
        {
            if (NameAddr.TryParse(value, out NameAddr preferred) && SipUri.TryParse(preferred.Uri, out uri))
            {
                text = preferred.Uri;
                return true;
            }
        }

        return true;
    }

    private bool TryReadClaim(RequestContext context, AuthenticationOptions options, out Claim claim)
    {
        claim = default;
        if (!TryReadSender(context.Request, out SipUri uri, out ReadOnlySpan<byte> text)
            || !AddressOfRecord.TryRead(uri, out string addressOfRecord))
        {
            Answer(context, 403, "Domain forbidden", "refused: the From is no SIP address");
            return false;
        }

        AddressOfRecord.Split(addressOfRecord, out _, out string domain);
        if (!options.Serves(domain) && !MachineUsers.AreIn(options.AuthDomains, domain, domains))
        {
            Answer(context, 403, "Domain forbidden", "refused: the domain of {0} is not in auth-domains", addressOfRecord);
            return false;
        }

        if (options.FindRealm(text, domain) is not { } realm)
        {
            Answer(context, 500, "No realm", "refused: realm-regex finds no realm in {0}", addressOfRecord);
            return false;
        }

        context.OwnRealm = realm;
        claim = new Claim(addressOfRecord, domain, realm, null);
        return true;
    }

    private static void Answer(RequestContext context, int code, string reason, string why, object? what = null)
    {
        context.Trail.Add("Authentication", why, what);
        context.Respond(code, reason);
    }

    private Verdict Judge(RequestContext context, AuthenticationOptions options, in Claim claim)
    {
        SipAddress source = context.Flow.Remote;
        CredentialVerdict verdict = check.Judge(context.Request, source, claim, options);
        switch (verdict)
        {
            case CredentialVerdict.Proven:
                context.Identity = claim.AddressOfRecord;
                context.Trail.Add("Authentication", "the sender is {0}", claim.AddressOfRecord);
                return Verdict.Continue;

            case CredentialVerdict.Missing:
                Ask(context, options, claim, stale: false);
                break;

            case CredentialVerdict.Stale:
                Ask(context, options, claim, stale: true);
                break;

            case CredentialVerdict.Malformed:
                Answer(context, 400, "Incomplete credentials", "refused: the credentials of {0} are incomplete", claim.AddressOfRecord);
                break;

            case CredentialVerdict.OtherUri:
                Answer(context, 400, "Credentials are for another URI", "refused: the credentials of {0} are for another URI", claim.AddressOfRecord);
                break;

            case CredentialVerdict.Wrong:
            case CredentialVerdict.Paused:
                Failed(log, claim.AddressOfRecord, source);
                Refuse(context, options, claim);
                break;
        }

        return Verdict.Done;
    }

    private void Refuse(RequestContext context, AuthenticationOptions options, in Claim claim)
    {
        if (context.Meets(options.No403))
        {
            Ask(context, options, claim, stale: false);
        }
        else
        {
            Answer(context, 403, "Forbidden", "refused: wrong password or no such user: {0}", claim.AddressOfRecord);
        }
    }

    private void Ask(RequestContext context, AuthenticationOptions options, in Claim claim, bool stale)
    {
        bool register = context.Request.Method == SipMethod.Register;
        context.Respond(register ? 401 : 407, null, Challenge.Write, new Challenge(
            register ? HeaderId.WwwAuthenticate : HeaderId.ProxyAuthenticate,
            claim.Realm,
            options.Offered().For(claim.Credential),
            stale,
            !options.DisableQopAuth,
            nonces));
    }

    private async Task LoadTrustedHostsAsync(CancellationToken cancellation)
    {
        AddressList list = await AddressList.ResolveAsync(settings.Value.TrustedHosts, cancellation);
        foreach (string name in list.Unresolved)
        {
            NoAddress(log, name);
        }

        trustedHosts = list;
    }

    // One line for each, in a form that fail2ban can read.
    [LoggerMessage(Level = LogLevel.Information, Message = "authentication of {User} from {Source} failed: wrong password or no such user")]
    private static partial void Failed(ILogger log, string user, SipAddress source);

    [LoggerMessage(Level = LogLevel.Information, Message = "authentication of {User} from {Source} failed: the certificate is that of {Subject}")]
    private static partial void WrongCertificate(ILogger log, string user, SipAddress source, string subject);

    [LoggerMessage(Level = LogLevel.Warning, Message = "trusted-hosts: no address found for {Name}")]
    private static partial void NoAddress(ILogger log, string name);
}

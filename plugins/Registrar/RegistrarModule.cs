using System.Composition;
using System.Text;
using Sip.Headers;
using Sip.Messages;
using Sip.Uris;

namespace Sip.B2bua.Plugins.Registrar;

/// <summary>
/// Answers REGISTER for the domains that are ours and keeps the bindings (RFC 3261 §10). Which binding replaces which is decided
/// by <see cref="BindingRules"/>; where they are kept, by the location service that <c>db-implementation</c> names.
/// </summary>
[SipModule("Registrar", Stage.Serve, 60, Options = typeof(RegistrarOptions),
    Help = "Answers REGISTER requests and keeps where each user can be reached.")]
[Shared]
internal sealed class RegistrarModule : SipModule, IDisposable
{
    // Two phones of one user may register at the same moment on two loops: whoever lost reads again.
    private const int Attempts = 5;

    private readonly ISettings<RegistrarOptions> settings;
    private readonly ILocationService location;
    private readonly ILocalDomains domains;
    private readonly TimeProvider time;
    private readonly TemporaryGruus gruus = new();

    [ImportingConstructor]
    public RegistrarModule(ISettings<RegistrarOptions> settings, ILocationService location, ILocalDomains domains, TimeProvider time)
    {
        this.settings = settings;
        this.location = location;
        this.domains = domains;
        this.time = time;
    }

    public void Dispose() => gruus.Dispose();

    public override async ValueTask<Verdict> OnRequestAsync(RequestContext context)
    {
        if (context.Request.Method != SipMethod.Register)
        {
            return IsForTemporaryGruu(context) ? await ResolveAsync(context) : Verdict.Continue;
        }

        RegistrarOptions options = settings.Value;
        Verdict verdict = Read(context, options, out Registration? registration);
        if (registration is not null)
        {
            await BindAsync(context, options, registration);
        }

        return verdict;
    }

    // The checks of a REGISTER, in order. Gives no registration when it was answered or is not ours.
    private Verdict Read(RequestContext context, RegistrarOptions options, out Registration? registration)
    {
        registration = null;
        SipMessage request = context.Request;
        if (!NameAddr.TryParse(request.From, out NameAddr from) || !SipUri.TryParse(from.Uri, out SipUri fromUri)
            || !NameAddr.TryParse(request.To, out NameAddr to) || !AddressOfRecord.TryRead(to.Uri, out string addressOfRecord)
            || !AddressOfRecord.TryRead(fromUri, out string sender))
        {
            return Refuse(context, 400, "Bad request");
        }

        if (!domains.IsServedDomain(fromUri.Host))
        {
            context.Trail.Add("Registrar", "left: the domain of {0} is not in reg-domains", sender);
            return Verdict.Continue;
        }

        // 10.3 step 2: an option that we do not have.
        if (RequiresUnknown(request))
        {
            context.Trail.Add("Registrar", "refused: requires an option that is not supported");
            context.Respond(420, null, WriteUnsupported, request);
            return Verdict.Done;
        }

        // 10.3 step 4: only for oneself. Who registers for another would have his calls.
        if (sender != addressOfRecord || (context.Identity is { } identity && !context.IsTrusted && identity != addressOfRecord))
        {
            return Refuse(context, 403, "Not your address");
        }

        if (fromUri.User.IsEmpty)
        {
            return Refuse(context, 403, "Domain registration forbidden");
        }

        Registration read = new()
        {
            AddressOfRecord = addressOfRecord,
            CallId = Encoding.UTF8.GetString(request.CallId),
            CSeq = request.CSeqNumber,
            Now = time.GetUtcNow(),
            WantsGruu = options.EnableGruu && OutboundRule.Supports(request, "gruu"u8),
        };
        if (!new ContactReader(context, options, domains, addressOfRecord, read.Now).TryRead(read, out string fault))
        {
            return Refuse(context, read.FaultCode, fault);
        }

        if (read.Contacts.Count > options.MaxContactsPerRegistration)
        {
            return Refuse(context, 403, "Too many contacts in REGISTER");
        }

        registration = read;
        return Verdict.Done;
    }

    private async ValueTask BindAsync(RequestContext context, RegistrarOptions options, Registration registration)
    {
        string key = domains.RecordKey(registration.AddressOfRecord);
        for (int attempt = 0; attempt < Attempts; attempt++)
        {
            LocationRecord record = await location.FetchAsync(key);
            if (context.IsOver)
            {
                return;
            }

            BindingOutcome outcome = Apply(registration, record, options);
            switch (outcome.Fault)
            {
                case BindingFault.ReplayedCSeq:
                    Refuse(context, 400, "Replayed CSeq");
                    return;
                case BindingFault.TooMany:
                    Refuse(context, 500, "Too many contacts");
                    return;
                case BindingFault.None:
                    break;
            }

            if (registration.IsFetch || await location.TryStoreAsync(key, record, outcome.Bindings))
            {
                context.Trail.Add("Registrar", "{0} has {1} bindings", registration.AddressOfRecord, outcome.Bindings.Count);
                context.Respond(200, "Registration successful", RegisterAnswer.Write, new RegisterAnswer(outcome.Bindings, registration, options, gruus));
                KeepOpen(context, registration, options);
                return;
            }
        }

        context.Trail.Add("Registrar", "refused: the location service did not take the bindings");
        context.Respond(503, null, static (ref SipWriter writer, object? _) => writer.Header(HeaderId.RetryAfter, 10));
    }

    // RFC 5627 5.1: a request for a temporary GRUU goes to that one phone. Its user part is ours to read, so it is resolved here.
    private async ValueTask<Verdict> ResolveAsync(RequestContext context)
    {
        bool secure = SipUri.TryParse(context.Request.RequestUri, out SipUri uri) && uri.IsSecure;
        SipMethod method = context.Request.Method;
        DateTimeOffset now = time.GetUtcNow();
        if (!gruus.TryOpen(uri.User, out string addressOfRecord, out string instance, out uint mark))
        {
            return Refuse(context, 404, "Unknown GRUU");
        }

        LocationRecord record = await location.FetchAsync(domains.RecordKey(addressOfRecord));
        if (context.IsOver)
        {
            return Verdict.Done;
        }

        if (!record.Bindings.Any(binding => TemporaryGruus.IsOf(binding, instance, mark)))
        {
            return Refuse(context, 404, "Unknown GRUU"); // RFC 5627 5.1, 5.3: it is invalid by now
        }

        if (FindPhone(record with { Bindings = [.. record.Bindings.Where(binding => binding.Takes(method, now))] }, addressOfRecord, instance, secure) is not { } phone)
        {
            return Refuse(context, 480, "The phone is not there");
        }

        context.Targets.Add(phone);
        context.Trail.Add("Registrar", "a temporary GRUU of {0}", addressOfRecord);
        return Verdict.Continue;
    }

    // RFC 5627 3.1.2, RFC 5626 7: the phone by whichever of its flows, the newest first.
    private static Target? FindPhone(LocationRecord record, string addressOfRecord, string instance, bool secure)
    {
        Target? phone = null;
        foreach (Binding binding in record.Bindings.OrderBy(b => b.Updated))
        {
            if (binding.InstanceId == instance && binding.Flow is null or { IsAlive: true }
                && (!secure || binding.Contact.StartsWith("sips:", StringComparison.OrdinalIgnoreCase)))
            {
                Target flow = binding.ToTarget(addressOfRecord);
                phone = phone is null ? flow : flow.FollowedBy(phone);
            }
        }

        return phone;
    }

    private bool IsForTemporaryGruu(RequestContext context) =>
        context.Targets.Count == 0 && SipUri.TryParse(context.Request.RequestUri, out SipUri uri) && uri.User.StartsWith("tgruu."u8) && uri.HasParam("gr"u8) && domains.IsServedDomain(uri.Host);

    private static void KeepOpen(RequestContext context, Registration registration, RegistrarOptions options)
    {
        if (registration.IsBehindNat && !registration.IsFetch && context.Flow is { IsReliable: false, Transport.Set: { } set })
        {
            DateTimeOffset last = registration.Contacts.Max(c => c.Remove ? registration.Now : c.Binding.Expires);
            set.KeepOpen(context.Flow, options.NatKeepaliveInterval, last - registration.Now);
        }
    }

    private static BindingOutcome Apply(Registration registration, LocationRecord record, RegistrarOptions options)
    {
        if (registration.IsFetch)
        {
            return new BindingOutcome(BindingFault.None, record.Bindings);
        }

        return registration.Stars > 0
            ? BindingRules.RemoveAll(record.Bindings, registration.CallId, registration.CSeq)
            : BindingRules.Apply(record.Bindings, registration.Contacts, registration.Now, options.MaxContactsByAor);
    }

    private static bool RequiresUnknown(SipMessage request)
    {
        foreach (ReadOnlySpan<byte> option in request.Values(HeaderId.Require))
        {
            if (!IsSupported(option))
            {
                return true;
            }
        }

        return false;
    }

    private static void WriteUnsupported(ref SipWriter writer, object? state)
    {
        foreach (ReadOnlySpan<byte> option in ((SipMessage)state!).Values(HeaderId.Require))
        {
            if (!IsSupported(option))
            {
                writer.Header(HeaderId.Unsupported, option);
            }
        }
    }

    private static bool IsSupported(ReadOnlySpan<byte> option) =>
        SipChars.EqualsIgnoreCase(option, "path"u8) || SipChars.EqualsIgnoreCase(option, "outbound"u8) || SipChars.EqualsIgnoreCase(option, "gruu"u8);

    private static Verdict Refuse(RequestContext context, int code, string reason)
    {
        context.Trail.Add("Registrar", "refused with {0}: {1}", code, reason);
        context.Respond(code, reason);
        return Verdict.Done;
    }
}

using System.Composition;
using System.Text;
using Microsoft.Extensions.Logging;
using Sip.Headers;
using Sip.Messages;
using Sip.Transports;
using Sip.Uris;

namespace Sip.B2bua.Plugins.Router;

/// <summary>
/// Decides where a request goes that wants in: to the bindings of a user of ours, or, for senders that are known, to a foreign
/// domain. Nobody else is taken anywhere: the server is no open relay.
/// </summary>
[SipModule("Router", Stage.Route, 20, Options = typeof(RouterOptions),
    Help = "Finds where a request goes: the registered phones of a user of ours, or a foreign domain for senders that are known.")]
[Shared]
internal sealed partial class RouterModule : SipModule
{
    private readonly ISettings<RouterOptions> settings;
    private readonly ICredentialStore users;
    private readonly ILocalDomains domains;
    private readonly TargetFinder finder;

    [ImportingConstructor]
    public RouterModule(
        ISettings<RouterOptions> settings, ILocationService location, ICredentialStore users, ILocalDomains domains, TimeProvider time, ILoggerFactory loggers)
    {
        this.settings = settings;
        this.users = users;
        this.domains = domains;
        finder = new TargetFinder(location, domains, time);
        diverter = new Diverter(finder, domains);
        lateCalls = new LateCalls(location, domains, finder);
        diversions = new DiversionsFile(settings, time, loggers.CreateLogger("Router"));
    }

    public override ValueTask<Verdict> OnRequestAsync(RequestContext context)
    {
        // A REGISTER that the registrar has left is for nobody here; targets that a module before has found stand.
        if (context.Request.Method == SipMethod.Register || context.Targets.Count > 0)
        {
            return new(Verdict.Continue);
        }

        ReadOnlySpan<byte> requestUri = context.Request.RequestUri;
        if (context.Called is { } called)
        {
            return FindUserAsync(context, called, SipUri.TryParse(requestUri, out SipUri asked) && asked.IsSecure);
        }

        if (!SipUri.TryParse(requestUri, out SipUri uri) || !AddressOfRecord.TryRead(uri, out string addressOfRecord))
        {
            return new(IsSip(requestUri)
                ? Refuse(context, 400, "Malformed Request-URI", "refused: the Request-URI cannot be read")
                : Refuse(context, 416, null, "refused: the Request-URI is no SIP URI"));
        }

        if (!domains.IsServedDomain(uri.Host) || FollowsRoute(context))
        {
            return new(GoAbroad(context, uri));
        }

        return IsGruu(uri, out string instance)
            ? FindInstanceAsync(context, addressOfRecord, instance, uri.IsSecure)
            : FindUserAsync(context, addressOfRecord, uri.IsSecure);
    }

    private async ValueTask<Verdict> FindUserAsync(RequestContext context, string addressOfRecord, bool secure)
    {
        RouterOptions options = settings.Value;
        context.Fork = options.Rules;
        bool isCall = context.Request.Method == SipMethod.Invite;
        RouterCall? call = isCall ? Begin(context, options, addressOfRecord, secure) : null;
        if (call is not null && !TryDivertAtOnce(context, call, options))
        {
            return Refuse(context, 482, "Too many diversions", "refused: the call was diverted {0} times", call.Diversions);
        }

        TargetFinder.Search search = new(context.Targets, context.Trail, secure, isCall && options.ForkLate) 
        {
            IsMessage = context.Request.Method == SipMethod.Message,
            Addresses = IsKept(context.Request, options) ? [] : null,
        };
        TargetFinder.Found found = call is { Hops.Count: > 0 } ? TargetFinder.Found.Nothing : await FindListedAsync(context, search);
        if (found == TargetFinder.Found.Nothing)
        {
            found = call is null ? await finder.AddAsync(search, addressOfRecord) : await diverter.AddAsync(call, search);
        }

        AddressOfRecord.Split(addressOfRecord, out string user, out string domain);
        while (found == TargetFinder.Found.Nothing && call is not { Hops.Count: > 0 } && options.ParentDomainFallback && TryGoUp(ref domain))
        {
            found = await finder.AddAsync(search, user.Length > 0 ? $"{user}@{domain}" : domain);
        }

        if (isCall && options is { AllowTargetFactorization: true, ForkLate: false })
        {
            SharedRoutes.Join(context, addressOfRecord);
        }

        AddStaticTargets(context, options);
        AddFallback(context, options);
        string last = call?.Address ?? addressOfRecord;
        string? known = context.Targets.Count > 0 ? last : await FindKnownAsync(last, options.ParentDomainFallback && call is not { Hops.Count: > 0 });
        bool isKnown = known is not null;
        if (context.Targets.Count == 0 && call is not null && isKnown
            && diverter.FollowFailure(call, options, diversions.Current, 480, context.Trail) == Diverter.Outcome.Diverted)
        {
            await diverter.AddAsync(call, search);
        }

        if (context.IsOver)
        {
            return Verdict.Done;
        }

        if (known is not null && !secure && FindKeptAddress(context, search, found, known) is { } kept)
        {
            context.LateDelivery = options.LateDeliveryTo(kept);
        }

        if (context.Targets.Count > 0 || context.LateDelivery is not null)
        {
            context.Trail.Add("Router", "{0} targets for {1}", context.Targets.Count, addressOfRecord);
            if (call is not null)
            {
                Remember(context, call, options);
            }

            return Verdict.Continue;
        }

        switch (found)
        {
            case TargetFinder.Found.OnlyInsecure:
                context.Trail.Add("Router", "refused: the request is for sips, and {0} has no secure binding", addressOfRecord);
                context.Respond(480, null, WriteSipsNotAllowed, context);
                return Verdict.Done;

            case TargetFinder.Found.OnlyLoops:
                return Refuse(context, 482, null, "refused: the bindings of {0} lead back to this server", addressOfRecord);

            case TargetFinder.Found.Nothing:
            case TargetFinder.Found.Targets:
                break;
        }

        return isKnown
            ? Refuse(context, 480, null, "refused: {0} is not registered", last)
            : Refuse(context, 404, null, "refused: there is no user {0}", last);
    }

    // The address itself, or the same user's at a parent domain where only that is known. Null: there is no such user.
    private async ValueTask<string?> FindKnownAsync(string addressOfRecord, bool goesUp)
    {
        AddressOfRecord.Split(addressOfRecord, out string user, out string domain);
        do
        {
            if (await MachineUsers.FindAsync(users, domains, user, domain) is not null)
            {
                return user.Length > 0 ? $"{user}@{domain}" : domain;
            }
        }
        while (goesUp && TryGoUp(ref domain));
        return null;
    }

    // Nothing leaves to a host that a stranger names, neither in the Request-URI nor in a Route.
    private Verdict GoAbroad(RequestContext context, in SipUri uri)
    {
        List<string> route = ReadForeignRoute(context.Request);
        bool isKnown = context.Identity is not null || context.IsTrusted;
        if (route.Count == 0 && domains.IsUs(uri.Host, uri.Port))
        {
            return !isKnown
                ? Refuse(context, 403, "Unknown caller", "refused: nobody knows who asks, and this server is named, but its name is not in reg-domains")
                : Refuse(context, 482, null, "refused: the Request-URI names this server, but its domain is not in reg-domains");
        }

        if (!isKnown)
        {
            return Refuse(context, 403, "Relaying denied", "refused: the domain is foreign and nobody knows who asks");
        }

        Target target = new(Encoding.UTF8.GetString(context.Request.RequestUri)) { Route = route };
        context.Targets.Add(target);
        context.Trail.Add("Router", route.Count > 0 ? "to {0} by its own Route, for {1}" : "to the foreign domain of {0}, for {1}", target, context.Identity ?? "a trusted source");
        return Verdict.Continue;
    }

    // Flexisip's resolve-routes. A stranger's Route leads nowhere: it is looked up like every other.
    private bool FollowsRoute(RequestContext context) => !settings.Value.ResolveRoutes && context.Request.Has(HeaderId.Route)
        && (context.Identity is not null || context.IsTrusted) && ReadForeignRoute(context.Request).Count > 0;

    // The Routes behind those that only led the request here.
    private List<string> ReadForeignRoute(SipMessage request)
    {
        List<string> route = [];
        foreach (ReadOnlySpan<byte> value in request.Values(HeaderId.Route))
        {
            bool ours = NameAddr.TryParse(value, out NameAddr hop) && SipUri.TryParse(hop.Uri, out SipUri uri) && domains.IsUs(uri.Host, uri.Port);
            if (route.Count > 0 || !ours)
            {
                route.Add(Encoding.UTF8.GetString(value));
            }
        }

        return route;
    }

    private static void AddStaticTargets(RequestContext context, RouterOptions options)
    {
        if (options.StaticTargets.Count == 0 || context.Request.Method is not (SipMethod.Invite or SipMethod.Message))
        {
            return;
        }

        foreach (string uri in options.StaticTargets)
        {
            context.Targets.Add(new Target(uri));
            context.Trail.Add("Router", "added {0} from static-targets", uri);
        }
    }

    private static void AddFallback(RequestContext context, RouterOptions options)
    {
        if (options.FallbackRoute.Length == 0 || !context.Meets(options.FallbackRouteFilter))
        {
            return;
        }

        string text = options.FallbackRoute.Trim('<', '>');
        string route = text.StartsWith("sip", StringComparison.OrdinalIgnoreCase) && text.Contains(':', StringComparison.Ordinal) ? text : "sip:" + text;
        if (CameFrom(context.Request, route))
        {
            context.Trail.Add("Router", "fallback-route left out: the request came from there");
            return;
        }

        context.Targets.Add(new Target(Encoding.UTF8.GetString(context.Request.RequestUri)) { Route = [$"<{WithLr(route)}>"], Q = 0, Headers = ListedTargets.Again(context) });
        context.Trail.Add("Router", "added fallback-route {0}, to be tried last", route);
    }

    private static string WithLr(string route) => route.Contains(";lr", StringComparison.OrdinalIgnoreCase) ? route : route + ";lr";

    private static bool CameFrom(SipMessage request, string route)
    {
        if (!SipUri.TryParse(Encoding.UTF8.GetBytes(route), out SipUri uri))
        {
            return false;
        }

        foreach (ReadOnlySpan<byte> value in request.Values(HeaderId.Via))
        {
            if (Via.TryParse(value, out Via via)
                && (SipChars.EqualsIgnoreCase(via.Host, uri.Host) || SipChars.EqualsIgnoreCase(via.Received, uri.Host)))
            {
                return true;
            }
        }

        return false;
    }

    // One label up; not into a top-level domain, and not out of an address.
    private static bool TryGoUp(ref string domain)
    {
        int dot = domain.IndexOf('.', StringComparison.Ordinal);
        if (dot < 0 || !domain.AsSpan(dot + 1).Contains('.') || char.IsAsciiDigit(domain[^1]) || domain[^1] == ']')
        {
            return false;
        }

        domain = domain[(dot + 1)..];
        return true;
    }

    // RFC 5630 7.1 and 20.43: warn-code, our address, text.
    private static void WriteSipsNotAllowed(ref SipWriter writer, object? state)
    {
        Span<byte> host = stackalloc byte[SipAddress.MaxTextLength];
        SipAddress local = ((RequestContext)state!).Flow.Local;
        writer.BeginHeader(HeaderId.Warning);
        writer.Append("380 "u8);
        writer.Append(local.IsNone ? "sip"u8 : host[..local.FormatHost(host)]);
        writer.Append(" \"SIPS not allowed\""u8);
        writer.EndHeader();
    }

    private static bool IsSip(ReadOnlySpan<byte> uri) =>
        SipUris.Scheme(uri) is var scheme && (SipChars.EqualsIgnoreCase(scheme, "sip"u8) || SipChars.EqualsIgnoreCase(scheme, "sips"u8));

    private static Verdict Refuse(RequestContext context, int code, string? reason, string why, object? what = null)
    {
        context.Trail.Add("Router", why, what);
        context.Respond(code, reason);
        return Verdict.Done;
    }
}

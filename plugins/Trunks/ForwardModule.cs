using System.Composition;
using System.Text;
using Microsoft.Extensions.Logging;
using Sip.Messages;
using Sip.Uris;

namespace Sip.B2bua.Plugins.Trunks;

/// <summary>
/// Sends what is for no user of ours where the routes file says, and what comes from a trunk to a user of ours. A call of a trunk never
/// goes to another trunk, and strangers get nowhere: whoever could would call at the server owner's cost.
/// </summary>
[SipModule("Forward", Stage.Route, 10, Options = typeof(ForwardOptions),
    Help = "Decides which calls go to trunks or other servers, by a file of routes, and which user gets the calls of a trunk.")]
[Shared]
internal sealed class ForwardModule : SipModule, IDisposable
{
    private static readonly ForkRules Failover = new() { IsFailover = true };

    private readonly TrunkBook book;
    private readonly ILocalDomains domains;
    private readonly ILocationService location;
    private readonly ICredentialStore users;
    private readonly IConditions conditions;
    private readonly WatchedFile file;
    private IReadOnlyList<Route> routes = [];

    [ImportingConstructor]
    public ForwardModule(
        TrunkBook book,
        ISettings<ForwardOptions> settings,
        ILocalDomains domains,
        ILocationService location,
        ICredentialStore users,
        IConditions conditions,
        TimeProvider time,
        ILoggerFactory loggers)
    {
        this.book = book;
        this.domains = domains;
        this.location = location;
        this.users = users;
        this.conditions = conditions;
        file = new WatchedFile(() => settings.Value.RoutesConfigPath, TryTake, time, loggers.CreateLogger("Forward"));
    }

    public override ValueTask StartAsync(CancellationToken cancellation)
    {
        file.Start();
        return ValueTask.CompletedTask;
    }

    public void Dispose() => file.Dispose();

    public override ValueTask<Verdict> OnRequestAsync(RequestContext context)
    {
        if (context.Request.Method == SipMethod.Register || context.Targets.Count > 0 || context.Called is not null)
        {
            return new(Verdict.Continue);
        }

        TrunkTable trunks = book.Current;
        if (!trunks.IsEmpty && context.Identity is not null && trunks.FindByIdentity(context.Identity) is { } from)
        {
            return TakeFromAsync(context, from);
        }

        IReadOnlyList<Route> all = Volatile.Read(ref routes);
        bool isKnown = context.Identity is not null || context.IsTrusted;
        return all.Count == 0 || !isKnown || !SipUri.TryParse(context.Request.RequestUri, out SipUri uri) || uri.User.IsEmpty
            ? new(Verdict.Continue)
            : SendAsync(context, all, AddressOfRecord.TryRead(uri, out string address) && domains.IsServedDomain(uri.Host) ? address : null);
    }

    private async ValueTask<Verdict> SendAsync(RequestContext context, IReadOnlyList<Route> all, string? ours)
    {
        if ((ours is not null && await IsUserAsync(ours)) || context.IsOver)
        {
            return Verdict.Continue;
        }

        foreach (Route route in all)
        {
            if (context.Meets(route.Condition))
            {
                return Go(context, route);
            }
        }

        return Verdict.Continue;
    }

    private Verdict Go(RequestContext context, Route route)
    {
        ReadOnlySpan<byte> user = SipUri.TryParse(context.Request.RequestUri, out SipUri uri) ? uri.User : default;
        float q = 1;
        foreach (string way in route.Ways)
        {
            if (Route.TrunkOf(way) is not { } name)
            {
                string hop = way.Contains(";lr", StringComparison.OrdinalIgnoreCase) ? way : way + ";lr";
                context.Targets.Add(new Target(Encoding.UTF8.GetString(context.Request.RequestUri)) { Route = [$"<{hop}>"], Q = q });
                q -= TrunkTargets.Step;
            }
            else if (book.Current.Find(name) is { } trunk)
            {
                TrunkTargets.Add(context, trunk, user, ref q);
            }
        }

        if (context.Targets.Count == 0)
        {
            context.Trail.Add("Forward", "refused: no way of the route in line {0} is of use now", route.Line);
            context.Respond(503, "No trunk is available", static (ref SipWriter writer, object? _) => writer.Header(HeaderId.RetryAfter, 30));
            return Verdict.Done;
        }

        context.Fork = Failover;
        context.Trail.Add("Forward", "{0} ways by the route in line {1}", context.Targets.Count, route.Line);
        return Verdict.Continue;
    }

    // Which user of ours a trunk asks for: by its number, by his name, or the one who gets all the others.
    private async ValueTask<Verdict> TakeFromAsync(RequestContext context, Trunk trunk)
    {
        TrunkSettings settings = trunk.Settings;
        if (context.Request.Method == SipMethod.Invite && trunk.IsFull)
        {
            context.Trail.Add("Forward", "refused: trunk {0} has its {1} calls", settings.Name, settings.MaxCalls);
            context.Respond(503, "Too many calls of this trunk");
            return Verdict.Done;
        }

        string asked = UserOf(context.Request.RequestUri);
        string addressed = UserOf(NameAddrUri(context.Request.To));
        string? called = await FindAsync(settings, asked) ?? (addressed == asked ? null : await FindAsync(settings, addressed));
        if (context.IsOver)
        {
            return Verdict.Done;
        }

        called ??= settings.DefaultUser.Length > 0 ? settings.DefaultUser : null;
        if (called is null)
        {
            context.Trail.Add("Forward", "refused: trunk {0} asks for {1}, who is no user here, and has no default-user", settings.Name, asked);
            context.Respond(404);
            return Verdict.Done;
        }

        context.Called = called;
        context.Peer = settings.Name;
        context.Trail.Add("Forward", "trunk {0} calls {1}", settings.Name, called);
        return Verdict.Continue;
    }

    private async ValueTask<string?> FindAsync(TrunkSettings settings, string user)
    {
        if (settings.Numbers.TryGetValue(user, out string? address))
        {
            return address;
        }

        address = $"{user}@{settings.LocalDomain}";
        return settings.LocalDomain.Length > 0 && user.Length > 0 && await IsUserAsync(address) ? address : null;
    }

    private async ValueTask<bool> IsUserAsync(string address)
    {
        AddressOfRecord.Split(address, out string user, out string domain);
        return await MachineUsers.FindAsync(users, domains, user, domain) is not null || (await location.FetchAsync(domains.RecordKey(address))).Bindings.Count > 0;
    }

    private bool TryTake(string path, string text, List<string> mistakes)
    {
        if (RouteFileReader.Read(path, text, conditions, name => book.Current.Find(name) is not null, mistakes) is not { } read)
        {
            return false;
        }

        Volatile.Write(ref routes, read);
        return true;
    }

    private static ReadOnlySpan<byte> NameAddrUri(ReadOnlySpan<byte> value) => Headers.NameAddr.TryParse(value, out Headers.NameAddr address) ? address.Uri : value;

    private static string UserOf(ReadOnlySpan<byte> uri)
    {
        if (!AddressOfRecord.TryRead(uri, out string address))
        {
            return "";
        }

        AddressOfRecord.Split(address, out string user, out _);
        return user;
    }
}

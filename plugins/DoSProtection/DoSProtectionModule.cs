using System.Composition;
using Microsoft.Extensions.Logging;

namespace Sip.B2bua.Plugins.DoSProtection;

/// <summary>Ignores, for a time, sources that send more new requests than anybody needs.</summary>
[SipModule("DoSProtection", Stage.Guard, 10, Options = typeof(DoSProtectionOptions),
    Help = "Ignores for a while every source address that sends too many requests. Unlike Flexisip it needs no firewall and no privilege.")]
[Shared]
internal sealed partial class DoSProtectionModule : SipModule
{
    private readonly SourceTable sources = new();
    private readonly ISettings<DoSProtectionOptions> settings;
    private readonly TimeProvider time;
    private readonly ILogger log;
    private volatile AddressList whiteList = AddressList.Empty;

    [ImportingConstructor]
    public DoSProtectionModule(ISettings<DoSProtectionOptions> settings, TimeProvider time, ILoggerFactory loggers)
    {
        this.settings = settings;
        this.time = time;
        log = loggers.CreateLogger("DoSProtection");
    }

    public override async ValueTask StartAsync(CancellationToken cancellation)
    {
        await LoadWhiteListAsync(cancellation);
        settings.Changed += () => _ = LoadWhiteListAsync(CancellationToken.None);
    }

    public override ValueTask<Verdict> OnRequestAsync(RequestContext context)
    {
        if (context.Flow.Remote.IsLoopback || whiteList.Contains(context.Flow.Remote))
        {
            return new(Verdict.Continue);
        }

        DoSProtectionOptions options = settings.Value;
        long now = (long)time.GetElapsedTime(0).TotalMilliseconds;
        SourceState state = sources.Count(context.Flow.Remote, now, options);
        if (state == SourceState.Fine)
        {
            return new(Verdict.Continue);
        }

        if (state == SourceState.JustBanned)
        {
            Banned(log, context.Flow.Remote.ToString(), options.PacketRateLimit, options.BanTime);
        }

        context.Trail.Add("DoSProtection", "dropped: the source is banned");
        context.Drop();
        return new(Verdict.Done);
    }

    private async Task LoadWhiteListAsync(CancellationToken cancellation)
    {
        AddressList list = await AddressList.ResolveAsync(settings.Value.WhiteList, cancellation);
        foreach (string name in list.Unresolved)
        {
            NoAddress(log, name);
        }

        whiteList = list;
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Source} sends more than {Limit} requests a second and is ignored for {Time}")]
    private static partial void Banned(ILogger log, string source, int limit, TimeSpan time);

    [LoggerMessage(Level = LogLevel.Warning, Message = "white-list: no address found for {Name}")]
    private static partial void NoAddress(ILogger log, string name);
}

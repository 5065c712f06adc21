using System.Runtime.CompilerServices;
using System.Text;
using Sip.Headers;
using Sip.Messages;

namespace Sip.B2bua.Plugins.Router;

/// <content>Calls that go on after their first targets were found: late phones, diversions, redirections.</content>
internal sealed partial class RouterModule : IDisposable
{
    private readonly ConditionalWeakTable<RequestContext, RouterCall> begun = [];
    private readonly Diverter diverter;
    private readonly LateCalls lateCalls;
    private readonly DiversionsFile diversions;

    public override ValueTask StartAsync(CancellationToken cancellation)
    {
        diversions.Start();
        return ValueTask.CompletedTask;
    }

    public void Dispose() => diversions.Dispose();

    public override void OnCallBegun(ICall call, RequestContext request)
    {
        if (request.Fork is not { } rules || !(rules.IsLate || rules.MayDivert) || !begun.TryGetValue(request, out RouterCall? remembered))
        {
            return;
        }

        begun.Remove(request);
        call.SetState(this, remembered);
        if (rules.IsLate)
        {
            HashSet<string> addresses = [remembered.Address];
            addresses.UnionWith(request.Targets.Select(target => target.AddressOfRecord).OfType<string>());
            remembered.Late = lateCalls.Add(call, [.. addresses], remembered.IsSecure);
        }
    }

    public override void OnCallEnded(ICall call)
    {
        if (call.GetState(this) is RouterCall { Late: { } late })
        {
            lateCalls.Remove(late);
        }
    }

    public override async ValueTask OnFailureAsync(FailureContext context)
    {
        if (context.RedirectedBy is { } phone)
        {
            await diverter.AddRedirectedAsync(context, phone);
        }
        else if (CallOf(context) is { } call
            && diverter.FollowFailure(call, settings.Value, diversions.Current, context.Code, context.Call.Trail) == Diverter.Outcome.Diverted)
        {
            await diverter.AddAsync(call, new TargetFinder.Search(context.Targets, context.Call.Trail, call.IsSecure, IsLate: false));
        }
    }

    private RouterCall? CallOf(FailureContext context) =>
        context.Transfer is not { } transfer ? context.Call.GetState(this) as RouterCall
        : begun.TryGetValue(transfer, out RouterCall? call) ? call : null;

    // Null: nothing of the call has to be remembered.
    private static RouterCall? Begin(RequestContext context, RouterOptions options, string addressOfRecord, bool secure)
    {
        bool isDiverted = context.Request.Has(HeaderId.Diversion) || (context.IsTrusted && context.Request.Has(HeaderId.HistoryInfo));
        return isDiverted || options.Rules.IsLate || options.Rules.MayDivert
            ? new RouterCall(addressOfRecord, secure) { Carried = ReadCarried(context), Diversions = CountDiversions(context.Request) }
            : null;
    }

    // False: it was diverted too often, here or before it came here.
    private bool TryDivertAtOnce(RequestContext context, RouterCall call, RouterOptions options)
    {
        if (call.Diversions > options.MaxCallDiversions)
        {
            return false;
        }

        Diverter.Outcome outcome = options.EnableCallDiversions
            ? diverter.FollowAlways(call, options, diversions.Current, context.Trail)
            : Diverter.Outcome.None;
        return outcome != Diverter.Outcome.TooMany;
    }

    private void Remember(RequestContext context, RouterCall call, RouterOptions options)
    {
        if (call.Hops.Count > 0)
        {
            context.Fork = options.Rules with { IsForwarded = true };
        }

        if (options.Rules.IsLate || options.Rules.MayDivert)
        {
            begun.AddOrUpdate(context, call);
        }
    }

    // RFC 5806: who diverted the call before. Only a trusted sender is believed; strangers could put words into anybody's mouth.
    private static List<(string Name, string Value)> ReadCarried(RequestContext context)
    {
        if (!context.IsTrusted || !(context.Request.Has(HeaderId.Diversion) || context.Request.Has(HeaderId.HistoryInfo)))
        {
            return [];
        }

        List<(string, string)> carried = [];
        foreach (ReadOnlySpan<byte> value in context.Request.Values(HeaderId.Diversion))
        {
            carried.Add(("Diversion", Encoding.UTF8.GetString(value)));
        }

        foreach (ReadOnlySpan<byte> value in context.Request.Values(HeaderId.HistoryInfo))
        {
            carried.Add(("History-Info", Encoding.UTF8.GetString(value)));
        }

        return carried;
    }

    // RFC 5806 section 7.2: each entry stands for counter diversions, or one. Whoever sends it, a circle must end.
    private static int CountDiversions(SipMessage request)
    {
        int count = 0;
        foreach (ReadOnlySpan<byte> value in request.Values(HeaderId.Diversion))
        {
            bool counted = NameAddr.TryParse(value, out NameAddr entry) & entry.Params.TryGet("counter"u8, out ReadOnlySpan<byte> text);
            count += counted && System.Buffers.Text.Utf8Parser.TryParse(text, out int counter, out _) && counter is > 0 and < 1000 ? counter : 1;
        }

        return count;
    }
}

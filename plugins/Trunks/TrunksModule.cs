using System.Composition;
using System.Text;
using Sip.Messages;
using Sip.Uris;

namespace Sip.B2bua.Plugins.Trunks;

/// <summary>Keeps the trunks registered and watched, knows their calls by where they come from, and counts them.</summary>
[SipModule("Trunks", Stage.Authenticate, 5, Options = typeof(TrunksOptions),
    Help = "Registers at other SIP servers, and knows the calls that come from them. Which calls go to them [module::Forward] says.")]
[Shared]
internal sealed class TrunksModule : SipModule
{
    private readonly TrunkBook book;

    [ImportingConstructor]
    public TrunksModule(TrunkBook book) => this.book = book;

    public override ValueTask StartAsync(CancellationToken cancellation)
    {
        book.Start();
        return ValueTask.CompletedTask;
    }

    public override ValueTask OnStoppingAsync(CancellationToken cancellation) => new(book.StopAsync());

    public override ValueTask<Verdict> OnRequestAsync(RequestContext context)
    {
        // A REGISTER is a phone's, also where it comes from a trunk's address.
        TrunkTable trunks = book.Current;
        if (trunks.IsEmpty || context.Request.Method == SipMethod.Register || context.Identity is not null)
        {
            return new(Verdict.Continue);
        }

        string user = SipUri.TryParse(context.Request.RequestUri, out SipUri uri) ? Encoding.UTF8.GetString(uri.User) : "";
        string? party = context.Targets is [{ Identity: { } identity }] ? identity : null; // a REFER with Target-Dialog knows its target before any module
        if (trunks.FindBySource(context.Flow.Remote, user, party) is { } trunk)
        {
            context.Identity = trunk.Settings.Identity;
            context.Peer = trunk.Settings.Name;
            context.IsTrusted = trunk.Settings.IsTrusted;
            context.Trail.Add("Trunks", "from trunk {0}, known by its address", trunk.Settings.Name);
        }

        return new(Verdict.Continue);
    }

    public override void OnCallBegun(ICall call, RequestContext request)
    {
        if (request.Identity is not null && book.Current.FindByIdentity(request.Identity) is { } trunk && trunk.TryEnter())
        {
            StateOf(call).HoldIncoming(trunk);
        }
    }

    public override void OnBranch(BranchContext context)
    {
        if (context.Call is not { } call || context.Target.Peer is null || book.Current.Find(context.Target.Peer) is not { } trunk)
        {
            return;
        }

        if (trunk.TryEnter())
        {
            StateOf(call).Hold(context.Target, trunk);
        }
        else
        {
            context.Drop($"trunk {trunk.Settings.Name} has its {trunk.Settings.MaxCalls} calls");
        }
    }

    public override void OnLegEnded(ICall call, ILeg leg)
    {
        if (leg.Target is { Peer: not null } target && call.GetState(this) is TrunkCall held)
        {
            held.Release(target);
        }
    }

    public override void OnCallEnded(ICall call) => (call.GetState(this) as TrunkCall)?.ReleaseAll();

    private TrunkCall StateOf(ICall call)
    {
        if (call.GetState(this) is not TrunkCall held)
        {
            held = new TrunkCall();
            call.SetState(this, held);
        }

        return held;
    }
}

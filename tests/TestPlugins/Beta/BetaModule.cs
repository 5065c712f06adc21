using System.Composition;
using Words;

namespace Sip.B2bua.Plugins.Beta;

[SipModule("Beta", Stage.Guard, 20, Help = "Says what version 2 of its library says.")]
[Shared]
internal sealed class BetaModule : SipModule
{
    public override ValueTask<Verdict> OnRequestAsync(RequestContext context)
    {
        context.Trail.Add("Beta", Greeting.Text);
        return new(Verdict.Continue);
    }
}

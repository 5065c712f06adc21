using System.Composition;
using Words;

namespace Sip.B2bua.Plugins.Alpha;

[SipModule("Alpha", Stage.Serve, 10, Help = "Says what version 1 of its library says.")]
[Shared]
internal sealed class AlphaModule : SipModule
{
    public override ValueTask<Verdict> OnRequestAsync(RequestContext context)
    {
        context.Trail.Add("Alpha", Greeting.Text);
        return new(Verdict.Continue);
    }
}

namespace Sip.B2bua.Tests.Modules;

/// <summary>A module that does what a test says.</summary>
internal sealed class ScriptedModule(Func<RequestContext, ValueTask<Verdict>> onRequest) : SipModule
{
    public int Calls { get; private set; }

    public override ValueTask<Verdict> OnRequestAsync(RequestContext context)
    {
        Calls++;
        return onRequest(context);
    }
}

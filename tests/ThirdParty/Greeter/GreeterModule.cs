using System.Composition;
using Sip.B2bua;
using Sip.Messages;

namespace Greeter;

public sealed class GreeterOptions
{
    [Setting("What an OPTIONS request is answered with.")]
    public string Greeting { get; set; } = "Hello";
}

[SipModule("Greeter", Stage.Serve, 5, Options = typeof(GreeterOptions), Help = "Answers OPTIONS with a greeting."), Shared]
[method: ImportingConstructor]
public sealed class GreeterModule(ISettings<GreeterOptions> settings) : SipModule
{
    public override ValueTask<Verdict> OnRequestAsync(RequestContext context)
    {
        if (context.Request.Method != SipMethod.Options)
        {
            return new(Verdict.Continue);
        }

        context.Respond(200, settings.Value.Greeting);
        return new(Verdict.Done);
    }
}

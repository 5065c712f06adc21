using System.Composition;
using System.Text;
using Sip.Messages;

namespace Sip.B2bua.FunctionalTests;

/// <summary>Throws where the header X-Fault of a request says so.</summary>
[SipModule("Faulty", Stage.Observe, 10), Shared]
internal sealed class FaultyModule : SipModule
{
    public override ValueTask<Verdict> OnRequestAsync(RequestContext context) => Fault(context.Request) == "request"
        ? throw new InvalidOperationException("as asked")
        : new(Verdict.Continue);

    private static string Fault(SipMessage request)
    {
        for (int i = 0; i < request.HeaderCount; i++)
        {
            if (request.NameAt(i).SequenceEqual("X-Fault"u8))
            {
                return Encoding.UTF8.GetString(request.ValueAt(i));
            }
        }

        return "";
    }
}

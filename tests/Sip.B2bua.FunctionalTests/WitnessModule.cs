using System.Composition;

namespace Sip.B2bua.FunctionalTests;

/// <summary>Writes down what a module is told of calls that are over, in a line each. The whole server runs on the test's own thread.</summary>
[SipModule("Witness", Stage.Observe, 10), Shared]
internal sealed class WitnessModule : SipModule
{
    [ThreadStatic]
    private static List<string>? legs;

    [ThreadStatic]
    private static List<CallRecord>? calls;

    /// <summary>The legs that ended: number, party, code, and whether it had a Call-ID.</summary>
    public static List<string> Legs => legs ??= [];

    /// <summary>The calls that ended, or that never came to be.</summary>
    public static List<CallRecord> Calls => calls ??= [];

    public static void Clear()
    {
        Legs.Clear();
        Calls.Clear();
    }

    public override void OnLegEnded(ICall call, ILeg leg) =>
        Legs.Add($"{leg.Number} {leg.Party} {leg.Code}{(leg.CallId.Length > 0 ? "" : " no Call-ID")}");

    public override void OnCallEnded(ICall call) => Calls.Add(call.ToRecord());

    public override void OnRefused(RequestContext context, int code, string reason) =>
        Calls.Add(new CallRecord { Id = "", Caller = "", Called = "", Code = code, Reason = reason });
}

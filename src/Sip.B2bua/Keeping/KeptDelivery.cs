using System.Text;
using Sip.B2bua.Calls;
using Sip.Messages;
using Sip.Transactions;

namespace Sip.B2bua.Keeping;

/// <summary>A kept message on its way to one device that has registered.</summary>
internal sealed class KeptDelivery(CallCore core, SipMessage message, Target target, IReadOnlyList<(string Name, string Value)> headers)
    : TargetTry(core, target, SipMethod.Message)
{
    private readonly CallCore core = core;
    private readonly TaskCompletionSource<(int, string)> answer = new();

    /// <summary>Sends it, and waits on the loop for the final answer; 408 or 503 when none comes.</summary>
    public async Task<(int Code, string Reason)> SendAsync()
    {
        await StartAsync();
        return await answer.Task;
    }

    protected override SipBuffer Write(ClientTransaction client) =>
        StandaloneWriter.Write(core, message, default, ProvenSender.OfKept(message), client, Current, Breadth.Of(message, 1).Share(0), headers);

    protected override void OnFinal(int code, SipMessage? response) => answer.TrySetResult(
        (code, response is null ? "No answer" : Encoding.UTF8.GetString(response.ReasonPhrase)));
}

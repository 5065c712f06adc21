using System.Text;
using Sip.B2bua.Modules;
using Sip.Messages;
using Sip.Transactions;

namespace Sip.B2bua.Calls;

/// <summary>
/// One request outside a call (MESSAGE, OPTIONS, PUBLISH …): a server transaction on the asking side, a client transaction of
/// our own to each target. The first 2xx goes back, else the best of the failures.
/// </summary>
internal sealed class StandaloneRequest : IServerTransactionUser
{
    private readonly CallCore core;
    private readonly PendingRequest pending;
    private readonly ServerTransaction transaction;
    private readonly Breadth breadth;
    private readonly SkippedModules skipped;
    private readonly ProvenSender sender;
    private BestResponse best;
    private int open;
    private bool answered;

    private StandaloneRequest(CallCore core, PendingRequest pending)
    {
        this.core = core;
        this.pending = pending;
        sender = ProvenSender.Of(pending);
        breadth = Breadth.Of(pending.Request, pending.Targets.Count);
        transaction = pending.Keep();
        transaction.User = this;
        skipped = core.Modules.Skip(pending.Request);
    }

    /// <summary>Carries the request to each of its targets.</summary>
    public static void Start(CallCore core, PendingRequest pending)
    {
        StandaloneRequest request = new(core, pending);
        Target[] targets = [.. pending.Targets];
        request.open = targets.Length;
        for (int i = 0; i < targets.Length; i++)
        {
            request.Try(targets[i], i);
        }
    }

    /// <inheritdoc/>
    public void OnCancel(ServerTransaction t, SipMessage cancel)
    {
        // 9.2: only an INVITE can be cancelled.
    }

    /// <inheritdoc/>
    public void OnFailed(ServerTransaction t, TransactionFailure why) => answered = true;

    /// <inheritdoc/>
    public void OnTerminated(ServerTransaction t) => answered = true;

    private async void Try(Target target, int number)
    {
        try
        {
            SipMethod method = pending.Request.Method;
            if (core.Branches.Allow(null, pending.Trail, target, method, skipped, out IReadOnlyList<(string, string)> headers))
            {
                await new Branch(this, target, number, headers).StartAsync();
            }
            else
            {
                OnFinal(480, "No target is left", null);
            }
        }
        catch (Exception e)
        {
            // No exception leaves an async void: this target counts as failed.
            core.Fault("standalone request", e);
            OnFinal(500, "Server error", null);
        }
    }

    private void OnFinal(int code, string reason, SipMessage? response)
    {
        open--;
        if (answered)
        {
            return;
        }

        if (code is >= 200 and < 300 or >= 600)
        {
            Answer(code, reason, response); // the first success, or a failure that speaks for all: 16.7 step 5
            return;
        }

        best.Add(code, reason, response);
        if (open == 0)
        {
            Answer(CallCore.CodeForCaller(best.Code), best.Reason, best.Message);
        }
    }

    private void Answer(int code, string reason, SipMessage? response)
    {
        answered = true;
        core.Carried(pending, code, reason);
        transaction.Respond(core.WriteBridgedResponse(transaction, code, reason, response), code);
        transaction.LetGo();
        best.Clear();
    }

    /// <summary>The request to one target.</summary>
    private sealed class Branch(StandaloneRequest request, Target target, int number, IReadOnlyList<(string Name, string Value)> headers)
        : TargetTry(request.core, target, request.pending.Request.Method)
    {
        protected override bool IsWanted => !request.answered;

        protected override SipBuffer Write(ClientTransaction client) => StandaloneWriter.Write(
            request.core, request.pending.Request, request.pending.Flow, request.sender, client, Current, request.breadth.Share(number), headers, Authentication);

        protected override void OnFinal(int code, SipMessage? response)
        {
            if (response is not null)
            {
                request.core.Branches.OnResponse(null, Current, response, request.skipped);
            }

            request.OnFinal(
                response is null && code == 503 ? 480 : code,
                response is null ? "Target not reachable" : Encoding.UTF8.GetString(response.ReasonPhrase),
                response);
        }
    }
}

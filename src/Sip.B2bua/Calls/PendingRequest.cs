using System.Text;
using Sip.Messages;
using Sip.Transactions;
using Sip.Transports;

namespace Sip.B2bua.Calls;

/// <summary>
/// A request outside any dialog on its way through the modules. It has no transaction until something must be kept of it: an
/// answer to somebody we know, a module that waits, or a call (RFC 3261 §8.2.7).
/// </summary>
internal sealed class PendingRequest : RequestContext, IServerTransactionUser
{
    private readonly CallCore core;
    private readonly SipMessage request;
    private readonly Flow flow;
    private bool isOver;

    public PendingRequest(CallCore core, SipMessage request, in Flow flow)
    {
        this.core = core;
        this.request = request;
        this.flow = flow;
    }

    /// <inheritdoc/>
    public override SipMessage Request => request;

    /// <inheritdoc/>
    public override ref readonly Flow Flow => ref flow;

    /// <inheritdoc/>
    public override EventLoop Loop => core.Loop.EventLoop;

    /// <inheritdoc/>
    public override bool IsOver => isOver;

    /// <summary>The transaction, once there is one.</summary>
    public ServerTransaction? Transaction { get; private set; }

    /// <summary>The leg that the INVITE is to replace (RFC 3891), or null.</summary>
    public Leg? Replaced { get; set; }

    /// <summary>Whether it may replace a ringing call only.</summary>
    public bool ReplacesEarlyOnly { get; set; }

    /// <summary>The leg whose party has sent this REFER, as its Target-Dialog says (RFC 4538); else null.</summary>
    public Leg? Referrer { get; set; }

    /// <summary>Makes the transaction: from now on retransmissions are absorbed.</summary>
    public ServerTransaction Keep() => Transaction ??= core.Loop.Transactions.CreateServer(request, flow, this);

    /// <inheritdoc/>
    public override void Respond(int code, string? reason = null, HeaderWriter? headers = null, object? state = null)
    {
        if (isOver)
        {
            return;
        }

        isOver = true;
        if (code is >= 300 and not (401 or 407))
        {
            Trail.Add("Answer", "{0} {1}", code, reason);
        }

        if (Transaction is null && (Identity is not null || (request.Method == SipMethod.Register && code < 300)))
        {
            // Somebody we know, or a binding that was changed: the request when it is repeated must get the same answer.
            Keep();
        }

        ReadOnlySpan<byte> phrase = reason is null ? default : Encoding.UTF8.GetBytes(reason);
        if (Transaction is { } transaction)
        {
            SipWriter writer = new(core.Buffers);
            ResponseWriter.Begin(ref writer, request, flow, code, phrase, transaction.LocalTag);
            transaction.Respond(core.FinishOwn(ref writer, headers, state), code);
            transaction.LetGo();
        }
        else
        {
            SipWriter writer = core.Loop.Transactions.Stateless.Begin(request, flow, code, phrase);
            core.Loop.Transactions.Stateless.Send(request, flow, core.FinishOwn(ref writer, headers, state));
        }

        core.Refused(this, code, reason);
    }

    /// <inheritdoc/>
    public override bool Meets(BooleanExpression condition) => condition.Evaluate(core.Variables.Of(request));

    /// <inheritdoc/>
    public override void Drop() => isOver = true;

    /// <inheritdoc/>
    public void OnCancel(ServerTransaction t, SipMessage cancel) => Respond(487);

    /// <inheritdoc/>
    public void OnFailed(ServerTransaction t, TransactionFailure why) => isOver = true;

    /// <inheritdoc/>
    public void OnTerminated(ServerTransaction t)
    {
    }

    /// <summary>The caller as it names itself, for the trail and the log.</summary>
    public string Sender => Encoding.UTF8.GetString(CallCore.UriOf(request.From));
}

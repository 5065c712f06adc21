namespace Sip.B2bua;

/// <summary>
/// The base class of every module. Override what you need; everything does nothing by default. All of it runs on the event
/// loop of the call or request at hand, one thing at a time, so a module needs no lock for what belongs to one call; what it
/// shares between calls must be an immutable value or a concurrent table. Do not block: await. After an await look at the
/// call again, a CANCEL may have come meanwhile. Whatever it throws becomes 500 for that one request.
/// </summary>
public abstract class SipModule
{
    /// <summary>Called once before the first request; throw to stop the start, the message says why.</summary>
    public virtual ValueTask StartAsync(CancellationToken cancellation) => ValueTask.CompletedTask;

    /// <summary>
    /// Called once when the server is about to stop, while requests can still be sent: take back what others keep of us, such as a
    /// registration. The server waits two seconds at most.
    /// </summary>
    public virtual ValueTask OnStoppingAsync(CancellationToken cancellation) => ValueTask.CompletedTask;

    /// <summary>Called once after the last request.</summary>
    public virtual ValueTask StopAsync(CancellationToken cancellation) => ValueTask.CompletedTask;

    /// <summary>A request that wants in: outside any dialog, in stage order.</summary>
    public virtual ValueTask<Verdict> OnRequestAsync(RequestContext context) => new(Verdict.Continue);

    /// <summary>A request has become a call; called before its first target is tried, for as long as the request is at hand.</summary>
    public virtual void OnCallBegun(ICall call, RequestContext request)
    {
    }

    /// <summary>
    /// A call is about to fail (asked only where <see cref="ForkRules.MayDivert"/> says so), or a target redirects it: add other
    /// targets to <see cref="FailureContext.Targets"/>, or leave it.
    /// </summary>
    public virtual ValueTask OnFailureAsync(FailureContext context) => ValueTask.CompletedTask;

    /// <summary>
    /// A request outside any dialog was answered with a failure before it became a call: by a module, or for want of a target. Challenges
    /// (401, 407) are not told.
    /// </summary>
    /// <param name="context">The request; no longer to be answered.</param>
    /// <param name="code">The status code, 400 or more.</param>
    /// <param name="reason">The reason phrase.</param>
    public virtual void OnRefused(RequestContext context, int code, string reason)
    {
    }

    /// <summary>A request is about to leave to one target: add headers, or drop the target.</summary>
    public virtual void OnBranch(BranchContext context)
    {
    }

    /// <summary>A response came from a target, before its leg acts on it.</summary>
    public virtual void OnResponse(ResponseContext context)
    {
    }

    /// <summary>An offer or answer crosses from one leg to another.</summary>
    public virtual void OnSession(SessionContext context)
    {
    }

    /// <summary>A request inside the call that changes nothing of it (INFO, MESSAGE) crosses from one leg to another: answer it, or leave it.</summary>
    public virtual void OnMessage(MessageContext context)
    {
    }

    /// <summary>One leg has told the other something. A failure is that of a call or of an offer, never that of a mere message in the call.</summary>
    public virtual void OnCallEvent(ICall call, ILeg from, CallEventKind kind)
    {
    }

    /// <summary>A leg is over, and with it what was kept for it: a fork's loser, or either side of a call at its end.</summary>
    public virtual void OnLegEnded(ICall call, ILeg leg)
    {
    }

    /// <summary>The call is over; called once for each call that got as far as two legs.</summary>
    public virtual void OnCallEnded(ICall call)
    {
    }
}

using Sip.Messages;

namespace Sip.B2bua.Calls;

/// <summary>A call that is about to fail, or a target of it that redirects, as the modules see it.</summary>
/// <param name="call">The call.</param>
/// <param name="asker">Who wants to reach the targets: the caller, or a transfer.</param>
/// <param name="code">The status code.</param>
/// <param name="redirectedBy">The target that redirects, or null.</param>
/// <param name="contacts">Where to.</param>
internal sealed class FailingCall(Call call, Asker asker, int code, Target? redirectedBy, IReadOnlyList<Target> contacts) : FailureContext
{
    private readonly SipMessage request = Retained(asker.Request); // the caller may be answered while a module waits
    private readonly ProvenSender sender = asker is TransferStep step ? step.Transfer.Sender : new ProvenSender(call.Identity, call.IsCallerTrusted, call.Privacy);

    /// <inheritdoc/>
    public override ICall Call => call;

    /// <inheritdoc/>
    public override SipMessage Request => request;

    /// <inheritdoc/>
    public override RequestContext? Transfer => (asker as TransferStep)?.Transfer.Request;

    /// <inheritdoc/>
    public override string? Identity => sender.Identity;

    /// <inheritdoc/>
    public override bool IsTrusted => sender.IsTrusted;

    /// <inheritdoc/>
    public override int Code => code;

    /// <inheritdoc/>
    public override Target? RedirectedBy => redirectedBy;

    /// <inheritdoc/>
    public override IReadOnlyList<Target> Contacts => contacts;

    /// <inheritdoc/>
    public override bool IsOver => asker is TransferStep step ? step.Transfer.Fork is null || call.IsEnding : !call.IsRinging;

    /// <summary>The modules are done with it.</summary>
    public void Release() => request.Release();

    private static SipMessage Retained(SipMessage message)
    {
        message.Retain();
        return message;
    }
}

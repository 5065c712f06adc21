using Sip.Messages;

namespace Sip.B2bua.Calls;

/// <summary>A call that is about to fail, or a target of it that redirects, as the modules see it.</summary>
internal sealed class FailingCall(Call call, int code, Target? redirectedBy, IReadOnlyList<Target> contacts) : FailureContext
{
    /// <inheritdoc/>
    public override ICall Call => call;

    /// <inheritdoc/>
    public override SipMessage Request => call.A.Invite!.Request;

    /// <inheritdoc/>
    public override string? Identity => call.Identity;

    /// <inheritdoc/>
    public override bool IsTrusted => call.IsCallerTrusted;

    /// <inheritdoc/>
    public override int Code => code;

    /// <inheritdoc/>
    public override Target? RedirectedBy => redirectedBy;

    /// <inheritdoc/>
    public override IReadOnlyList<Target> Contacts => contacts;

    /// <inheritdoc/>
    public override bool IsOver => !call.IsRinging;
}

using Sip.Messages;

namespace Sip.B2bua;

/// <summary>
/// A call that is about to fail, or a target that sends the caller elsewhere (3xx): a module may name other targets, which are then
/// tried. Valid until the module's <see cref="SipModule.OnFailureAsync"/> is complete.
/// </summary>
public abstract class FailureContext
{
    /// <summary>The call.</summary>
    public abstract ICall Call { get; }

    /// <summary>The INVITE of the caller, or of a transfer.</summary>
    public abstract SipMessage Request { get; }

    /// <summary>The request by which a transfer has found the targets, as the modules have seen it; null when the caller itself has called them.</summary>
    public virtual RequestContext? Transfer => null;

    /// <summary>The address-of-record that was proven to be the caller's, or null.</summary>
    public abstract string? Identity { get; }

    /// <summary>True when the caller is trusted by address.</summary>
    public abstract bool IsTrusted { get; }

    /// <summary>The status code that the caller would get; of a target that redirects: 300 to 399.</summary>
    public abstract int Code { get; }

    /// <summary>The target that redirects; null when all targets have failed.</summary>
    public abstract Target? RedirectedBy { get; }

    /// <summary>Where a target redirects to, best first, each with its URI and q only; empty when all targets have failed.</summary>
    public abstract IReadOnlyList<Target> Contacts { get; }

    /// <summary>The targets to be tried now; what is left empty fails.</summary>
    public List<Target> Targets { get; } = new(1);

    /// <summary>True once nobody waits for other targets any more: look again after every await.</summary>
    public abstract bool IsOver { get; }
}

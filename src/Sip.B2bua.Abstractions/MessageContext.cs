using Sip.Messages;

namespace Sip.B2bua;

/// <summary>
/// A request inside a call that changes nothing of the call, such as INFO, on its way from one leg to the other. Valid only during the
/// call that hands it over.
/// </summary>
public abstract class MessageContext
{
    /// <summary>The call.</summary>
    public abstract ICall Call { get; }

    /// <summary>The leg that it came from.</summary>
    public abstract ILeg From { get; }

    /// <summary>The leg that it goes to.</summary>
    public abstract ILeg To { get; }

    /// <summary>The request.</summary>
    public abstract SipMessage Request { get; }

    /// <summary>True once a module has answered it: it goes no further.</summary>
    public abstract bool IsAnswered { get; }

    /// <summary>Answers it here, so that the other leg never sees it.</summary>
    /// <param name="code">The status code, 200 to 699.</param>
    /// <param name="reason">The reason phrase; null for the code's own.</param>
    public abstract void Answer(int code, string? reason = null);
}

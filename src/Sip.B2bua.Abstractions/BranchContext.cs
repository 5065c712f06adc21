using Sip.Messages;

namespace Sip.B2bua;

/// <summary>A request about to leave to one target.</summary>
public abstract class BranchContext
{
    /// <summary>The method of the request.</summary>
    public abstract SipMethod Method { get; }

    /// <summary>The target it goes to.</summary>
    public abstract Target Target { get; }

    /// <summary>The call it belongs to; null for a request outside calls.</summary>
    public abstract ICall? Call { get; }

    /// <summary>Who decided what, and why.</summary>
    public abstract DecisionTrail Trail { get; }

    /// <summary>Adds a header to the request; line breaks in either text are refused.</summary>
    public abstract void AddHeader(string name, string value);

    /// <summary>Leaves this target out.</summary>
    /// <param name="reason">Why, for the trail.</param>
    public abstract void Drop(string reason);
}

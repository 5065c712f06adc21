using Sip.Messages;

namespace Sip.B2bua;

/// <summary>A response from a target, before its leg acts on it. Valid only during the call that hands it over.</summary>
public abstract class ResponseContext
{
    /// <summary>The response.</summary>
    public abstract SipMessage Response { get; }

    /// <summary>The target it came from.</summary>
    public abstract Target Target { get; }

    /// <summary>The call it belongs to; null for a request outside calls.</summary>
    public abstract ICall? Call { get; }
}

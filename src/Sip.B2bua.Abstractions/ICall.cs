namespace Sip.B2bua;

/// <summary>A call: leg A, and leg B or, while several targets ring, the candidates for it. Only to be used on its own loop.</summary>
public interface ICall
{
    /// <summary>Names the call in logs, records and the console.</summary>
    string Id { get; }

    /// <summary>The calling party's leg.</summary>
    ILeg A { get; }

    /// <summary>The called party's leg: the one that answered, else the first that still rings; null before and after.</summary>
    ILeg? B { get; }

    /// <summary>True once a target has answered.</summary>
    bool IsAnswered { get; }

    /// <summary>Who decided what, and why.</summary>
    DecisionTrail Trail { get; }

    /// <summary>The loop it lives on.</summary>
    EventLoop Loop { get; }

    /// <summary>
    /// Adds a target while others ring, such as a phone that has registered just now. False: the call is answered or over, its rules
    /// do not allow it (<see cref="ForkRules.IsLate"/>), it has as many targets as it may have, or this device was asked already.
    /// </summary>
    /// <param name="target">The target. One of a device that is being tried at another place takes the place of that.</param>
    bool TryAddTarget(Target target) => false;

    /// <summary>What there is to tell of the call so far, complete in <see cref="SipModule.OnCallEnded"/>. Made anew at each call.</summary>
    CallRecord ToRecord();

    /// <summary>Ends the call: CANCEL, BYE or a final response, whatever each leg needs.</summary>
    /// <param name="code">Status code for a caller who has no answer yet.</param>
    /// <param name="reason">Why, for the trail, the record and the Reason header.</param>
    void End(int code, string reason);

    /// <summary>What <paramref name="module"/> keeps for this call; null until it sets it.</summary>
    object? GetState(SipModule module);

    /// <summary>Keeps <paramref name="state"/> for <paramref name="module"/> until the call ends.</summary>
    void SetState(SipModule module, object? state);
}

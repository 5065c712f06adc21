namespace Sip.B2bua;

/// <summary>What one leg tells the other. This small language is all that crosses a call.</summary>
public enum CallEventKind
{
    /// <summary>The calling party wants a call (INVITE).</summary>
    Try,

    /// <summary>A target has news before it answers (18x), with or without early media.</summary>
    Progress,

    /// <summary>A target has answered (2xx), or a change of the session was accepted.</summary>
    Answer,

    /// <summary>A party wants to change the session (re-INVITE, UPDATE).</summary>
    Offer,

    /// <summary>The 2xx was acknowledged; carries the answer of a late offer (ACK).</summary>
    Acknowledge,

    /// <summary>A request inside the call that changes nothing of it (INFO, MESSAGE, OPTIONS).</summary>
    Message,

    /// <summary>A party wants to be replaced or to send the other somewhere (REFER).</summary>
    Transfer,

    /// <summary>The attempt, or the change of the session, has failed, with a status code.</summary>
    Fail,

    /// <summary>The calling party gave up (CANCEL), or a party hung up (BYE).</summary>
    End,
}

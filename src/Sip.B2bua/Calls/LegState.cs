namespace Sip.B2bua.Calls;

/// <summary>How far a leg has come.</summary>
internal enum LegState : byte
{
    /// <summary>Its INVITE has no final answer yet.</summary>
    Trying,

    /// <summary>Answered: there is a session.</summary>
    Confirmed,

    /// <summary>The call is over for it; a BYE is on its way, or waits for the ACK that must come first.</summary>
    Ending,

    /// <summary>Nothing more is said or heard.</summary>
    Over,
}

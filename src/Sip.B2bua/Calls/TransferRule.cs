namespace Sip.B2bua.Calls;

/// <summary>What becomes of a party's wish to send the other party somewhere else (REFER).</summary>
internal enum TransferRule
{
    /// <summary>The server makes the transfer: it calls the new party and joins it with the one that stays.</summary>
    Server,

    /// <summary>The other phone is asked to do it.</summary>
    Pass,

    /// <summary>603.</summary>
    Refuse,
}

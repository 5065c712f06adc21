namespace Sip.B2bua.Calls;

/// <summary>How far a transfer has come.</summary>
internal enum TransferState : byte
{
    /// <summary>The new party is looked for and called.</summary>
    Calling,

    /// <summary>It is there; the party that stays is told.</summary>
    Joining,

    /// <summary>Both know of each other; the new one is told what the party that stays has said last.</summary>
    Settling,

    /// <summary>It has gone again; the party that stays is given back to the transferor.</summary>
    Restoring,

    /// <summary>The two are connected; the transferor is to hang up.</summary>
    Done,

    /// <summary>Nothing is left of it.</summary>
    Over,
}

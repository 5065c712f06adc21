namespace Sip.Dialogs;

/// <summary>What the sequence number of a request inside a dialog says (RFC 3261 12.2.2).</summary>
public enum CSeqVerdict : byte
{
    /// <summary>It is the next one, or one after a gap.</summary>
    InOrder,

    /// <summary>It is lower than one seen before: the request gets a 500.</summary>
    OutOfOrder,
}

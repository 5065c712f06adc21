namespace Sip.Transactions;

/// <summary>Why a transaction ended without what it waited for.</summary>
public enum TransactionFailure : byte
{
    /// <summary>Timer B, F or H fired, or nothing final followed a CANCEL: treat it as 408 (RFC 3261 8.1.3.1).</summary>
    Timeout,

    /// <summary>The flow failed: treat it as 503 (RFC 3261 8.1.3.1).</summary>
    Transport,
}

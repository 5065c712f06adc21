namespace Sip.Transactions;

/// <summary>
/// The lengths of the transaction timers, in milliseconds (RFC 3261 17 and table 4, RFC 6026). One object for a stack, so that
/// stacks with different values live side by side.
/// </summary>
public sealed record SipTimerValues
{
    /// <summary>The values that the RFC recommends.</summary>
    public static SipTimerValues Default { get; } = new();

    /// <summary>The estimated round-trip time; RFC 3261 17.1.1.1: 500 ms.</summary>
    public int T1 { get; init; } = 500;

    /// <summary>The longest interval between retransmissions of a non-INVITE request or an INVITE response: 4 s.</summary>
    public int T2 { get; init; } = 4000;

    /// <summary>The longest time that a message stays in the network: 5 s.</summary>
    public int T4 { get; init; } = 5000;

    /// <summary>64*T1: timers B, F, H, J, L and M, and the wait for a final response after a CANCEL (9.1).</summary>
    public int TransactionTimeout => 64 * T1;

    /// <summary>Timer D: at least 32 s whatever our T1, because the T1 of the other side is not known (17.1.1.2).</summary>
    public int TimerD => Math.Max(32000, 64 * T1);

    /// <summary>How long the user may take before the transaction itself sends the 100 (17.2.1).</summary>
    public int TryingDelay { get; init; } = 200;
}

namespace Sip.Transactions;

/// <summary>The timers and limits of a loop's transactions.</summary>
public sealed record TransactionOptions
{
    /// <summary>The lengths of the timers.</summary>
    public SipTimerValues Timers { get; init; } = SipTimerValues.Default;

    /// <summary>
    /// With how many transactions on a loop new calls and requests are refused with 503; what belongs to something that exists goes
    /// on. 100,000 take some 300 MB while their messages are kept, and some 60 MB once they are answered.
    /// </summary>
    public int MaxTransactions { get; init; } = 100_000;
}

namespace Sip.Tests.Transactions;

/// <summary>A clock that stands still until a test moves it.</summary>
internal sealed class ManualTime : TimeProvider
{
    private long timestamp = 7_000_000;

    // Not a round number on purpose: code that takes timestamps for ticks fails.
    public override long TimestampFrequency => 7_000_000;

    public override long GetTimestamp() => timestamp;

    public void Move(long milliseconds) => timestamp += milliseconds * 7_000;
}

namespace Sip.Benchmarks;

/// <summary>A clock that stands still until it is moved.</summary>
internal sealed class StepClock : TimeProvider
{
    /// <summary>The time.</summary>
    public double Milliseconds { get; set; }

    public override long TimestampFrequency => 1_000_000;

    public override long GetTimestamp() => (long)(Milliseconds * 1000);
}

namespace Sip.B2bua.Tests.Modules;

/// <summary>A clock that goes on when it is told to.</summary>
internal sealed class ManualTime : TimeProvider
{
    private long now;

    public override long TimestampFrequency => 1000;

    public override long GetTimestamp() => now;

    public void Advance(int milliseconds) => now += milliseconds;
}

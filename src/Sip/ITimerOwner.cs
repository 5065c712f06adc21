namespace Sip;

/// <summary>Whoever is told when a <see cref="LoopTimer"/> is due.</summary>
public interface ITimerOwner
{
    /// <summary>Called once on the owner's loop when the timer is due; it is no longer set then and may be set again.</summary>
    /// <param name="timer">The timer, whose <see cref="LoopTimer.Kind"/> tells the owner's timers apart.</param>
    void OnTimer(LoopTimer timer);
}

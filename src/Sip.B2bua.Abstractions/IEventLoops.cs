namespace Sip.B2bua;

/// <summary>The event loops, for a module that has work of its own to do: post it to one of them. They turn once all modules have started.</summary>
public interface IEventLoops
{
    /// <summary>All of them; their number never changes.</summary>
    IReadOnlyList<EventLoop> All { get; }
}

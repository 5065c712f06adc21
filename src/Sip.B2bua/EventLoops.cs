namespace Sip.B2bua;

/// <summary>The event loops of the server, for modules.</summary>
internal sealed class EventLoops(IReadOnlyList<EventLoop> all) : IEventLoops
{
    /// <inheritdoc/>
    public IReadOnlyList<EventLoop> All => all;
}

namespace Sip.B2bua.TestKit;

/// <summary>Something that the network brings to a loop.</summary>
internal sealed class Arrival(Action what) : LoopWork
{
    protected override void Run(EventLoop loop) => what();
}

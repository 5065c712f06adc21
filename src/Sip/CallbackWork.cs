namespace Sip;

/// <summary>What an <c>await</c> posts to its loop: a callback and its state.</summary>
internal sealed class CallbackWork(SendOrPostCallback callback, object? state) : LoopWork
{
    // An await's continuation is an Action on its state machine, whose type is the name of the method that awaited.
    public override string Name => state is Action { Target: { } target }
        ? target.GetType().ToString()
        : callback.Method.Name;

    protected internal override void Run(EventLoop loop) => callback(state);
}

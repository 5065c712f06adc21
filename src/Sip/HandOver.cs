using System.Collections.Concurrent;
using Sip.Messages;
using Sip.Transports;

namespace Sip;

/// <summary>A message on its way to the loop that owns it; used again and again, so handing over allocates nothing.</summary>
internal sealed class HandOver(ConcurrentQueue<HandOver> home) : LoopWork
{
    private const int MaxAtHome = 4096;

    private SipLoop? owner;
    private Flow flow;
    private SipBuffer? message;
    private bool stream;
    private bool settled;

    public override string Name => "message from another loop";

    /// <summary>Sends the message off; false if the owner's inbox is full: then it is dropped, as the network might have.</summary>
    public bool TrySend(SipLoop to, in Flow by, SipBuffer what, bool isStream, bool isSettled)
    {
        owner = to;
        flow = by;
        message = what;
        stream = isStream;
        settled = isSettled;
        what.Retain();
        if (to.EventLoop.TryPost(this))
        {
            return true;
        }

        what.Release();
        GoHome();
        return false;
    }

    protected internal override void Run(EventLoop loop)
    {
        SipBuffer what = message!;
        try
        {
            owner!.Handle(flow, what, stream, settled);
        }
        finally
        {
            what.Release();
            GoHome();
        }
    }

    private void GoHome()
    {
        owner = null;
        message = null;
        flow = default;
        if (home.Count < MaxAtHome)
        {
            home.Enqueue(this);
        }
    }
}

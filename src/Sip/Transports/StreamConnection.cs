using Sip.Messages;

namespace Sip.Transports;

/// <summary>One connection of a stream transport.</summary>
public abstract class StreamConnection
{
    /// <summary>Makes it.</summary>
    protected StreamConnection(SipTransport transport) => Transport = transport;

    /// <summary>The transport.</summary>
    public SipTransport Transport { get; }

    /// <summary>The loop.</summary>
    public EventLoop Loop => Transport.Loop;

    /// <summary>Whether it is open or being opened.</summary>
    public abstract bool IsAlive { get; }

    /// <summary>Sends a message, or queues it; on the connection's loop. Takes its own count.</summary>
    public abstract void Send(SipBuffer message);

    internal abstract void SendFromOtherLoop(SipBuffer message, TransportSet from);
}

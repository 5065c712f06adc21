using Sip.Messages;

namespace Sip.Transports;

/// <summary>A message on its way to a connection of another loop. Lent by the sender's set and given back to it.</summary>
internal sealed class ConnectionSend : LoopWork
{
    private StreamConnection? connection;
    private SipBuffer? message;
    private TransportSet? from;

    public void Prepare(StreamConnection to, SipBuffer what, TransportSet sender)
    {
        what.Retain();
        connection = to;
        message = what;
        from = sender;
    }

    /// <summary>Gives everything back without having run.</summary>
    public void Abandon()
    {
        TransportSet sender = from!;
        message!.Release();
        connection = null;
        message = null;
        from = null;
        sender.ReturnSend(this);
    }

    protected internal override void Run(EventLoop loop)
    {
        try
        {
            connection!.Send(message!);
        }
        finally
        {
            Abandon();
        }
    }
}

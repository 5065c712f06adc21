using Sip.Messages;

namespace Sip.Transports;

/// <summary>The messages of one connection that wait to be sent, with how far the first of them has left already.</summary>
internal sealed class SendQueue
{
    private readonly Queue<SipBuffer> waiting = new(0);
    private int sentOfFirst;

    /// <summary>How many octets wait.</summary>
    public int Bytes { get; private set; }

    /// <summary>How many octets were ever added.</summary>
    public long TotalBytes { get; private set; }

    /// <summary>What is to be sent next, of one message.</summary>
    public ReadOnlySpan<byte> Next => waiting.Peek().Span[sentOfFirst..];

    public void Add(SipBuffer message)
    {
        message.Retain();
        waiting.Enqueue(message);
        Bytes += message.Length;
        TotalBytes += message.Length;
    }

    public void Sent(int count)
    {
        Bytes -= count;
        sentOfFirst += count;
        if (sentOfFirst == waiting.Peek().Length)
        {
            sentOfFirst = 0;
            waiting.Dequeue().Release();
        }
    }

    public void Clear()
    {
        while (waiting.TryDequeue(out SipBuffer? message))
        {
            message.Release();
        }

        Bytes = 0;
        sentOfFirst = 0;
    }
}

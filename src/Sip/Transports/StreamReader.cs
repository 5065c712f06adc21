using System.Diagnostics;
using Sip.Messages;

namespace Sip.Transports;

/// <summary>
/// Cuts what one connection receives into messages. Octets that make up whole messages are never kept; only the beginning of an
/// unfinished one is, so an idle connection holds no buffer.
/// </summary>
internal sealed class StreamReader(StreamConnection connection, SipLimits limits)
{
    private SipFramer framer;
    private SipBuffer? partial;

    public void Receive(ReadOnlySpan<byte> octets)
    {
        if (partial is null)
        {
            KeepRest(octets[Cut(octets)..]);
            return;
        }

        Append(octets);

        // A handler may close the connection, which releases the buffer that is still being read here.
        SipBuffer joined = partial;
        joined.Retain();
        int used = Cut(joined.Span);
        if (used > 0 && connection.IsOpen)
        {
            partial = null;
            KeepRest(joined.Span[used..]);
            joined.Release();
        }

        joined.Release();
    }

    public void Close()
    {
        partial?.Release();
        partial = null;
    }

    /// <summary>Delivers every whole message; returns how many octets were used.</summary>
    private int Cut(ReadOnlySpan<byte> octets)
    {
        int at = 0;
        while (at < octets.Length && connection.IsOpen)
        {
            SipFrame frame = framer.Next(octets[at..], limits);
            switch (frame.Kind)
            {
                case SipFrameKind.NeedMore:
                    return at;
                case SipFrameKind.Message:
                    connection.DeliverFramed(octets.Slice(at, frame.Length));
                    break;
                case SipFrameKind.KeepAlive:
                    SipMeter.KeepAlives.Add(1);
                    if (frame.IsPing)
                    {
                        connection.AnswerPing();
                    }
                    else if (connection.TakePong())
                    {
                        framer.TakePong();
                    }

                    break;
                case SipFrameKind.Error:
                    connection.FramingFailed(octets[at..], frame.Error);
                    return octets.Length;
                default:
                    throw new UnreachableException();
            }

            at += frame.Length;
        }

        return at;
    }

    private void KeepRest(ReadOnlySpan<byte> rest)
    {
        if (!connection.IsOpen)
        {
            return;
        }

        if (rest.IsEmpty)
        {
            connection.PartialEnded();
            return;
        }

        // Only ever called where something new begins: behind a message, or where nothing was kept before.
        connection.PartialBegan();
        partial = connection.Loop.Buffers.Rent(Math.Max(rest.Length, 2048));
        rest.CopyTo(partial.Array);
        partial.Length = rest.Length;
    }

    private void Append(ReadOnlySpan<byte> octets)
    {
        SipBuffer old = partial!;
        int length = old.Length + octets.Length;
        if (length > old.Array.Length)
        {
            // At least doubled, so that a message in small pieces is copied a bounded number of times. The framer bounds the whole.
            partial = connection.Loop.Buffers.Rent(Math.Max(length, old.Array.Length * 2));
            old.Span.CopyTo(partial.Array);
            partial.Length = old.Length;
            old.Release();
        }

        octets.CopyTo(partial!.Array.AsSpan(partial.Length));
        partial.Length = length;
    }
}

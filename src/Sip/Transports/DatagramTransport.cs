using Sip.Messages;

namespace Sip.Transports;

/// <summary>
/// What every datagram transport does with what it receives: keep-alives are answered or swallowed here, everything else goes to
/// the sink.
/// </summary>
public abstract class DatagramTransport : SipTransport
{
    /// <summary>Makes a transport that is not open yet.</summary>
    /// <param name="point">What it listens on.</param>
    /// <param name="set">The transports of its loop.</param>
    protected DatagramTransport(ListeningPoint point, TransportSet set)
        : base(point, set)
    {
    }

    /// <inheritdoc/>
    public override ReadOnlySpan<byte> ViaToken => "UDP"u8;

    /// <inheritdoc/>
    public override ReadOnlySpan<byte> UriToken => "udp"u8;

    /// <inheritdoc/>
    public override bool IsReliable => false;

    /// <inheritdoc/>
    public override bool TryGetFlow(in SipAddress remote, out Flow flow)
    {
        flow = new Flow(this, default, remote);
        return remote.Port != 0;
    }

    /// <summary>Takes one datagram that came.</summary>
    /// <param name="datagram">Its octets, valid during the call.</param>
    /// <param name="remote">Where it came from.</param>
    /// <param name="local">The address it came to, or none if not known; its port does not matter.</param>
    protected void Receive(ReadOnlySpan<byte> datagram, in SipAddress remote, in SipAddress local)
    {
        if (IsKeepAlive(datagram))
        {
            SipMeter.KeepAlives.Add(1);
            return;
        }

        Flow flow = new(this, local.IsNone ? local : local.WithPort(Point.Port), remote);
        if (StunMessage.IsStun(datagram))
        {
            SipMeter.KeepAlives.Add(1);
            AnswerStun(flow, datagram);
            return;
        }

        SipBuffer buffer = Loop.Buffers.Rent(datagram.Length);
        datagram.CopyTo(buffer.Array);
        buffer.Length = datagram.Length;
        Set.Deliver(flow, buffer, stream: false);
    }

    // RFC 5626 3.5.1's double CRLF, empty datagrams, and the few zeros or blanks that phones send in their place.
    private static bool IsKeepAlive(ReadOnlySpan<byte> datagram) =>
        datagram.Length <= 4 && datagram.IndexOfAnyExcept("\r\n\0 "u8) < 0;

    private void AnswerStun(in Flow flow, ReadOnlySpan<byte> request)
    {
        SipBuffer answer = Loop.Buffers.Rent(StunMessage.MaxAnswerLength);
        answer.Length = StunMessage.WriteAnswer(request, flow.Remote, answer.Array);
        if (answer.Length > 0)
        {
            Send(flow, answer);
        }

        answer.Release();
    }
}

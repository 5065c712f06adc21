using Sip.Messages;
using Sip.Transports;

namespace Sip.Benchmarks;

/// <summary>A datagram transport without a socket: what is sent is only counted.</summary>
/// <param name="point">What it stands for.</param>
/// <param name="set">The loop's transports.</param>
/// <param name="onSent">Called for each message.</param>
internal sealed class DiscardingTransport(ListeningPoint point, TransportSet set, Action? onSent = null) : SipTransport(point, set)
{
    public override ReadOnlySpan<byte> ViaToken => "UDP"u8;

    public override ReadOnlySpan<byte> UriToken => "udp"u8;

    public override bool IsReliable => false;

    public override void Open()
    {
    }

    public override void Close()
    {
    }

    public override void Send(in Flow to, SipBuffer message)
    {
        onSent?.Invoke();
        message.Release();
    }

    public override bool TryGetFlow(in SipAddress remote, out Flow found)
    {
        found = new Flow(this, Point.Address, remote);
        return true;
    }
}

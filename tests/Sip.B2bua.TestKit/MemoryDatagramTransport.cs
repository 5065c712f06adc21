using Sip.Messages;
using Sip.Transports;

namespace Sip.B2bua.TestKit;

/// <summary>The server's UDP on a <see cref="MemoryNetwork"/>.</summary>
internal sealed class MemoryDatagramTransport(MemoryNetwork network, ListeningPoint point, TransportSet set) : DatagramTransport(point, set)
{
    public override void Open() => network.Opened(this);

    public override void Close() => network.Closed(this);

    public override void Send(in Flow flow, SipBuffer message)
    {
        SipAddress from = flow.Local.IsNone ? Point.Address : flow.Local.WithPort(Point.Port);
        Flow way = flow;
        network.CarryDatagram(from, flow.Remote, message.Span.ToArray(), () => Set.ReportFailure(new Flow(this, default, way.Remote)));
    }

    public void Arrived(SipAddress from, SipAddress to, byte[] octets) => Loop.Post(new Arrival(() => Receive(octets, from, to)));
}

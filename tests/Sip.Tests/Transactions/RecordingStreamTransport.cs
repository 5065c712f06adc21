using System.Text;
using Sip.Transports;

namespace Sip.Tests.Transactions;

/// <summary>A stream transport whose connections keep what is written to them.</summary>
internal sealed class RecordingStreamTransport(ListeningPoint point, TransportSet set) : StreamTransport(point, set)
{
    public List<RecordingConnection> Opened { get; } = [];

    public override ReadOnlySpan<byte> ViaToken => "TCP"u8;

    public override ReadOnlySpan<byte> UriToken => "tcp"u8;

    public override void Open()
    {
    }

    public RecordingConnection Accept(SipAddress remote) => new(this, remote);

    protected override StreamConnection Connect(in SipAddress remote, string peerName)
    {
        RecordingConnection connection = new(this, remote);
        Opened.Add(connection);
        return connection;
    }
}

/// <summary>An open connection that keeps what is written to it.</summary>
internal sealed class RecordingConnection(StreamTransport transport, SipAddress remote)
    : StreamConnection(transport, transport.Point.Address, remote, accepted: true)
{
    public StringBuilder Written { get; } = new();

    protected override int Write(ReadOnlySpan<byte> octets)
    {
        Written.Append(Encoding.UTF8.GetString(octets));
        return octets.Length;
    }

    protected override void WaitForRoom(bool wait)
    {
    }

    protected override void ShutdownWrite()
    {
    }

    protected override void CloseStream()
    {
    }
}

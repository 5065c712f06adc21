using System.Net;
using System.Net.Sockets;
using Sip.Transports;

namespace Sip.Interop;

/// <summary>One datagram at a time through <see cref="System.Net.Sockets"/>, for systems other than Linux.</summary>
internal sealed class PortableDatagramSocket(IPEndPoint bind, int bufferBytes) : DatagramSocket(bind, bufferBytes)
{
    private readonly byte[] received = new byte[65536];
    private int length;
    private SipAddress remote;
    private SipAddress local;

    public override int BatchSize => 1;

    public override int Receive()
    {
        if (Socket.Available == 0 && !Socket.Poll(0, SelectMode.SelectRead))
        {
            return -Libc.EAgain;
        }

        try
        {
            EndPoint from = new IPEndPoint(Socket.AddressFamily == AddressFamily.InterNetwork ? IPAddress.Any : IPAddress.IPv6Any, 0);
            SocketFlags flags = SocketFlags.None;
            length = Socket.ReceiveMessageFrom(received, ref flags, ref from, out IPPacketInformation packet);
            remote = SipAddress.From((IPEndPoint)from);
            local = packet.Address is null ? default : SipAddress.From(packet.Address, 0);
            return 1;
        }
        catch (SocketException e)
        {
            return e.SocketErrorCode == SocketError.WouldBlock ? -Libc.EAgain : -(int)e.SocketErrorCode;
        }
    }

    public override ReadOnlySpan<byte> Datagram(int index, out SipAddress remote, out SipAddress local)
    {
        remote = this.remote;
        local = this.local;
        return received.AsSpan(0, length);
    }

    public override int Send(DatagramQueue queue)
    {
        ref readonly OutgoingDatagram first = ref queue[0];
        try
        {
            Socket.SendTo(first.Message.Span, SocketFlags.None, first.Remote.ToEndPoint());
            return 1;
        }
        catch (SocketException e)
        {
            return e.SocketErrorCode == SocketError.WouldBlock ? -Libc.EAgain : -(int)e.SocketErrorCode;
        }
    }

    public override bool TryReadError(out SipAddress remote, out int error)
    {
        remote = default;
        error = 0;
        return false;
    }

    protected override void Prepare(IPEndPoint bind) => Socket.SetSocketOption(
        bind.AddressFamily == AddressFamily.InterNetwork ? SocketOptionLevel.IP : SocketOptionLevel.IPv6,
        SocketOptionName.PacketInformation,
        true);
}

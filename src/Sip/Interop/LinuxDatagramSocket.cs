using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using Sip.Transports;

namespace Sip.Interop;

/// <summary>
/// Datagrams by <c>recvmmsg</c> and <c>sendmmsg</c> through two arenas of native memory, so that the collector never has to pin
/// anything. The address each datagram came to is known (IP_PKTINFO), and one can be sent from it.
/// </summary>
internal sealed unsafe class LinuxDatagramSocket : DatagramSocket
{
    private const int ReceiveBatch = 32;
    private const int SendBatch = 64;
    private const int SlotBytes = 65536;
    private const int SendArenaBytes = 256 * 1024;

    private readonly DatagramArena receive = new(ReceiveBatch, ReceiveBatch * SlotBytes);
    private readonly DatagramArena send = new(SendBatch, SendArenaBytes);
    private readonly int fd;
    private readonly bool isIPv4;

    public LinuxDatagramSocket(IPEndPoint bind, int bufferBytes)
        : base(bind, bufferBytes)
    {
        fd = (int)Socket.Handle;
        isIPv4 = bind.AddressFamily == AddressFamily.InterNetwork;
    }

    public override int BatchSize => ReceiveBatch;

    public override int Receive()
    {
        for (int i = 0; i < ReceiveBatch; i++)
        {
            receive.Prepare(i, i * SlotBytes, SlotBytes);
        }

        return Result(Libc.ReceiveMany(fd, receive.Messages, ReceiveBatch, Libc.MsgDontWait, null));
    }

    public override ReadOnlySpan<byte> Datagram(int index, out SipAddress remote, out SipAddress local)
    {
        Libc.MultiMessage* message = receive.Messages + index;
        remote = SocketAddressBytes.Read(new ReadOnlySpan<byte>(message->Header.Name, (int)message->Header.NameLength));
        local = default;
        if (TryFindControl(&message->Header, isIPv4 ? Libc.SolIp : Libc.SolIpV6, isIPv4 ? Libc.IpPktInfo : Libc.IpV6PktInfo, out ReadOnlySpan<byte> packet))
        {
            // in_pktinfo: interface, the local address to answer from, the destination in the packet. in6_pktinfo: address, interface.
            local = isIPv4
                ? SipAddress.FromIPv4(BinaryPrimitives.ReadUInt32BigEndian(packet[4..]), 0)
                : SipAddress.FromIPv6(packet[..16], 0, LinkScope(packet));
        }

        return new ReadOnlySpan<byte>(message->Header.Vectors->Start, (int)message->Length);
    }

    public override int Send(DatagramQueue queue)
    {
        int count = 0;
        int used = 0;
        while (count < SendBatch && count < queue.Count)
        {
            ref readonly OutgoingDatagram datagram = ref queue[count];
            ReadOnlySpan<byte> bytes = datagram.Message.Span;
            if (used + bytes.Length > SendArenaBytes)
            {
                break;
            }

            Libc.MessageHeader* header = send.Prepare(count, used, bytes.Length);
            bytes.CopyTo(new Span<byte>(header->Vectors->Start, bytes.Length));
            header->NameLength = (uint)SocketAddressBytes.Write(datagram.Remote, new Span<byte>(header->Name, SocketAddressBytes.MaxLength));
            WriteSource(header, datagram.Local);
            used += bytes.Length;
            count++;
        }

        return Result(Libc.SendMany(fd, send.Messages, (uint)count, Libc.MsgDontWait | Libc.MsgNoSignal));
    }

    public override bool TryReadError(out SipAddress remote, out int error)
    {
        // The name is the address we sent to; the control message says what the network had against it (RFC 3261 18.4).
        Libc.MessageHeader* header = receive.Prepare(0, 0, SlotBytes);
        remote = default;
        error = 0;
        if (Libc.Receive(fd, header, Libc.MsgErrQueue | Libc.MsgDontWait) < 0)
        {
            return false;
        }

        remote = SocketAddressBytes.Read(new ReadOnlySpan<byte>(header->Name, (int)header->NameLength));
        if (TryFindControl(header, isIPv4 ? Libc.SolIp : Libc.SolIpV6, isIPv4 ? Libc.IpRecvErr : Libc.IpV6RecvErr, out ReadOnlySpan<byte> e))
        {
            error = MemoryMarshal.Read<int>(e);
        }

        return true;
    }

    public override void Dispose()
    {
        base.Dispose();
        receive.Dispose();
        send.Dispose();
    }

    protected override void Prepare(IPEndPoint bind)
    {
        Span<byte> on = stackalloc byte[4];
        MemoryMarshal.Write(on, 1);
        Socket.SetRawSocketOption(Libc.SolSocket, Libc.SoReusePort, on);
        if (bind.AddressFamily == AddressFamily.InterNetwork)
        {
            Socket.SetRawSocketOption(Libc.SolIp, Libc.IpPktInfo, on);
            Socket.SetRawSocketOption(Libc.SolIp, Libc.IpRecvErr, on);
        }
        else
        {
            Socket.SetRawSocketOption(Libc.SolIpV6, Libc.IpV6RecvPktInfo, on);
            Socket.SetRawSocketOption(Libc.SolIpV6, Libc.IpV6RecvErr, on);
        }
    }

    private static int Result(int result) => result >= 0 ? result : -Marshal.GetLastPInvokeError();

    // fe80::/10 means something only together with its interface.
    private static uint LinkScope(ReadOnlySpan<byte> packet) =>
        packet[0] == 0xFE && (packet[1] & 0xC0) == 0x80 ? MemoryMarshal.Read<uint>(packet[16..]) : 0;

    private static bool TryFindControl(Libc.MessageHeader* header, int level, int type, out ReadOnlySpan<byte> content)
    {
        int headerBytes = sizeof(Libc.ControlHeader);
        nuint at = 0;
        while (at + (nuint)headerBytes <= header->ControlLength)
        {
            Libc.ControlHeader* control = (Libc.ControlHeader*)(header->Control + at);
            if (control->Length < (nuint)headerBytes || at + control->Length > header->ControlLength)
            {
                break;
            }

            if (control->Level == level && control->Type == type)
            {
                content = new ReadOnlySpan<byte>(control + 1, (int)control->Length - headerBytes);
                return true;
            }

            at += (control->Length + 7) & ~(nuint)7;
        }

        content = default;
        return false;
    }

    private void WriteSource(Libc.MessageHeader* header, in SipAddress local)
    {
        if (local.IsNone || local.IsAny || local.IsIPv4 != isIPv4)
        {
            header->ControlLength = 0;
            return;
        }

        Libc.ControlHeader* control = (Libc.ControlHeader*)header->Control;
        Span<byte> content = new(control + 1, 24);
        content.Clear();
        int length = isIPv4 ? 12 : 20;
        local.WriteAddress(isIPv4 ? content[4..] : content);
        if (!isIPv4)
        {
            MemoryMarshal.Write(content[16..], local.ScopeId);
        }

        control->Length = (nuint)(sizeof(Libc.ControlHeader) + length);
        control->Level = isIPv4 ? Libc.SolIp : Libc.SolIpV6;
        control->Type = isIPv4 ? Libc.IpPktInfo : Libc.IpV6PktInfo;
        header->ControlLength = (nuint)(sizeof(Libc.ControlHeader) + ((length + 7) & ~7));
    }
}

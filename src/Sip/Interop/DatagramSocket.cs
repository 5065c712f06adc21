using System.Net;
using System.Net.Sockets;
using Sip.Transports;

namespace Sip.Interop;

/// <summary>A bound datagram socket that receives and sends in batches. Errors are error numbers of Linux, as values.</summary>
internal abstract class DatagramSocket : IDisposable
{
    protected DatagramSocket(IPEndPoint bind, int bufferBytes)
    {
        Socket = new Socket(bind.AddressFamily, SocketType.Dgram, ProtocolType.Udp) { Blocking = false };
        try
        {
            if (bind.AddressFamily == AddressFamily.InterNetworkV6)
            {
                // IPv4 has sockets of its own, so that one remote never has two spellings.
                Socket.DualMode = false;
            }

            Socket.ReceiveBufferSize = bufferBytes;
            Socket.SendBufferSize = bufferBytes;
            Prepare(bind);
            Socket.Bind(bind);
        }
        catch
        {
            Socket.Dispose();
            throw;
        }
    }

    public Socket Socket { get; }

    /// <summary>How many datagrams one call receives at most.</summary>
    public abstract int BatchSize { get; }

    public static DatagramSocket Open(IPEndPoint bind, int bufferBytes) => OperatingSystem.IsLinux()
        ? new LinuxDatagramSocket(bind, bufferBytes)
        : new PortableDatagramSocket(bind, bufferBytes);

    /// <summary>Receives a batch: how many came, or a negative error number (EAGAIN if none waits).</summary>
    public abstract int Receive();

    /// <summary>One datagram of the last batch, valid until the next; the local address has port 0 and may be none.</summary>
    public abstract ReadOnlySpan<byte> Datagram(int index, out SipAddress remote, out SipAddress local);

    /// <summary>Sends from the head of the queue: how many of them left, or a negative error number that concerns the first.</summary>
    public abstract int Send(DatagramQueue queue);

    /// <summary>Takes one error that the network reported: to which address, and which.</summary>
    public abstract bool TryReadError(out SipAddress remote, out int error);

    public virtual void Dispose() => Socket.Dispose();

    protected virtual void Prepare(IPEndPoint bind)
    {
    }
}

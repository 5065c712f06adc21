namespace Sip.Transports;

/// <summary>Real sockets for questions, polled by the loop.</summary>
internal sealed class DnsSockets(EventLoop loop) : IDnsSockets
{
    // One for all: a message is read and used up before the next.
    private readonly byte[] scratch = new byte[4096];

    public IDnsSocket? Open(in SipAddress server, bool stream, IDnsReceiver receiver) => stream
        ? DnsStreamSocket.Open(loop, server, receiver)
        : DnsDatagramSocket.Open(loop, server, receiver, scratch);
}

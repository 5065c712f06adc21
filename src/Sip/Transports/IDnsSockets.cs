namespace Sip.Transports;

/// <summary>Opens the sockets that questions go out by. A test in memory brings its own.</summary>
internal interface IDnsSockets
{
    /// <summary>Opens a socket of its own for one exchange, from a port that nobody can guess; null if the system refuses.</summary>
    /// <param name="server">The name server.</param>
    /// <param name="stream">TCP in place of UDP.</param>
    /// <param name="receiver">Who is told; never from within this call.</param>
    IDnsSocket? Open(in SipAddress server, bool stream, IDnsReceiver receiver);
}

/// <summary>One exchange with a name server.</summary>
internal interface IDnsSocket
{
    /// <summary>Sends a message; over TCP as soon as there is a connection. False if that fails at once.</summary>
    bool Send(ReadOnlySpan<byte> message);

    /// <summary>Ends the exchange; the receiver is told nothing any more.</summary>
    void Close();
}

/// <summary>Who waits for a name server's message.</summary>
internal interface IDnsReceiver
{
    /// <summary>A message came; it may come from anybody.</summary>
    void OnMessage(in SipAddress from, ReadOnlySpan<byte> message);

    /// <summary>Nothing will come: refused, unreachable or closed.</summary>
    void OnUnreachable();
}

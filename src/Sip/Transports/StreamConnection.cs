using Sip.Messages;

namespace Sip.Transports;

/// <summary>
/// One connection: what it reads is cut into messages for the sink, what is sent waits in a bounded queue while the peer reads.
/// A kind of connection brings the two ends: it gives <see cref="Receive"/> the octets that came, and takes octets in
/// <see cref="Write"/>. TLS decrypts before the one and encrypts in the other. Used on its loop, except where a member says otherwise.
/// </summary>
public abstract class StreamConnection : ITimerOwner
{
    private const int IdleTimer = 0;
    private const int DeadlineTimer = 1;

    // How long answers to what came before a break may be on their way, from another loop or a module that waits.
    private const int AnswerMilliseconds = 500;

    // How long the peer may take to read our last words and close.
    private const int DrainMilliseconds = 2000;

    private readonly StreamTransport transport;
    private readonly SendQueue queue = new();
    private readonly LoopTimer idle;
    private readonly LoopTimer deadline;
    private readonly StreamReader reader;
    private volatile ConnectionState state;
    private long lastActivity;
    private long lastPing;
    private bool handshaking;
    private bool awaitsPong;
    private bool delivered;

    /// <summary>Makes a connection; the transport adopts it.</summary>
    /// <param name="transport">Its transport.</param>
    /// <param name="local">Our address on it; for one that is being opened, none.</param>
    /// <param name="remote">The peer's address.</param>
    /// <param name="accepted">Whether the peer opened it; else it is still being opened.</param>
    /// <param name="handshakes">Whether even an accepted one must still be opened, by a handshake.</param>
    protected StreamConnection(StreamTransport transport, in SipAddress local, in SipAddress remote, bool accepted, bool handshakes = false)
    {
        ArgumentNullException.ThrowIfNull(transport);
        this.transport = transport;
        Local = local;
        Remote = remote;
        IsAccepted = accepted;
        handshaking = accepted && handshakes;
        state = accepted && !handshakes ? ConnectionState.Open : ConnectionState.Connecting;
        idle = new LoopTimer(this, IdleTimer);
        deadline = new LoopTimer(this, DeadlineTimer);
        reader = new StreamReader(this, transport.Limits);
    }

    /// <summary>The transport.</summary>
    public StreamTransport Transport => transport;

    /// <summary>The loop.</summary>
    public EventLoop Loop => transport.Loop;

    /// <summary>Our address on it; none while it is being opened.</summary>
    public SipAddress Local { get; private set; }

    /// <summary>The peer's address.</summary>
    public SipAddress Remote { get; }

    /// <summary>Whether the peer opened it.</summary>
    public bool IsAccepted { get; }

    /// <summary>The name that the peer had to prove when we opened the connection; empty where none was asked for.</summary>
    public virtual string PeerName => string.Empty;

    /// <summary>The domains that the peer's verified certificate stands for (RFC 5922 7.1); none without one.</summary>
    public virtual IReadOnlyList<string> PeerIdentities => [];

    /// <summary>The names in the peer's verified certificate as they stand there: subjectAltName (URIs, names, addresses), then the common name.</summary>
    public virtual IReadOnlyList<string> PeerSubjects => [];

    /// <summary>The flow that it is.</summary>
    public Flow Flow => new(transport, Local, Remote, this);

    /// <summary>Whether it is open or being opened. May be asked from any thread.</summary>
    public bool IsAlive => state is ConnectionState.Connecting or ConnectionState.Open;

    /// <summary>Whether an answer may still leave by it: while it is alive, and for a moment after its framing broke. May be asked from any thread.</summary>
    internal bool TakesAnswers => IsAlive || state == ConnectionState.Answering;

    /// <summary>Why it was closed, if it is.</summary>
    public CloseReason CloseReason { get; private set; }

    /// <summary>How many octets wait to be sent.</summary>
    public int QueuedBytes => queue.Bytes;

    internal bool IsOpen => state == ConnectionState.Open;

    /// <summary>Sends a message, or queues it. Takes its own count. With too much queued already the connection is closed.</summary>
    /// <param name="message">The message.</param>
    public void Send(SipBuffer message)
    {
        ArgumentNullException.ThrowIfNull(message);
        if (!TakesAnswers)
        {
            SipMeter.SendDrops.Add(1);
            transport.Set.ReportFailure(Flow);
            return;
        }

        lastActivity = Loop.Now;
        SipMeter.Sent.Add(1);
        if (queue.Bytes + message.Length > transport.Set.Options.MaxSendQueueBytes)
        {
            SipMeter.SendDrops.Add(1);
            Close(CloseReason.SendQueueFull);
            return;
        }

        bool idleQueue = queue.Bytes == 0;
        queue.Add(message);
        if (idleQueue)
        {
            Drain();
        }
    }

    /// <summary>Closes the connection at once; what waits to be sent is lost. The sinks are told, except at the server's end.</summary>
    /// <param name="reason">Why.</param>
    public void Close(CloseReason reason)
    {
        if (state == ConnectionState.Closed)
        {
            return;
        }

        // A stranger who never got through the handshake is known to nobody above.
        bool unknown = IsAccepted && state == ConnectionState.Connecting && queue.Bytes == 0;
        state = ConnectionState.Closed;
        CloseReason = reason;
        Loop.Timers.Cancel(idle);
        Loop.Timers.Cancel(deadline);
        queue.Clear();
        reader.Close();
        CloseStream();
        transport.Forget(this);
        if (reason is CloseReason.Framing or CloseReason.PartialMessage or CloseReason.SendQueueFull)
        {
            SipMeter.ConnectionsCut.Add(1);
        }

        if (reason != CloseReason.Shutdown && !unknown)
        {
            transport.Set.ReportFailure(Flow);
        }

        SipLog.Closed(Loop.Logger, this, reason);
    }

    /// <inheritdoc/>
    public void OnTimer(LoopTimer timer)
    {
        ArgumentNullException.ThrowIfNull(timer);
        if (timer.Kind == IdleTimer)
        {
            CheckIdle();
            return;
        }

        switch (state)
        {
            case ConnectionState.Connecting:
                Close(handshaking ? CloseReason.HandshakeTimeout : CloseReason.ConnectTimeout);
                break;
            case ConnectionState.Open:
                Close(CloseReason.PartialMessage);
                break;
            case ConnectionState.Answering:
                EndAnswers();
                break;
            case ConnectionState.Draining:
                Close(CloseReason.Framing);
                break;
            case ConnectionState.Closed:
            default:
                break;
        }
    }

    /// <summary>Whether the connection is kept open by empty lines (RFC 5626 4.4.1); false where its kind has keep-alives of its own.</summary>
    protected virtual bool KeepsAlive => true;

    /// <summary>The stream is there, its handshake begins: that has its own time, and nothing is sent or received before <see cref="Opened"/>.</summary>
    protected void HandshakeBegan()
    {
        handshaking = true;
        Loop.Timers.Set(deadline, transport.Set.Options.HandshakeSeconds * 1000);
    }

    /// <summary>Whether a connection that the peer opened may carry what we would send to that name (RFC 5923).</summary>
    /// <param name="peerName">The name that the peer would have to prove.</param>
    protected internal virtual bool MayServe(string peerName) => true;

    /// <summary>Tells that a connect has succeeded: what was queued is sent now.</summary>
    /// <param name="local">Our address.</param>
    protected void Opened(in SipAddress local)
    {
        if (state == ConnectionState.Connecting)
        {
            Local = local;
            state = ConnectionState.Open;
            Loop.Timers.Cancel(deadline);
            Drain();
        }
    }

    /// <summary>The read side: takes octets of the stream, as many as came.</summary>
    /// <param name="octets">The octets, valid during the call.</param>
    protected void Receive(ReadOnlySpan<byte> octets)
    {
        lastActivity = Loop.Now;
        if (state == ConnectionState.Open)
        {
            reader.Receive(octets);
        }
    }

    /// <summary>The read side of a transport that frames by itself (WebSocket, RFC 7118): takes one whole message.</summary>
    /// <param name="message">The message; its count passes over.</param>
    protected void ReceiveMessage(SipBuffer message)
    {
        ArgumentNullException.ThrowIfNull(message);
        lastActivity = Loop.Now;
        if (state == ConnectionState.Open && message.Span.ContainsAnyExcept("\r\n"u8))
        {
            delivered = true;

            // RFC 7118 5: a Content-Length is not necessary, the message ends where its frame ends, as in a datagram.
            transport.Set.Deliver(Flow, message, stream: false);
            return;
        }

        // RFC 7118 6: the keep-alives of RFC 5626 are usable here, too.
        bool ping = state == ConnectionState.Open && message.Span.SequenceEqual("\r\n\r\n"u8);
        message.Release();
        if (ping)
        {
            SipMeter.KeepAlives.Add(1);
            AnswerPing();
        }
    }

    /// <summary>The peer has closed its side.</summary>
    protected void ReceiveEnd() => Close(state is ConnectionState.Answering or ConnectionState.Draining ? CloseReason.Framing : CloseReason.ClosedByPeer);

    /// <summary>
    /// Nothing that comes from now on can be read as a message: it is read and forgotten. What was sent, and what answers the messages
    /// that came before, still reaches the peer; then our side ends, and the peer has a moment to end its own.
    /// </summary>
    protected void FramingBroke()
    {
        if (state != ConnectionState.Open)
        {
            return;
        }

        if (delivered)
        {
            state = ConnectionState.Answering;
            Loop.Timers.Set(deadline, AnswerMilliseconds);
        }
        else if (queue.TotalBytes > 0)
        {
            EndAnswers();
        }
        else
        {
            Close(CloseReason.Framing);
        }
    }

    /// <summary>Sends what waits, as far as there is room. To be called when <see cref="Write"/> has room again.</summary>
    protected void Drain()
    {
        if (state is ConnectionState.Connecting or ConnectionState.Closed)
        {
            return;
        }

        while (queue.Bytes > 0)
        {
            int written = Write(queue.Next);
            if (written < 0)
            {
                Close(CloseReason.Error);
                return;
            }

            if (written == 0)
            {
                WaitForRoom(true);
                return;
            }

            queue.Sent(written);
        }

        WaitForRoom(false);
        if (state == ConnectionState.Draining)
        {
            ShutdownWrite();
        }
    }

    /// <summary>The write side: takes as many octets as there is room for. Returns how many, 0 if there is none now, -1 if the stream is broken.</summary>
    /// <param name="octets">The octets.</param>
    protected abstract int Write(ReadOnlySpan<byte> octets);

    /// <summary>Asks to be told, by <see cref="Drain"/>, when there is room to write again; or no longer.</summary>
    /// <param name="wait">Whether.</param>
    protected abstract void WaitForRoom(bool wait);

    /// <summary>Ends our side of the stream, so that the peer reads everything up to here and then the end.</summary>
    protected abstract void ShutdownWrite();

    /// <summary>Closes whatever the connection is made of.</summary>
    protected abstract void CloseStream();

    internal void Adopted()
    {
        lastActivity = lastPing = Loop.Now;
        CheckIdle();
        int seconds = handshaking ? transport.Set.Options.HandshakeSeconds : transport.Set.Options.ConnectSeconds;
        if (state == ConnectionState.Connecting && seconds > 0)
        {
            Loop.Timers.Set(deadline, seconds * 1000);
        }
    }

    internal void SendFromOtherLoop(SipBuffer message, TransportSet from)
    {
        ConnectionSend work = from.RentSend();
        work.Prepare(this, message, from);
        if (!Loop.TryPost(work))
        {
            work.Abandon();
            SipMeter.SendDrops.Add(1);
            from.ReportFailure(Flow);
        }
    }

    internal void DeliverFramed(ReadOnlySpan<byte> octets)
    {
        delivered = true;
        SipBuffer buffer = Copy(octets);
        transport.Set.Deliver(Flow, buffer, stream: true);
    }

    internal void AnswerPing()
    {
        // RFC 5626 4.4.1: a double CRLF is answered with a single one.
        SipBuffer pong = Copy("\r\n"u8);
        Send(pong);
        pong.Release();
    }

    /// <summary>Whether a line end that came answers a ping of ours.</summary>
    internal bool TakePong()
    {
        bool awaited = awaitsPong;
        awaitsPong = false;
        return awaited;
    }

    /// <summary>A message has begun and is not whole: it has only so long.</summary>
    internal void PartialBegan() => Loop.Timers.Set(deadline, transport.Set.Options.PartialMessageSeconds * 1000);

    internal void PartialEnded() => Loop.Timers.Cancel(deadline);

    internal void FramingFailed(ReadOnlySpan<byte> octets, FramingError error)
    {
        SipBuffer partial = Copy(octets);
        transport.Set.DeliverFramingError(Flow, partial, error);
        partial.Release();
        FramingBroke();
    }

    // Closing with unread octets would reset the connection and may destroy the answers on their way. So: our end first, then read
    // and forget until the peer ends.
    private void EndAnswers()
    {
        state = ConnectionState.Draining;
        Loop.Timers.Set(deadline, DrainMilliseconds);
        Drain();
    }

    // Set once and looked at again, rather than set anew with every message.
    private void CheckIdle()
    {
        long left = lastActivity + (transport.Set.Options.IdleSeconds * 1000L) - Loop.Now;
        if (left <= 0)
        {
            Close(CloseReason.Idle);
            return;
        }

        long keepAlive = KeepsAlive ? transport.Set.Options.KeepAliveSeconds * 1000L : 0;
        if (keepAlive > 0)
        {
            long untilPing = Math.Max(lastActivity, lastPing) + keepAlive - Loop.Now;
            if (untilPing <= 0 && IsOpen)
            {
                Ping();
            }

            left = Math.Min(left, untilPing <= 0 ? keepAlive : untilPing);
        }

        Loop.Timers.Set(idle, (int)left);
    }

    // RFC 5626 4.4.1. Only the peer's answer counts as traffic: what nobody answers does not keep a dead connection.
    private void Ping()
    {
        lastPing = Loop.Now;
        if (queue.Bytes > 0)
        {
            return; // what waits there already tells whether the peer reads
        }

        SipBuffer ping = Copy("\r\n\r\n"u8);
        queue.Add(ping);
        ping.Release();
        awaitsPong = true;
        Drain();
    }

    private SipBuffer Copy(ReadOnlySpan<byte> octets)
    {
        SipBuffer buffer = Loop.Buffers.Rent(octets.Length);
        octets.CopyTo(buffer.Array);
        buffer.Length = octets.Length;
        return buffer;
    }

    private enum ConnectionState
    {
        Connecting,
        Open,
        Answering,
        Draining,
        Closed,
    }
}

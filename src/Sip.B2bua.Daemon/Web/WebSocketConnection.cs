using System.Net.WebSockets;
using System.Security.Cryptography.X509Certificates;
using System.Text.Unicode;
using System.Threading.Channels;
using Sip.Messages;
using Sip.Transports;

namespace Sip.B2bua.Daemon.Web;

/// <summary>
/// One WebSocket as a connection of a loop. Two tasks of the web server serve the socket: one reads a message, posts it to the loop
/// and reads on when the loop has taken it; the other sends what the loop has put into a bounded queue.
/// </summary>
internal sealed class WebSocketConnection : StreamConnection, IDisposable
{
    private const int MaxQueued = 32;
    private const int FirstBuffer = 2048;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    private readonly Channel<SipBuffer> outgoing = Channel.CreateBounded<SipBuffer>(new BoundedChannelOptions(MaxQueued) { SingleReader = true, SingleWriter = true });
    private readonly CancellationTokenSource ended;
    private readonly Arrived arrived;
    private readonly Room room;
    private readonly int maxMessageBytes;
    private volatile bool waitsForRoom;
    private volatile WebSocketCloseStatus farewell = WebSocketCloseStatus.NormalClosure;

    public WebSocketConnection(WebSocketTransport transport, in SipAddress local, in SipAddress remote, X509Certificate2? certificate)
        : base(transport, local, remote, accepted: true)
    {
        PeerIdentities = certificate is null ? [] : SipIdentities.Of(certificate);
        PeerSubjects = certificate is null ? [] : SipIdentities.SubjectsOf(certificate);
        ended = new CancellationTokenSource(Timeout.InfiniteTimeSpan, transport.Loop.Time);
        arrived = new Arrived(this);
        room = new Room(this);
        maxMessageBytes = transport.Set.Options.MaxMessageBytes;
    }

    public override IReadOnlyList<string> PeerIdentities { get; }

    public override IReadOnlyList<string> PeerSubjects { get; }

    /// <summary>Serves the socket until either side ends it. Runs outside the loop.</summary>
    public async Task RunAsync(WebSocket socket)
    {
        Task sending = SendAllAsync(socket);
        CloseReason reason = await ReceiveAllAsync(socket);
        if (reason == CloseReason.Framing)
        {
            farewell = WebSocketCloseStatus.MessageTooBig;
        }

        // This also ends the queue, at once or after the answers that are on their way, and with it the sender, whose last words are
        // the close frame.
        Loop.Post(new Ended(this, reason));
        await sending;
        if (reason == CloseReason.Framing)
        {
            await ForgetRestAsync(socket);
            Loop.Post(new Ended(this, CloseReason.ClosedByPeer));
        }
    }

    public void Dispose()
    {
        ended.Dispose();
        arrived.Dispose();
    }

    protected override bool KeepsAlive => false; // RFC 6455 5.5.2: it has pings of its own, websocket-ping-interval

    /// <inheritdoc/>
    protected override int Write(ReadOnlySpan<byte> octets)
    {
        // Taken whole or not at all: RFC 7118 5: "Each SIP message MUST be carried within a single WebSocket message".
        SipBuffer copy = Loop.Buffers.Rent(octets.Length);
        octets.CopyTo(copy.Array);
        copy.Length = octets.Length;
        if (outgoing.Writer.TryWrite(copy))
        {
            return octets.Length;
        }

        copy.Release();
        return outgoing.Reader.Completion.IsCompleted ? -1 : 0;
    }

    protected override void WaitForRoom(bool wait)
    {
        waitsForRoom = wait;
        if (wait && outgoing.Reader.Count < MaxQueued)
        {
            // The sender was quicker than the flag.
            Loop.Post(room);
        }
    }

    protected override void ShutdownWrite() => outgoing.Writer.TryComplete();

    protected override void CloseStream()
    {
        // The sender still sends what it has and a close frame, but not for ever to somebody who does not read.
        outgoing.Writer.TryComplete();
        try
        {
            ended.CancelAfter(CloseReason is CloseReason.SendQueueFull or CloseReason.Error ? TimeSpan.Zero : Patience);
        }
        catch (ObjectDisposedException)
        {
            // Both tasks have ended already.
        }
    }

    private async Task SendAllAsync(WebSocket socket)
    {
        try
        {
            await foreach (SipBuffer message in outgoing.Reader.ReadAllAsync(ended.Token))
            {
                try
                {
                    // RFC 7118 4.2: text where it is UTF-8, else binary.
                    WebSocketMessageType type = Utf8.IsValid(message.Span) ? WebSocketMessageType.Text : WebSocketMessageType.Binary;
                    await socket.SendAsync(message.Array.AsMemory(0, message.Length), type, endOfMessage: true, ended.Token);
                }
                finally
                {
                    message.Release();
                }

                if (waitsForRoom)
                {
                    Loop.Post(room);
                }
            }

            if (socket.State is WebSocketState.Open or WebSocketState.CloseReceived)
            {
                await socket.CloseOutputAsync(farewell, null, ended.Token);
            }
        }
        catch (Exception e) when (IsEnd(e))
        {
            socket.Abort();
        }
        finally
        {
            outgoing.Writer.TryComplete();
            while (outgoing.Reader.TryRead(out SipBuffer? left))
            {
                left.Release();
            }
        }
    }

    private async Task<CloseReason> ReceiveAllAsync(WebSocket socket)
    {
        try
        {
            while (true)
            {
                // Waiting takes no memory: an idle connection holds no buffer.
                ValueWebSocketReceiveResult first = await socket.ReceiveAsync(Memory<byte>.Empty, ended.Token);
                if (first.MessageType == WebSocketMessageType.Close)
                {
                    return CloseReason.ClosedByPeer;
                }

                if (first.EndOfMessage)
                {
                    continue;
                }

                SipBuffer? message = await ReceiveAsync(socket);
                if (message is null)
                {
                    return CloseReason.Framing;
                }

                await arrived.HandAsync(message, ended.Token);
            }
        }
        catch (Exception e) when (IsEnd(e))
        {
            return ended.IsCancellationRequested ? CloseReason.Error : e is OperationCanceledException ? CloseReason.PartialMessage : CloseReason.ClosedByPeer;
        }
    }

    /// <summary>Reads one message to its end; null if it is longer than allowed.</summary>
    private async Task<SipBuffer?> ReceiveAsync(WebSocket socket)
    {
        SipBuffer message = Loop.Buffers.Rent(FirstBuffer);
        CancellationTokenSource? limit = null;
        try
        {
            while (true)
            {
                ValueWebSocketReceiveResult part = await socket.ReceiveAsync(message.Array.AsMemory(message.Length), limit?.Token ?? ended.Token);
                message.Length += part.Count;
                if (message.Length > maxMessageBytes || part.MessageType == WebSocketMessageType.Close)
                {
                    message.Release();
                    return null;
                }

                if (part.EndOfMessage)
                {
                    return message;
                }

                limit ??= LimitOfMessage();
                if (message.Length == message.Array.Length)
                {
                    SipBuffer larger = Loop.Buffers.Rent(message.Length * 2);
                    message.Span.CopyTo(larger.Array);
                    larger.Length = message.Length;
                    message.Release();
                    message = larger;
                }
            }
        }
        catch
        {
            message.Release();
            throw;
        }
        finally
        {
            limit?.Dispose();
        }
    }

    // A message in several pieces has only so long.
    private CancellationTokenSource LimitOfMessage()
    {
        CancellationTokenSource limit = CancellationTokenSource.CreateLinkedTokenSource(ended.Token);
        limit.CancelAfter(TimeSpan.FromSeconds(Transport.Set.Options.PartialMessageSeconds));
        return limit;
    }

    // Closing with unread octets would reset the connection and may destroy the close frame on its way.
    private async Task ForgetRestAsync(WebSocket socket)
    {
        byte[] rest = new byte[FirstBuffer];
        try
        {
            while (socket.State is WebSocketState.Open or WebSocketState.CloseSent)
            {
                await socket.ReceiveAsync(rest.AsMemory(), ended.Token);
            }
        }
        catch (Exception e) when (IsEnd(e))
        {
            socket.Abort();
        }
    }

    private static bool IsEnd(Exception e) => e is WebSocketException or OperationCanceledException or IOException or ObjectDisposedException or InvalidOperationException;

    /// <summary>A message on its way to the loop; the next is read when the loop has taken it.</summary>
    private sealed class Arrived(WebSocketConnection connection) : LoopWork, IDisposable
    {
        private readonly SemaphoreSlim taken = new(0, 1);
        private SipBuffer? message;

        public Task HandAsync(SipBuffer arrived, CancellationToken cancellation)
        {
            message = arrived;
            connection.Loop.Post(this);
            return taken.WaitAsync(cancellation);
        }

        public void Dispose() => taken.Dispose();

        protected override void Run(EventLoop loop)
        {
            SipBuffer handed = message!;
            message = null;
            try
            {
                connection.ReceiveMessage(handed);
            }
            finally
            {
                Release();
            }
        }

        private void Release()
        {
            try
            {
                taken.Release();
            }
            catch (ObjectDisposedException)
            {
                // The connection has ended meanwhile.
            }
        }
    }

    /// <summary>The sender has room again.</summary>
    private sealed class Room(WebSocketConnection connection) : LoopWork
    {
        protected override void Run(EventLoop loop) => connection.Drain();
    }

    /// <summary>The socket is no more.</summary>
    private sealed class Ended(WebSocketConnection connection, CloseReason reason) : LoopWork
    {
        protected override void Run(EventLoop loop)
        {
            switch (reason)
            {
                case CloseReason.Framing:
                    connection.FramingBroke();
                    break;
                case CloseReason.ClosedByPeer:
                    connection.ReceiveEnd();
                    break;
                default:
                    connection.Close(reason);
                    break;
            }
        }
    }
}

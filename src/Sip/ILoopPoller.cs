using System.Net.Sockets;

namespace Sip;

/// <summary>
/// Waits for sockets on behalf of one loop. Everything but <see cref="Wake"/> is called on the loop's thread.
/// Implementations: epoll on Linux, <c>select</c> elsewhere, and one without sockets for tests in memory.
/// </summary>
public interface ILoopPoller : IDisposable
{
    /// <summary>Begins to watch a socket.</summary>
    /// <param name="socket">The socket, which must be non-blocking.</param>
    /// <param name="source">Who is told.</param>
    /// <param name="interest">What for.</param>
    void Add(Socket socket, ILoopSource source, LoopEvents interest);

    /// <summary>Changes what a watched socket is watched for.</summary>
    /// <param name="socket">The socket.</param>
    /// <param name="interest">What for.</param>
    void Change(Socket socket, LoopEvents interest);

    /// <summary>Ends watching; to be called before the socket is closed. Its source is not told anything any more.</summary>
    /// <param name="socket">The socket.</param>
    void Remove(Socket socket);

    /// <summary>Waits until a socket is ready, <see cref="Wake"/> is called, or the time has passed. Returns how many sockets are ready.</summary>
    /// <param name="milliseconds">The longest wait; 0 only looks, -1 waits for ever.</param>
    int Wait(int milliseconds);

    /// <summary>The source that was found ready, by its number in the last <see cref="Wait"/>; null if it was removed since.</summary>
    /// <param name="index">From 0 up to what <see cref="Wait"/> returned.</param>
    /// <param name="ready">What it is ready for.</param>
    ILoopSource? Ready(int index, out LoopEvents ready);

    /// <summary>Ends a <see cref="Wait"/> from any thread, or the next one if nobody waits.</summary>
    void Wake();
}

using System.Net.Sockets;
using System.Text;

namespace Sip.B2bua.Daemon;

/// <summary>Tells systemd how the server is, by datagrams to the socket it names; does nothing when it names none.</summary>
internal sealed class SystemdNotifier : IDisposable
{
    private readonly Socket? socket;
    private readonly UnixDomainSocketEndPoint? address;

    /// <summary>A notifier for the socket of that name; null or empty: nobody listens.</summary>
    public SystemdNotifier(string? socketName)
    {
        if (!string.IsNullOrEmpty(socketName))
        {
            // A leading @ stands for the zero byte of an abstract name.
            address = new UnixDomainSocketEndPoint(socketName[0] == '@' ? '\0' + socketName[1..] : socketName);
            socket = new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
        }
    }

    /// <summary>The notifier that the environment asks for.</summary>
    public static SystemdNotifier FromEnvironment() => new(Environment.GetEnvironmentVariable("NOTIFY_SOCKET"));

    /// <summary>The server listens.</summary>
    public void Ready() => Send("READY=1");

    /// <summary>The server is stopping.</summary>
    public void Stopping() => Send("STOPPING=1");

    /// <summary>Tells at every interval that the server is alive, as long as it is; systemd starts it again when that stops.</summary>
    public async Task WatchAsync(TimeSpan interval, Func<bool> isAlive, TimeProvider time, CancellationToken cancellation)
    {
        if (socket is null)
        {
            return;
        }

        using var timer = new PeriodicTimer(interval, time);
        try
        {
            do
            {
                if (isAlive())
                {
                    Send("WATCHDOG=1");
                }
            }
            while (await timer.WaitForNextTickAsync(cancellation));
        }
        catch (OperationCanceledException)
        {
        }
    }

    /// <inheritdoc/>
    public void Dispose() => socket?.Dispose();

    private void Send(string state)
    {
        try
        {
            socket?.SendTo(Encoding.UTF8.GetBytes(state), address!);
        }
        catch (SocketException)
        {
            // Who does not listen is not told; the server goes on.
        }
    }
}

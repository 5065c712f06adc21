using System.Net.Sockets;
using System.Text;
using Sip.B2bua.Daemon;

namespace Sip.B2bua.Tests.Daemon;

public sealed class SystemdNotifierTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)] // an abstract name, written with @
    public async Task What_happens_is_told_to_the_socket_that_systemd_names(bool isAbstract)
    {
        var path = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName());
        using var listener = new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
        listener.Bind(new UnixDomainSocketEndPoint(isAbstract ? '\0' + path : path));
        listener.ReceiveTimeout = 5000;

        using var notifier = new SystemdNotifier(isAbstract ? '@' + path : path);
        notifier.Ready();
        Assert.Equal("READY=1", Receive(listener));

        using var stop = new CancellationTokenSource();
        var watch = notifier.WatchAsync(TimeSpan.FromHours(1), () => true, TimeProvider.System, stop.Token);
        Assert.Equal("WATCHDOG=1", Receive(listener));
        await stop.CancelAsync();
        await watch;

        notifier.Stopping();
        Assert.Equal("STOPPING=1", Receive(listener));
        File.Delete(path);
    }

    [Fact]
    public async Task A_server_that_hangs_is_not_called_alive()
    {
        var path = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName());
        using var listener = new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
        listener.Bind(new UnixDomainSocketEndPoint(path));
        listener.Blocking = false;
        using var notifier = new SystemdNotifier(path);
        await notifier.WatchAsync(TimeSpan.FromHours(1), () => false, TimeProvider.System, new CancellationToken(true));
        Assert.Throws<SocketException>(() => Receive(listener));
        File.Delete(path);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("/nowhere/at/all")]
    public async Task Without_a_listener_nothing_happens(string? name)
    {
        using var notifier = new SystemdNotifier(name);
        notifier.Ready();
        notifier.Stopping();
        await notifier.WatchAsync(TimeSpan.FromHours(1), () => true, TimeProvider.System, new CancellationToken(true));
    }

    private static string Receive(Socket socket)
    {
        var buffer = new byte[100];
        return Encoding.UTF8.GetString(buffer, 0, socket.Receive(buffer));
    }
}

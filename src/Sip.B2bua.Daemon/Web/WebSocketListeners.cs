using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Sip.Transports;

namespace Sip.B2bua.Daemon.Web;

/// <summary>
/// Opens the listening points of all transports: those for WebSockets with a web server each, the others as the stack does.
/// It is what the daemon puts into <see cref="SipStackOptions.OpenPoint"/>, so that the stack knows no web.
/// </summary>
internal sealed class WebSocketListeners(WebSocketRules rules, ILogger logger) : IAsyncDisposable
{
    private readonly List<IAsyncDisposable> open = [];

    /// <summary>Opens one listening point on every loop.</summary>
    public ListeningPoint Open(ReadOnlySpan<TransportSet> sets, ListeningPoint point)
    {
        if (point.Token is not ("WS" or "WSS"))
        {
            return TransportSet.Open(sets, point);
        }

        TlsCredentials? credentials = point.Token == "WSS"
            ? TlsCredentials.Open(point.Tls ?? new TlsSettings(), sets[0].Loop.Time, logger)
            : null;
        WebSocketDoor door = new(rules);
        WebApplication web = Build(point, sets[0].Options, credentials);
        web.UseWebSockets(new WebSocketOptions { KeepAliveInterval = rules.PingInterval, KeepAliveTimeout = Positive(rules.PingInterval) });
        web.Run(door.HandleAsync);
        open.Add(web);

        // At the start, where nothing else runs: the socket is bound when this returns, or the reason is thrown.
        web.StartAsync().GetAwaiter().GetResult();
        string address = web.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First();
        point = point with { Bind = new IPEndPoint(point.Bind.Address, BindingAddress.Parse(address).Port) };
        if (credentials is not null)
        {
            open.Add(new CredentialsEnd(credentials));
        }

        foreach (TransportSet set in sets)
        {
            WebSocketTransport transport = new(point, set);
            set.Add(transport);
            door.Add(transport);
        }

        DaemonLog.ListeningForWebSockets(logger, point.Token, point.Address);
        return point;
    }

    /// <summary>Stops the web servers; the transports must have been closed before.</summary>
    public async ValueTask DisposeAsync()
    {
        foreach (IAsyncDisposable one in open)
        {
            await one.DisposeAsync();
        }
    }

    private static WebApplication Build(ListeningPoint point, TransportOptions limits, TlsCredentials? credentials)
    {
        WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.Services.AddSingleton<IHostLifetime, NoLifetime>();
        builder.Services.Configure<SocketTransportOptions>(o => o.CreateBoundListenSocket = Bind);
        builder.Services.Configure<HostOptions>(o => o.ShutdownTimeout = TimeSpan.FromSeconds(3));
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxConcurrentUpgradedConnections = limits.MaxConnections;
            kestrel.Limits.MaxConcurrentConnections = limits.MaxConnections + 100;
            kestrel.Limits.MaxRequestBodySize = 0;
            kestrel.Limits.KeepAliveTimeout = TimeSpan.FromSeconds(limits.HandshakeSeconds);
            kestrel.Limits.RequestHeadersTimeout = TimeSpan.FromSeconds(limits.HandshakeSeconds);
            kestrel.Listen(point.Bind, listen =>
            {
                listen.Protocols = HttpProtocols.Http1;
                if (credentials is not null)
                {
                    listen.UseHttps(new TlsHandshakeCallbackOptions
                    {
                        OnConnection = hello => ValueTask.FromResult(WebSocketTls.OptionsFor(credentials, hello.ClientHelloInfo.ServerName)),
                        HandshakeTimeout = TimeSpan.FromSeconds(limits.HandshakeSeconds),
                    });
                }
            });
        });
        return builder.Build();
    }

    // Kestrel would take IPv4 along with an IPv6 wildcard; each family is a point of its own here.
    private static Socket Bind(EndPoint address)
    {
        Socket socket = new(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            if (address.AddressFamily == AddressFamily.InterNetworkV6)
            {
                socket.DualMode = false;
            }

            socket.Bind(address);
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private static TimeSpan Positive(TimeSpan time) => time > TimeSpan.Zero ? time : Timeout.InfiniteTimeSpan;

    /// <summary>The daemon has its own signals; the web servers stop with it.</summary>
    private sealed class NoLifetime : IHostLifetime
    {
        public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }

    private sealed class CredentialsEnd(TlsCredentials credentials) : IAsyncDisposable
    {
        public ValueTask DisposeAsync()
        {
            credentials.Dispose();
            return ValueTask.CompletedTask;
        }
    }
}

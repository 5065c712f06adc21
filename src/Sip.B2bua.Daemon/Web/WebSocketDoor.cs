using System.Net;
using Microsoft.AspNetCore.Http;
using Sip.Transports;

namespace Sip.B2bua.Daemon.Web;

/// <summary>Answers the HTTP requests of one listening point: a proper one becomes a connection of a loop (RFC 7118 4.1).</summary>
internal sealed class WebSocketDoor(WebSocketRules rules)
{
    private const string Subprotocol = "sip";
    private readonly List<WebSocketTransport> transports = [];
    private uint next;

    /// <summary>Adds the transport of one more loop. Called before anybody can connect.</summary>
    public void Add(WebSocketTransport transport)
    {
        lock (transports)
        {
            transports.Add(transport);
        }
    }

    /// <summary>Serves one request, for as long as its WebSocket lives.</summary>
    public async Task HandleAsync(HttpContext context)
    {
        int status = Refusal(context);
        if (status == 0 && await AdmitAsync(context) is { } connection)
        {
            using (connection)
            {
                await ServeAsync(context, connection);
            }

            return;
        }

        context.Response.StatusCode = status == 0 ? StatusCodes.Status503ServiceUnavailable : status;
    }

    private static async Task ServeAsync(HttpContext context, WebSocketConnection connection)
    {
        try
        {
            using var socket = await context.WebSockets.AcceptWebSocketAsync(Subprotocol);
            await connection.RunAsync(socket);
        }
        finally
        {
            // Also where the upgrade itself has failed: the loop shall not keep what nobody serves.
            if (connection.IsAlive)
            {
                await OnLoop(connection.Loop, () =>
                {
                    connection.Close(CloseReason.ClosedByPeer);
                    return true;
                });
            }
        }
    }

    private int Refusal(HttpContext context)
    {
        HttpRequest request = context.Request;
        if (rules.Path.Length > 0 && !request.Path.Equals(rules.Path, StringComparison.Ordinal))
        {
            return StatusCodes.Status404NotFound;
        }

        if (!context.WebSockets.IsWebSocketRequest || !context.WebSockets.WebSocketRequestedProtocols.Contains(Subprotocol))
        {
            return StatusCodes.Status400BadRequest;
        }

        // RFC 6455 10.2: a browser says whose script it is that connects; other clients have no Origin, and no cookies to be abused.
        string? origin = request.Headers.Origin;
        return rules.Origins.Count > 0 && origin is not null && !rules.Origins.Contains(origin, StringComparer.OrdinalIgnoreCase)
            ? StatusCodes.Status403Forbidden
            : 0;
    }

    private async Task<WebSocketConnection?> AdmitAsync(HttpContext context)
    {
        SipAddress local = AddressOf(context.Connection.LocalIpAddress, context.Connection.LocalPort);
        SipAddress remote = AddressOf(context.Connection.RemoteIpAddress, context.Connection.RemotePort);
        if (Next() is not { } transport || remote.IsNone)
        {
            return null;
        }

        WebSocketConnection connection = new(transport, local, remote, context.Connection.ClientCertificate);
        if (await OnLoop(transport.Loop, () => transport.TryAdopt(connection)))
        {
            return connection;
        }

        connection.Dispose();
        return null;
    }

    private WebSocketTransport? Next()
    {
        lock (transports)
        {
            return transports.Count == 0 ? null : transports[(int)(next++ % (uint)transports.Count)];
        }
    }

    private static SipAddress AddressOf(IPAddress? address, int port) =>
        address is null ? default : SipAddress.From(new IPEndPoint(address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address, port));

    // A loop that has ended runs nothing any more; nobody is to wait for it.
    private static async Task<bool> OnLoop(EventLoop loop, Func<bool> what)
    {
        TaskCompletionSource<bool> result = new(TaskCreationOptions.RunContinuationsAsynchronously);
        loop.Post(_ => result.TrySetResult(what()), null);
        try
        {
            return await result.Task.WaitAsync(TimeSpan.FromSeconds(5), loop.Time);
        }
        catch (TimeoutException)
        {
            return false;
        }
    }
}

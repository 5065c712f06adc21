using Sip.B2bua.Configuration;

namespace Sip.B2bua.Daemon.Web;

/// <summary>Who may open a WebSocket, and how it is kept.</summary>
internal sealed record WebSocketRules
{
    /// <summary>The path; empty: every one.</summary>
    public string Path { get; init; } = string.Empty;

    /// <summary>The web pages whose scripts may connect; none: every one.</summary>
    public IReadOnlyList<string> Origins { get; init; } = [];

    /// <summary>How often a peer is pinged, and how long it may take to answer; zero: never.</summary>
    public TimeSpan PingInterval { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>The rules of <c>[global]</c>.</summary>
    public static WebSocketRules From(ServerOptions server) => new()
    {
        Path = server.WebsocketPath,
        Origins = server.WebsocketOrigins,
        PingInterval = server.WebsocketPingInterval,
    };
}

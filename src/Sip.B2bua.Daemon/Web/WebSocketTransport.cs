using Sip.Transports;

namespace Sip.B2bua.Daemon.Web;

/// <summary>SIP over WebSocket (RFC 7118) on one loop. It never connects: browsers do, and are answered on their connection.</summary>
internal sealed class WebSocketTransport(ListeningPoint point, TransportSet set) : StreamTransport(point, set)
{
    /// <inheritdoc/>
    public override ReadOnlySpan<byte> ViaToken => IsSecure ? "WSS"u8 : "WS"u8;

    /// <summary>RFC 7118 5.2: the same for both; it is the scheme that says secure.</summary>
    public override ReadOnlySpan<byte> UriToken => "ws"u8;

    /// <inheritdoc/>
    public override bool IsSecure => Point.Token == "WSS";

    /// <inheritdoc/>
    protected override bool CanConnect => false;

    /// <summary>Nothing to do: the point's web server accepts for all loops.</summary>
    public override void Open()
    {
    }

    /// <summary>Takes a connection under the limits; false to refuse it. Called on the loop.</summary>
    public bool TryAdopt(WebSocketConnection connection) => MayAccept(connection.Remote) && Adopt(connection);

    /// <inheritdoc/>
    protected override StreamConnection? Connect(in SipAddress remote, string peerName) => null;
}

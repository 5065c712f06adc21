using System.Net;
using System.Net.Sockets;

namespace Sip.Transports;

/// <summary>TLS over TCP (RFC 3261 26.2.1, RFC 5922) on one listening point, on one loop.</summary>
public sealed class TlsTransport : SocketTransport
{
    private int handshakes;

    /// <summary>Makes a transport that is not open yet.</summary>
    /// <param name="point">What it listens on.</param>
    /// <param name="set">The transports of its loop.</param>
    /// <param name="credentials">The certificates, shared by the loops; closing the transport disposes of them.</param>
    public TlsTransport(ListeningPoint point, TransportSet set, TlsCredentials credentials)
        : base(point, set)
    {
        ArgumentNullException.ThrowIfNull(credentials);
        Credentials = credentials;
    }

    /// <inheritdoc/>
    public override ReadOnlySpan<byte> ViaToken => "TLS"u8;

    /// <inheritdoc/>
    public override ReadOnlySpan<byte> UriToken => "tls"u8;

    /// <inheritdoc/>
    public override bool IsSecure => true;

    /// <summary>How many handshakes of accepted connections are unfinished.</summary>
    public int PendingHandshakes => handshakes;

    internal TlsCredentials Credentials { get; }

    /// <inheritdoc/>
    protected override bool CanConnect => Credentials.Settings.IsClientOnly || base.CanConnect;

    /// <inheritdoc/>
    public override void Open()
    {
        if (!Credentials.Settings.IsClientOnly)
        {
            base.Open();
        }
    }

    /// <inheritdoc/>
    public override void Close()
    {
        base.Close();
        Credentials.Dispose();
    }

    /// <inheritdoc/>
    protected override string NameToProve(in SipAddress remote, ReadOnlySpan<byte> domain) =>
        domain.IsEmpty ? remote.ToEndPoint().Address.ToString() : SipIdentities.Normalize(domain);

    private protected override SocketConnection CreateConnection(Socket socket, in SipAddress local, in SipAddress remote, string peerName) =>
        new TlsConnection(this, socket, local, remote, accepted: false, peerName);

    private protected override SocketConnection? CreateAccepted(Socket socket, in SipAddress local, in SipAddress remote)
    {
        if (handshakes >= Set.Options.MaxHandshakes)
        {
            return null;
        }

        handshakes++;
        return new TlsConnection(this, socket, local, remote, accepted: true, peerName: string.Empty);
    }

    internal void HandshakeOver() => handshakes--;

    /// <summary>The name to send in the handshake. RFC 6066 3: never an address.</summary>
    internal static string ServerNameOf(string peerName) => IPAddress.TryParse(peerName, out _) ? string.Empty : peerName;
}

using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using Sip.Transports;

namespace Sip.Tests.Transports;

/// <summary>A TLS server that shows whatever certificate it is given, by .NET's own TLS.</summary>
internal sealed class OtherServer : IAsyncDisposable
{
    private readonly TcpListener listener = new(IPAddress.Loopback, 0);
    private readonly Task task;

    public OtherServer(TlsCertificateFiles files)
    {
        listener.Start();
        task = RunAsync(X509Certificate2.CreateFromPemFile(files.Chain, files.Key));
    }

    public IPEndPoint At => (IPEndPoint)listener.LocalEndpoint;

    public async ValueTask DisposeAsync()
    {
        listener.Stop();
        await task;
    }

    private async Task RunAsync(X509Certificate2 certificate)
    {
        try
        {
            using TcpClient client = await listener.AcceptTcpClientAsync();
            await using SslStream stream = new(client.GetStream());
            await stream.AuthenticateAsServerAsync(certificate);
            await stream.ReadExactlyAsync(new byte[1]);
        }
        catch (Exception e) when (e is IOException or SocketException or System.Security.Authentication.AuthenticationException or ObjectDisposedException)
        {
            // The other side went, or the test is over.
        }
    }
}

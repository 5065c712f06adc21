using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace Sip.Tests.Transports;

/// <summary>A peer that connects with .NET's own TLS, which shares no line with ours.</summary>
internal sealed class TlsClient : IAsyncDisposable
{
    private static readonly TimeSpan Generous = TimeSpan.FromSeconds(30);

    private readonly TcpClient client;

    private TlsClient(TcpClient client, SslStream stream, X509Certificate2? seen)
    {
        this.client = client;
        Stream = stream;
        ServerCertificate = seen;
    }

    public SslStream Stream { get; }

    public X509Certificate2? ServerCertificate { get; }

    public IPEndPoint Local => (IPEndPoint)client.Client.LocalEndPoint!;

    public static async Task<TlsClient> ConnectAsync(
        IPEndPoint to, string name = "sip.example.org", X509Certificate2? own = null, SslProtocols versions = SslProtocols.None)
    {
        TcpClient client = new(AddressFamily.InterNetwork) { NoDelay = true };
        await client.ConnectAsync(to).WaitAsync(Generous);
        X509Certificate2? seen = null;
        SslStream stream = new(client.GetStream());
        try
        {
            await stream.AuthenticateAsClientAsync(new SslClientAuthenticationOptions
            {
                TargetHost = name,
                EnabledSslProtocols = versions,
                ClientCertificates = own is null ? null : [own],
                LocalCertificateSelectionCallback = own is null ? null : (_, _, _, _, _) => own,
                RemoteCertificateValidationCallback = (_, certificate, _, _) =>
                {
                    seen = certificate is null ? null : X509CertificateLoader.LoadCertificate(certificate.GetRawCertData());
                    return seen is not null;
                },
            }).WaitAsync(Generous);
        }
        catch
        {
            client.Dispose();
            throw;
        }

        return new TlsClient(client, stream, seen);
    }

    public async Task SendAsync(string text) => await Stream.WriteAsync(Encoding.ASCII.GetBytes(text)).AsTask().WaitAsync(Generous);

    public async Task<string> ReadAsync(int length)
    {
        byte[] buffer = new byte[length];
        await Stream.ReadExactlyAsync(buffer).AsTask().WaitAsync(Generous);
        return Encoding.ASCII.GetString(buffer);
    }

    /// <summary>Whether the server has ended the connection, in whatever way.</summary>
    public async Task<bool> EndsAsync()
    {
        try
        {
            return await Stream.ReadAsync(new byte[1]).AsTask().WaitAsync(Generous) == 0;
        }
        catch (IOException)
        {
            return true;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await Stream.DisposeAsync();
        client.Dispose();
    }
}

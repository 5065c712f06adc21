using System.Net;
using System.Net.WebSockets;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Sip.B2bua.RealTests.Phones;
using Sip.B2bua.RealTests.Programs;
using Sip.Tests.Transports;
using Xunit;

namespace Sip.B2bua.RealTests;

/// <summary>Phones that have a certificate in place of a password, over TLS and over secure WebSockets, by .NET's own TLS.</summary>
public sealed class ClientCertificateTests : IDisposable
{
    private static readonly TimeSpan Generous = TimeSpan.FromSeconds(30);

    private readonly TestAuthority authority = new();

    public void Dispose() => authority.Dispose();

    [Theory]
    [InlineData("TLS", "sip:alice@", 200)]
    [InlineData("TLS", "sip:bob@", 401)]
    [InlineData("TLS", null, 401)]
    [InlineData("WSS", "sip:alice@", 200)]
    [InlineData("WSS", "sip:bob@", 401)]
    [InlineData("WSS", null, 401)]
    public async Task A_phone_with_the_certificate_of_its_user_registers_without_a_password(string transport, string? user, int code)
    {
        await using ServerProcess server = await ServerProcess.StartAsync(new ServerSettings { Authority = authority, AsksCertificates = true });
        using X509Certificate2? own = user is null ? null : Readable(authority.Issue("phone", [user + Account.TestDomain]));
        string answer = await (transport == "TLS" ? AskByTlsAsync(server, own) : AskByWebSocketAsync(server, own));
        Assert.StartsWith($"SIP/2.0 {code} ", answer, StringComparison.Ordinal);
        await server.StopAsync();
    }

    private static async Task<string> AskByTlsAsync(ServerProcess server, X509Certificate2? own)
    {
        await using TlsClient client = await TlsClient.ConnectAsync(IPEndPoint.Parse(server.TlsHostPort), Account.TestDomain, own);
        await client.SendAsync(Register("TLS"));
        return await client.ReadAsync("SIP/2.0 200 ".Length);
    }

    private static async Task<string> AskByWebSocketAsync(ServerProcess server, X509Certificate2? own)
    {
        using ClientWebSocket client = new();
        client.Options.AddSubProtocol("sip");
        client.Options.RemoteCertificateValidationCallback = (_, certificate, _, _) => certificate is not null;
        if (own is not null)
        {
            client.Options.ClientCertificates.Add(own);
        }

        await client.ConnectAsync(new Uri(server.WebSocketUri), CancellationToken.None).WaitAsync(Generous);
        await client.SendAsync(Encoding.ASCII.GetBytes(Register("WSS")), WebSocketMessageType.Text, true, CancellationToken.None);
        byte[] buffer = new byte[8192];
        WebSocketReceiveResult read = await client.ReceiveAsync(buffer, CancellationToken.None).WaitAsync(Generous);
        return Encoding.ASCII.GetString(buffer, 0, read.Count);
    }

    // A key that was never in a file is none to the platform's client.
    private static X509Certificate2 Readable(X509Certificate2 made)
    {
        using (made)
        {
            return X509CertificateLoader.LoadPkcs12(made.Export(X509ContentType.Pkcs12), null);
        }
    }

    private static string Register(string transport) =>
        $"REGISTER sip:{Account.TestDomain} SIP/2.0\r\nVia: SIP/2.0/{transport} phone.invalid;branch=z9hG4bKcert\r\nMax-Forwards: 70\r\n"
        + $"From: <sip:alice@{Account.TestDomain}>;tag=1\r\nTo: <sip:alice@{Account.TestDomain}>\r\nCall-ID: certificate\r\nCSeq: 1 REGISTER\r\n"
        + $"Contact: <sip:alice@phone.invalid;transport={(transport == "TLS" ? "tls" : "ws")}>\r\nExpires: 60\r\nContent-Length: 0\r\n\r\n";
}

using Microsoft.Extensions.Logging.Abstractions;
using Sip.Transports;

namespace Sip.Tests.Transports;

public sealed class TlsCredentialsTests : IDisposable
{
    private readonly TestAuthority authority = new();

    public void Dispose() => authority.Dispose();

    [Fact]
    public void A_file_that_is_missing_is_named()
    {
        TlsSettings settings = new() { Certificates = [new TlsCertificateFiles(authority.Path("none.pem"), authority.File)] };
        Assert.StartsWith(authority.Path("none.pem") + " cannot be read", Fault(settings), StringComparison.Ordinal);
        Assert.Throws<TlsCredentialsException>(() => TlsCredentials.Open(settings, TimeProvider.System, NullLogger.Instance));
    }

    [Fact]
    public void A_file_without_a_certificate_is_named()
    {
        TlsCertificateFiles good = authority.Write(authority.Issue("a.example"), "a");
        Assert.Equal($"{good.Key} holds no certificate in PEM", Fault(new TlsSettings { Certificates = [good with { Chain = good.Key }] }));
    }

    [Fact]
    public void A_key_that_belongs_to_another_certificate_is_named()
    {
        TlsCertificateFiles a = authority.Write(authority.Issue("a.example"), "a");
        TlsCertificateFiles b = authority.Write(authority.Issue("b.example"), "b");
        Assert.Equal(
            $"{b.Key} holds no key without a password that belongs to the certificate in {a.Chain}",
            Fault(new TlsSettings { Certificates = [a with { Key = b.Key }] }));
    }

    [Fact]
    public void A_certificate_that_has_expired_is_refused()
    {
        TlsCertificateFiles old = authority.Write(authority.Issue("a.example", ["a.example"], expired: true), "old");
        Assert.StartsWith($"the certificate in {old.Chain} expired on ", Fault(new TlsSettings { Certificates = [old] }), StringComparison.Ordinal);
    }

    [Fact]
    public void A_point_that_listens_needs_a_certificate() =>
        Assert.Equal("there is no certificate: tls-certificates-file names none", Fault(new TlsSettings()));

    [Fact]
    public void Authorities_that_are_none_are_named()
    {
        TlsSettings settings = authority.Settings("a.example");
        Assert.StartsWith($"{authority.Path("a.example.key")} holds no authorities", Fault(settings with { AuthoritiesFile = authority.Path("a.example.key") }), StringComparison.Ordinal);
        Assert.EndsWith("there is no such file", Fault(settings with { AuthoritiesFile = authority.Path("x") }), StringComparison.Ordinal);
    }

    [Fact]
    public void Ciphers_that_do_not_exist_are_refused() =>
        Assert.StartsWith("tls-ciphers names no cipher", Fault(authority.Settings("a.example") with { Ciphers = "NONSENSE" }), StringComparison.Ordinal);

    [Fact]
    public void The_ciphers_of_a_Flexisip_file_are_understood() =>
        Assert.Null(Fault(authority.Settings("a.example") with { Ciphers = "HIGH:!SSLv2:!SSLv3:!TLSv1:!EXP:!ADH:!RC4:!3DES:!aNULL:!eNULL" }));

    [Fact]
    public void One_file_may_hold_both()
    {
        TlsCertificateFiles files = authority.Write(authority.Issue("a.example"), "a");
        string both = authority.Path("both.pem");
        File.WriteAllText(both, File.ReadAllText(files.Chain) + "\n" + File.ReadAllText(files.Key));
        Assert.Null(Fault(new TlsSettings { Certificates = [new TlsCertificateFiles(both, both)] }));
    }

    [Fact]
    public async Task Changed_files_are_taken_over_and_open_connections_stay()
    {
        await using SocketServer server = new SocketServer("TLS", "127.0.0.1:0", tls: authority.Settings("sip.example.org")).Start();
        await using TlsClient before = await TlsClient.ConnectAsync(server.At("127.0.0.1"));
        string old = before.ServerCertificate!.SerialNumber;

        Rewrite(authority.Issue("sip.example.org"), 1);
        Credentials(server).Check();
        await using TlsClient after = await TlsClient.ConnectAsync(server.At("127.0.0.1"));
        Assert.NotEqual(old, after.ServerCertificate!.SerialNumber);
        await before.SendAsync("MESSAGE sip:a@b SIP/2.0\r\nContent-Length: 0\r\n\r\n");
        await server.Sink.MessageAsync();
    }

    [Fact]
    public async Task Changed_files_that_cannot_be_used_change_nothing()
    {
        await using SocketServer server = new SocketServer("TLS", "127.0.0.1:0", tls: authority.Settings("sip.example.org")).Start();
        string old = await Serial(server);
        Rewrite(authority.Issue("sip.example.org", ["sip.example.org"], expired: true), 1);
        Credentials(server).Check();
        Assert.Equal(old, await Serial(server));
        File.WriteAllText(authority.Path("sip.example.org.pem"), "half a file");
        File.SetLastWriteTimeUtc(authority.Path("sip.example.org.pem"), new DateTime(2030, 1, 2, 0, 0, 0, DateTimeKind.Utc));
        Credentials(server).Check();
        Assert.Equal(old, await Serial(server));
        File.Delete(authority.Path("sip.example.org.pem"));
        Credentials(server).Check();
        Assert.Equal(old, await Serial(server));

        // And as soon as they are right again they count.
        Rewrite(authority.Issue("sip.example.org"), 3);
        Credentials(server).Check();
        Assert.NotEqual(old, await Serial(server));
    }

    [Fact]
    public async Task The_timer_looks_at_the_files()
    {
        TlsSettings settings = authority.Settings("sip.example.org") with { CheckInterval = TimeSpan.FromMilliseconds(20) };
        using TlsCredentials credentials = TlsCredentials.Open(settings, TimeProvider.System, NullLogger.Instance);
        string old = credentials.ForName(null).TargetCertificate.SerialNumber;
        Rewrite(authority.Issue("sip.example.org"), 1);
        using PeriodicTimer tick = new(TimeSpan.FromMilliseconds(10));
        for (int i = 0; i < 1000 && credentials.ForName(null).TargetCertificate.SerialNumber == old; i++)
        {
            await tick.WaitForNextTickAsync();
        }

        Assert.NotEqual(old, credentials.ForName(null).TargetCertificate.SerialNumber);
    }

    private static string? Fault(TlsSettings settings) => TlsCredentials.FaultOf(settings, TimeProvider.System.GetUtcNow());

    private static TlsCredentials Credentials(SocketServer server) => ((TlsTransport)server.Sets[0].Transports[0]).Credentials;

    private static async Task<string> Serial(SocketServer server)
    {
        await using TlsClient client = await TlsClient.ConnectAsync(server.At("127.0.0.1"));
        return client.ServerCertificate!.SerialNumber;
    }

    // The times of two writes within one tick of the file system's clock would be the same.
    private void Rewrite(System.Security.Cryptography.X509Certificates.X509Certificate2 certificate, int day)
    {
        TlsCertificateFiles files = authority.Write(certificate, "sip.example.org");
        File.SetLastWriteTimeUtc(files.Chain, new DateTime(2030, 1, day, 0, 0, 0, DateTimeKind.Utc));
    }
}

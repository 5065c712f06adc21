using System.Text;
using Sip.Headers;

namespace Sip.B2bua.FunctionalTests;

/// <summary>A server with a trunks file and a routes file, and the other servers, which a test plays.</summary>
internal sealed class TrunkSite : IDisposable
{
    /// <summary>A provider that is registered at, and all numbers go to it.</summary>
    public const string Provider = """
        [provider]
        uri=sip:203.0.113.9
        user=49301000
        auth-user=acc7
        password=pass7
        realm=provider.example
        domain=provider.example
        keep-alive=0
        """;

    public const string AllNumbers = "<trunk:provider> request.uri.user regexp '[0-9+]+'";

    private readonly string folder = Directory.CreateTempSubdirectory("trunks-").FullName;

    public TrunkSite(string trunks, string routes = "", string trustedHosts = "198.51.100.0/24", string configuration = "")
    {
        Write("trunks.conf", trunks);
        Write("routes.conf", routes);
        Server = TestServer.Start($"""
            [module::Trunks]
            trunks-file={folder}/trunks.conf
            [module::Forward]
            routes-config-path={folder}/routes.conf
            [module::Authentication]
            enabled=true
            trusted-hosts={trustedHosts}
            {configuration}
            """);
    }

    public TestServer Server { get; }

    /// <summary>Writes one of the files anew; the server looks at it within five seconds.</summary>
    public void Write(string file, string text)
    {
        string path = Path.Combine(folder, file);
        File.WriteAllText(path, text);
        File.SetLastWriteTimeUtc(path, DateTime.UtcNow.AddSeconds(Random.Shared.Next(60, 6000)));
    }

    public TestPhone AddServer(string address, string name = "provider") => Server.AddPhoneAt(address, name);

    /// <summary>The request's answer to a challenge, which must be right.</summary>
    public static string ExpectCredentials(TestMessage request, string header, string user, string realm, string password)
    {
        string value = request.Header(header);
        Assert.True(DigestCredentials.TryParse(Encoding.UTF8.GetBytes(value), out DigestCredentials credentials), value);
        Assert.Equal((user, realm), (Encoding.UTF8.GetString(credentials.Username), Encoding.UTF8.GetString(credentials.Realm)));
        Span<byte> ha1 = stackalloc byte[DigestHash.MaxHexLength];
        int length = DigestHash.Ha1(credentials.Algorithm, credentials.Username, credentials.Realm, Encoding.UTF8.GetBytes(password), ha1);
        Assert.True(DigestHash.Verify(credentials, Encoding.UTF8.GetBytes(request.Method), ha1[..length], default), value);
        Assert.Equal(request.RequestUri, Encoding.UTF8.GetString(credentials.Uri));
        return Encoding.UTF8.GetString(credentials.Nonce);
    }

    public void Dispose()
    {
        Server.Dispose();
        Directory.Delete(folder, recursive: true);
    }
}

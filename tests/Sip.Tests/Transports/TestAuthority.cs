using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Sip.Transports;

namespace Sip.Tests.Transports;

/// <summary>A certificate authority of one test, with its files in a folder that ends with it.</summary>
internal sealed class TestAuthority : IDisposable
{
    private static readonly DateTimeOffset Now = TimeProvider.System.GetUtcNow();

    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("sip-tls-");
    private readonly X509Certificate2 root;
    private int count;

    public TestAuthority()
    {
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        CertificateRequest request = new("CN=Test authority", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.CrlSign, true));
        root = request.CreateSelfSigned(Now.AddYears(-2), Now.AddYears(10));
        File = Path("ca.pem");
        System.IO.File.WriteAllText(File, root.ExportCertificatePem());
    }

    /// <summary>The authority's own certificate.</summary>
    public string File { get; }

    public X509Certificate2 Root => root;

    public string Path(string name) => System.IO.Path.Combine(folder.FullName, name);

    /// <summary>A certificate for names, addresses and URIs, as they look; without any, one with a common name only.</summary>
    public X509Certificate2 Issue(string common, string[] names, bool expired = false, bool rsa = false)
    {
        X500DistinguishedName subject = new($"CN={common}");
        using AsymmetricAlgorithm key = rsa ? RSA.Create(2048) : ECDsa.Create(ECCurve.NamedCurves.nistP256);
        CertificateRequest request = key is RSA r
            ? new(subject, r, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1)
            : new(subject, (ECDsa)key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(false, false, 0, true));
        if (names.Length > 0)
        {
            SubjectAlternativeNameBuilder builder = new();
            foreach (string name in names)
            {
                if (IPAddress.TryParse(name, out IPAddress? address))
                {
                    builder.AddIpAddress(address);
                }
                else if (name.Contains(':', StringComparison.Ordinal))
                {
                    builder.AddUri(new Uri(name));
                }
                else
                {
                    builder.AddDnsName(name);
                }
            }

            request.CertificateExtensions.Add(builder.Build());
        }

        DateTimeOffset until = expired ? Now.AddDays(-1) : Now.AddYears(1);
        using X509Certificate2 issued = request.Create(
            root.SubjectName, X509SignatureGenerator.CreateForECDsa(root.GetECDsaPrivateKey()!), Now.AddYears(-1), until, BitConverter.GetBytes(++count));
        return key is RSA own ? issued.CopyWithPrivateKey(own) : issued.CopyWithPrivateKey((ECDsa)key);
    }

    public X509Certificate2 Issue(params string[] names) => Issue(names[0], names);

    /// <summary>Writes a certificate and its key to two files.</summary>
    public TlsCertificateFiles Write(X509Certificate2 certificate, string name)
    {
        TlsCertificateFiles files = new(Path(name + ".pem"), Path(name + ".key"));
        System.IO.File.WriteAllText(files.Chain, certificate.ExportCertificatePem() + "\n" + root.ExportCertificatePem());
        AsymmetricAlgorithm key = (AsymmetricAlgorithm?)certificate.GetRSAPrivateKey() ?? certificate.GetECDsaPrivateKey()!;
        System.IO.File.WriteAllText(files.Key, key.ExportPkcs8PrivateKeyPem());
        return files;
    }

    /// <summary>The settings of a server with a certificate for each name, which trusts this authority.</summary>
    public TlsSettings Settings(params string[] names) => new()
    {
        Certificates = [.. names.Select(name => Write(Issue(name), name.Replace('*', '_')))],
        AuthoritiesFile = File,
        CheckInterval = TimeSpan.Zero,
    };

    public void Dispose()
    {
        root.Dispose();
        folder.Delete(recursive: true);
    }
}

using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Sip.Transports;

/// <summary>A certificate read from its files, with its key and the certificates of its issuers.</summary>
public sealed class TlsCertificate
{
    private readonly string[] names;

    private TlsCertificate(X509Certificate2 leaf, X509Certificate2[] issuers)
    {
        Leaf = leaf;
        Issuers = issuers;
        names = NamesOf(leaf);
    }

    /// <summary>The certificate, with its key.</summary>
    public X509Certificate2 Leaf { get; }

    /// <summary>The certificates behind it in the file.</summary>
    public IReadOnlyList<X509Certificate2> Issuers { get; }

    /// <summary>Reads one; null with a sentence if it cannot be used.</summary>
    /// <param name="files">Where it is.</param>
    /// <param name="now">The time at which it must not have expired.</param>
    /// <param name="fault">What is wrong.</param>
    public static TlsCertificate? TryRead(TlsCertificateFiles files, DateTimeOffset now, out string fault)
    {
        ArgumentNullException.ThrowIfNull(files);
        if (ReadText(files.Chain, out fault) is not { } chain || ReadText(files.Key, out fault) is not { } key)
        {
            return null;
        }

        X509Certificate2Collection all = [];
        try
        {
            all.ImportFromPem(chain);
            if (all.Count == 0)
            {
                fault = $"{files.Chain} holds no certificate in PEM";
                return null;
            }
        }
        catch (CryptographicException e)
        {
            fault = $"{files.Chain} holds something that is no certificate: {e.Message}";
            return null;
        }

        if (all[0].NotAfter.ToUniversalTime() < now.UtcDateTime)
        {
            fault = $"the certificate in {files.Chain} expired on {all[0].NotAfter.ToUniversalTime():yyyy-MM-dd HH:mm} UTC";
            return null;
        }

        try
        {
            return new TlsCertificate(X509Certificate2.CreateFromPem(chain, key), [.. all.Skip(1)]);
        }
        catch (Exception e) when (e is CryptographicException or ArgumentException)
        {
            fault = $"{files.Key} holds no key without a password that belongs to the certificate in {files.Chain}";
            return null;
        }
    }

    /// <summary>Whether it may be shown to a peer that asks for that name (RFC 6066 3). A wildcard stands for one label here, as in the Web.</summary>
    /// <param name="name">The name that the peer asks for.</param>
    public bool Serves(ReadOnlySpan<char> name)
    {
        foreach (string own in names)
        {
            bool wild = own.StartsWith("*.", StringComparison.Ordinal);
            int dot = wild ? name.IndexOf('.') : 0;
            if (dot >= 0 && own.AsSpan(wild ? 1 : 0).Equals(name[dot..], StringComparison.OrdinalIgnoreCase))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>The private key in PKCS #8.</summary>
    internal byte[] ExportKey()
    {
        using RSA? rsa = Leaf.GetRSAPrivateKey();
        if (rsa is not null)
        {
            return rsa.ExportPkcs8PrivateKey();
        }

        using ECDsa? curve = Leaf.GetECDsaPrivateKey();
        return curve?.ExportPkcs8PrivateKey() ?? [];
    }

    private static string[] NamesOf(X509Certificate2 leaf)
    {
        try
        {
            X509SubjectAlternativeNameExtension? alternative = leaf.Extensions.OfType<X509SubjectAlternativeNameExtension>().FirstOrDefault();
            return [.. SipIdentities.Of(leaf), .. alternative?.EnumerateDnsNames() ?? []];
        }
        catch (CryptographicException)
        {
            return [];
        }
    }

    private static string? ReadText(string path, out string fault)
    {
        try
        {
            fault = string.Empty;
            return File.ReadAllText(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            fault = $"{path} cannot be read: {e.Message}";
            return null;
        }
    }
}

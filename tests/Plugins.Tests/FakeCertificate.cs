using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Sip.Transports;

namespace Plugins.Tests;

/// <summary>What a peer's certificate says, read as the stack reads it.</summary>
internal sealed record FakeCertificate(IReadOnlyList<string> Domains, IReadOnlyList<string> Subjects)
{
    /// <summary>Makes one.</summary>
    /// <param name="common">Its common name.</param>
    /// <param name="names">Its subjectAltName: domains, addresses and URIs, as they look; none: it has no such extension.</param>
    public static FakeCertificate For(string common, params string[] names)
    {
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        CertificateRequest request = new(new X500DistinguishedName($"CN=\"{common}\""), key, HashAlgorithmName.SHA256);
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

        if (names.Length > 0)
        {
            request.CertificateExtensions.Add(builder.Build());
        }

        using X509Certificate2 certificate = request.CreateSelfSigned(DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch.AddYears(100));
        return new FakeCertificate(SipIdentities.Of(certificate), SipIdentities.SubjectsOf(certificate));
    }
}

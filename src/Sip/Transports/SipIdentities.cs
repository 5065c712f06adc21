using System.Formats.Asn1;
using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Sip.Uris;

namespace Sip.Transports;

/// <summary>The domains that a certificate stands for in SIP (RFC 5922 7.1), and all that it names.</summary>
public static class SipIdentities
{
    private const string SubjectAlternativeName = "2.5.29.17";
    private static readonly Asn1Tag DnsTag = new(TagClass.ContextSpecific, 2);
    private static readonly Asn1Tag UriTag = new(TagClass.ContextSpecific, 6);
    private static readonly Asn1Tag AddressTag = new(TagClass.ContextSpecific, 7);

    /// <summary>The domains; none out of a certificate that cannot be read.</summary>
    /// <param name="certificate">The certificate, whose signature was checked.</param>
    public static IReadOnlyList<string> Of(X509Certificate2 certificate)
    {
        ArgumentNullException.ThrowIfNull(certificate);
        X509Extension? names = certificate.Extensions.FirstOrDefault(e => e.Oid?.Value == SubjectAlternativeName);
        if (names is null)
        {
            // 7.1 step 2: the common name only if there is no subjectAltName at all.
            string common = certificate.GetNameInfo(X509NameType.SimpleName, forIssuer: false);
            return Uri.CheckHostName(common) == UriHostNameType.Dns ? [common] : [];
        }

        try
        {
            return Read(names.RawData);
        }
        catch (Exception e) when (e is AsnContentException or CryptographicException)
        {
            // It was signed by somebody trusted, and still is nothing to be compared with.
            return [];
        }
    }

    /// <summary>All names in a certificate as they stand there: those of subjectAltName, then the common name.</summary>
    /// <param name="certificate">The certificate, whose signature was checked.</param>
    public static IReadOnlyList<string> SubjectsOf(X509Certificate2 certificate)
    {
        ArgumentNullException.ThrowIfNull(certificate);
        List<string> subjects = [];
        if (certificate.Extensions.FirstOrDefault(e => e.Oid?.Value == SubjectAlternativeName) is { } names)
        {
            try
            {
                Read(names.RawData, (_, name) => subjects.Add(name));
            }
            catch (Exception e) when (e is AsnContentException or CryptographicException)
            {
                return []; // as above
            }
        }

        string common = certificate.GetNameInfo(X509NameType.SimpleName, forIssuer: false);
        if (common.Length > 0)
        {
            subjects.Add(common);
        }

        return subjects;
    }

    /// <summary>Whether one of them is the name. 7.2: whole names without regard to case, and no wildcards.</summary>
    internal static bool Contain(IReadOnlyList<string> identities, string name)
    {
        foreach (string identity in identities)
        {
            if (identity.AsSpan().TrimEnd('.').Equals(name.AsSpan().TrimEnd('.'), StringComparison.OrdinalIgnoreCase))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>The text in which a host is compared: a name in lower case without a last dot, an address without brackets.</summary>
    internal static string Normalize(ReadOnlySpan<byte> host)
    {
        string text = Encoding.ASCII.GetString(host).TrimEnd('.').ToLowerInvariant();
        return IPAddress.TryParse(text.Trim('[', ']'), out IPAddress? address) ? address.ToString() : text;
    }

    private static List<string> Read(byte[] extension)
    {
        List<string> uris = [];
        List<string> names = [];
        Read(extension, (isUri, name) =>
        {
            // 7.1: "sip" without a user; "sips" and every other scheme is not accepted.
            byte[] uri = Encoding.ASCII.GetBytes(name);
            if (!isUri)
            {
                names.Add(name);
            }
            else if (SipUri.TryParse(uri, out SipUri sip) && !sip.IsSecure && sip.User.IsEmpty && !name.Contains('@', StringComparison.Ordinal))
            {
                uris.Add(Normalize(sip.Host));
            }
        });

        // 7.1: names of the DNS count if and only if there is no SIP URI.
        return uris.Count > 0 ? uris : names;
    }

    private static void Read(byte[] extension, Action<bool, string> found)
    {
        AsnReader values = new AsnReader(extension, AsnEncodingRules.DER).ReadSequence();
        while (values.HasData)
        {
            Asn1Tag tag = values.PeekTag();
            if (tag.HasSameClassAndValue(UriTag))
            {
                found(true, values.ReadCharacterString(UniversalTagNumber.IA5String, UriTag));
            }
            else if (tag.HasSameClassAndValue(DnsTag))
            {
                found(false, values.ReadCharacterString(UniversalTagNumber.IA5String, DnsTag));
            }
            else if (tag.HasSameClassAndValue(AddressTag) && values.ReadOctetString(AddressTag) is { Length: 4 or 16 } address)
            {
                found(false, new IPAddress(address).ToString());
            }
            else if (!tag.HasSameClassAndValue(AddressTag))
            {
                values.ReadEncodedValue();
            }
        }
    }
}

using System.Formats.Asn1;
using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Sip.Uris;

namespace Sip.Transports;

/// <summary>The domains that a certificate stands for in SIP (RFC 5922 7.1).</summary>
internal static class SipIdentities
{
    private const string SubjectAlternativeName = "2.5.29.17";
    private static readonly Asn1Tag DnsTag = new(TagClass.ContextSpecific, 2);
    private static readonly Asn1Tag UriTag = new(TagClass.ContextSpecific, 6);
    private static readonly Asn1Tag AddressTag = new(TagClass.ContextSpecific, 7);

    /// <summary>Reads them; none out of a certificate that cannot be read.</summary>
    public static IReadOnlyList<string> Of(X509Certificate2 certificate)
    {
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

    /// <summary>Whether one of them is the name. 7.2: whole names without regard to case, and no wildcards.</summary>
    public static bool Contain(IReadOnlyList<string> identities, string name)
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
    public static string Normalize(ReadOnlySpan<byte> host)
    {
        string text = Encoding.ASCII.GetString(host).TrimEnd('.').ToLowerInvariant();
        return IPAddress.TryParse(text.Trim('[', ']'), out IPAddress? address) ? address.ToString() : text;
    }

    private static List<string> Read(byte[] extension)
    {
        List<string> uris = [];
        List<string> names = [];
        AsnReader values = new AsnReader(extension, AsnEncodingRules.DER).ReadSequence();
        while (values.HasData)
        {
            Asn1Tag tag = values.PeekTag();
            if (tag.HasSameClassAndValue(UriTag))
            {
                // 7.1: "sip" without a user; "sips" and every other scheme is not accepted.
                byte[] uri = Encoding.ASCII.GetBytes(values.ReadCharacterString(UniversalTagNumber.IA5String, UriTag));
                if (SipUri.TryParse(uri, out SipUri sip) && !sip.IsSecure && sip.User.IsEmpty && !uri.AsSpan().Contains((byte)'@'))
                {
                    uris.Add(Normalize(sip.Host));
                }
            }
            else if (tag.HasSameClassAndValue(DnsTag))
            {
                names.Add(values.ReadCharacterString(UniversalTagNumber.IA5String, DnsTag));
            }
            else if (tag.HasSameClassAndValue(AddressTag) && values.ReadOctetString(AddressTag) is { Length: 4 or 16 } address)
            {
                names.Add(new IPAddress(address).ToString());
            }
            else if (!tag.HasSameClassAndValue(AddressTag))
            {
                values.ReadEncodedValue();
            }
        }

        // 7.1: names of the DNS count if and only if there is no SIP URI.
        return uris.Count > 0 ? uris : names;
    }
}

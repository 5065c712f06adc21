using Sip.Headers;
using Sip.Messages;
using Sip.Transports;
using Sip.Uris;

namespace Sip.B2bua.Calls;

/// <summary>
/// The value of a From or To for another leg: display name and user stay; an address in place of a domain, parameters and headers do not.
/// </summary>
internal static class PartyValue
{
    /// <summary>Writes it.</summary>
    /// <param name="writer">The message of the other leg.</param>
    /// <param name="value">The header's value as it came.</param>
    /// <param name="localDomains">Which names mean us.</param>
    public static void Write(ref SipWriter writer, scoped ReadOnlySpan<byte> value, ILocalDomains localDomains)
    {
        if (!NameAddr.TryParse(value, out NameAddr address) || !SipUri.TryParse(address.Uri, out SipUri uri))
        {
            writer.Append("<sip:anonymous@anonymous.invalid>"u8); // RFC 3323 §4.1
            return;
        }

        if (address.DisplayName.Length > 0)
        {
            writer.Append(address.DisplayName);
            writer.Append(" "u8);
        }

        writer.Append("<"u8);
        writer.Append(uri.Scheme);
        writer.Append(":"u8);
        if (uri.User.Length > 0)
        {
            writer.Append(uri.User);
            writer.Append("@"u8);
        }

        writer.Append(SipAddress.TryParse(uri.Host, 0, out _) && !localDomains.IsUs(uri.Host, -1) ? "anonymous.invalid"u8 : uri.Host);
        writer.Append(">"u8);
    }
}

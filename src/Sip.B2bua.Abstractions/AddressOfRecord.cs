using System.Text;
using Sip.Uris;

namespace Sip.B2bua;

/// <summary>
/// The one spelling of an address-of-record that stores, modules and records use: <c>user@host</c>, the user unescaped, the
/// host in lower case without a trailing dot, no port, password or parameters. Without a user it is the host alone.
/// </summary>
public static class AddressOfRecord
{
    private const int MaxLength = 512;

    /// <summary>Reads it from a SIP or SIPS URI; false for any other URI, and for a user with control characters.</summary>
    /// <param name="uri">The URI's text.</param>
    /// <param name="addressOfRecord">The address-of-record, or empty.</param>
    public static bool TryRead(ReadOnlySpan<byte> uri, out string addressOfRecord)
    {
        addressOfRecord = "";
        return SipUri.TryParse(uri, out SipUri parsed) && TryRead(parsed, out addressOfRecord);
    }

    /// <summary>Reads it from a SIP or SIPS URI; false for a user with control characters, or a text longer than 512 octets.</summary>
    /// <param name="uri">The URI.</param>
    /// <param name="addressOfRecord">The address-of-record, or empty.</param>
    public static bool TryRead(in SipUri uri, out string addressOfRecord)
    {
        addressOfRecord = "";
        Span<byte> text = stackalloc byte[MaxLength];
        if (uri.User.Length + uri.Host.Length + 1 > MaxLength || !SipUris.TryUnescape(uri.User, text, out int length)
            || HasControl(text[..length]))
        {
            return false;
        }

        if (length > 0)
        {
            text[length++] = (byte)'@';
        }

        length += WriteHost(uri.Host, text[length..]);
        addressOfRecord = Encoding.UTF8.GetString(text[..length]);
        return true;
    }

    /// <summary>Takes an address-of-record apart at its last <c>@</c>.</summary>
    /// <param name="addressOfRecord">What <see cref="TryRead(ReadOnlySpan{byte}, out string)"/> gave.</param>
    /// <param name="user">The user, or empty.</param>
    /// <param name="domain">The host.</param>
    public static void Split(string addressOfRecord, out string user, out string domain)
    {
        ArgumentNullException.ThrowIfNull(addressOfRecord);
        int at = addressOfRecord.LastIndexOf('@');
        user = at < 0 ? "" : addressOfRecord[..at];
        domain = addressOfRecord[(at + 1)..];
    }

    private static int WriteHost(ReadOnlySpan<byte> host, Span<byte> to)
    {
        if (host.Length > 1 && host[^1] == '.')
        {
            host = host[..^1];
        }

        Ascii.ToLower(host, to, out int written);
        return written;
    }

    private static bool HasControl(ReadOnlySpan<byte> text) => text.ContainsAnyInRange((byte)0, (byte)0x1F) || text.Contains((byte)0x7F);
}

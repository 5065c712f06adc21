using System.Text;
using Sip.Messages;
using Sip.Uris;

namespace Sip.B2bua;

/// <summary>
/// The one spelling of an address-of-record that stores, modules and records use: <c>user@host</c>, the user unescaped, the
/// host in lower case without a trailing dot, no port, password or parameters. Without a user it is the host alone. Control
/// characters and the percent sign stay escaped, so that none reaches a log or a file and two users never have one spelling.
/// </summary>
public static class AddressOfRecord
{
    /// <summary>The longest one, in octets.</summary>
    public const int MaxLength = 512;

    /// <summary>Reads it from a SIP or SIPS URI; false for any other URI.</summary>
    /// <param name="uri">The URI's text.</param>
    /// <param name="addressOfRecord">The address-of-record, or empty.</param>
    public static bool TryRead(ReadOnlySpan<byte> uri, out string addressOfRecord)
    {
        addressOfRecord = "";
        return SipUri.TryParse(uri, out SipUri parsed) && TryRead(parsed, out addressOfRecord);
    }

    /// <summary>Reads it from a SIP or SIPS URI; false for a text longer than 512 octets.</summary>
    /// <param name="uri">The URI.</param>
    /// <param name="addressOfRecord">The address-of-record, or empty.</param>
    public static bool TryRead(in SipUri uri, out string addressOfRecord)
    {
        Span<byte> text = stackalloc byte[MaxLength];
        bool isWritten = TryWrite(uri, text, out int length);
        addressOfRecord = isWritten ? KnownTexts.Get(text[..length]) : "";
        return isWritten;
    }

    /// <summary>Writes the address-of-record of a SIP or SIPS URI; false for a text longer than 512 octets.</summary>
    /// <param name="uri">The URI.</param>
    /// <param name="to">Room for <see cref="MaxLength"/> octets.</param>
    /// <param name="length">How many octets were written.</param>
    public static bool TryWrite(in SipUri uri, Span<byte> to, out int length)
    {
        length = 0;
        if (uri.User.Length + uri.Host.Length + 1 > MaxLength || !TryWriteUser(uri.User, to, out length))
        {
            return false;
        }

        if (length > 0)
        {
            to[length++] = (byte)'@';
        }

        length += WriteHost(uri.Host, to[length..]);
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
        user = at < 0 ? "" : KnownTexts.Get(addressOfRecord.AsSpan(0, at));
        domain = at < 0 ? addressOfRecord : KnownTexts.Get(addressOfRecord.AsSpan(at + 1));
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

    // No longer than what is written in the URI: what stays escaped is escaped there.
    private static bool TryWriteUser(ReadOnlySpan<byte> user, Span<byte> to, out int written)
    {
        written = 0;
        Span<byte> plain = stackalloc byte[MaxLength];
        if (!SipUris.TryUnescape(user, plain, out int length))
        {
            return false;
        }

        foreach (byte octet in plain[..length])
        {
            if (octet is >= 0x20 and not 0x7F and not (byte)'%')
            {
                to[written++] = octet;
            }
            else if (written + 3 > to.Length)
            {
                return false;
            }
            else
            {
                to[written++] = (byte)'%';
                to[written++] = "0123456789ABCDEF"u8[octet >> 4];
                to[written++] = "0123456789ABCDEF"u8[octet & 15];
            }
        }

        return true;
    }
}

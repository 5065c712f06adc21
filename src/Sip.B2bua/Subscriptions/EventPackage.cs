using System.Globalization;
using System.Text;
using Sip.Messages;

namespace Sip.B2bua.Subscriptions;

/// <summary>The value of an Event header (RFC 6665 8.2.1).</summary>
internal static class EventPackage
{
    /// <summary>Reads it; false when it names none.</summary>
    /// <param name="value">The value.</param>
    /// <param name="name">The package, templates included.</param>
    /// <param name="id">The id by which subscriptions of one dialog are told apart; empty for none.</param>
    public static bool TryRead(ReadOnlySpan<byte> value, out ReadOnlySpan<byte> name, out ReadOnlySpan<byte> id)
    {
        int end = value.IndexOf((byte)';');
        name = SipChars.Trim(end < 0 ? value : value[..end]);
        id = default;
        while (end >= 0)
        {
            value = value[(end + 1)..];
            end = value.IndexOf((byte)';');
            ReadOnlySpan<byte> param = SipChars.Trim(end < 0 ? value : value[..end]);
            if (SipChars.StartsWithIgnoreCase(param, "id="u8))
            {
                id = param[3..];
            }
        }

        return name.Length > 0;
    }

    /// <summary>The value with another number as id; empty where it has not the one that is looked for.</summary>
    /// <param name="value">The value.</param>
    /// <param name="from">The number that it has.</param>
    /// <param name="to">The number that it gets.</param>
    public static byte[] WithId(ReadOnlySpan<byte> value, uint from, uint to)
    {
        bool isMeant = TryRead(value, out _, out ReadOnlySpan<byte> id) && SipChars.TryParseUInt(id, out uint number) && number == from;
        return isMeant && value.Overlaps(id, out int at)
            ? [.. value[..at], .. Encoding.ASCII.GetBytes(to.ToString(CultureInfo.InvariantCulture)), .. value[(at + id.Length)..]]
            : [];
    }
}

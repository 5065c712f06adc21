using System.Diagnostics.CodeAnalysis;
using Sip.Headers;
using Sip.Messages;
using Sip.Uris;

namespace Sip.B2bua.Calls;

/// <summary>Where a REFER wants somebody to go: its Refer-To, taken apart and copied.</summary>
internal sealed class ReferTo
{
    private readonly List<(byte[] Name, byte[] Value)> headers = [];

    private ReferTo(byte[] uri) => Uri = uri;

    /// <summary>The URI to be called, without headers and method.</summary>
    public byte[] Uri { get; }

    /// <summary>The value of the Replaces header that the URI carries (RFC 3891 §4), unescaped; null: none.</summary>
    public byte[]? Replaces { get; private set; }

    /// <summary>False when the URI asks for another method than INVITE.</summary>
    public bool IsInvite { get; private init; } = true;

    /// <summary>False when the URI asks for an extension that the server does not know (RFC 3261 19.1.5: such a request is not sent).</summary>
    public bool IsPossible { get; private set; } = true;

    /// <summary>Headers that the URI asks for and that may be had: what they say is between the two parties. Unescaped.</summary>
    public IReadOnlyList<(byte[] Name, byte[] Value)> Headers => headers;

    /// <summary>Whether a REFER asks for no NOTIFY (RFC 4488 4).</summary>
    public static bool WantsSilence(SipMessage refer)
    {
        ReadOnlySpan<byte> value = refer.First(HeaderId.ReferSub);
        int end = value.IndexOf((byte)';');
        return SipChars.EqualsIgnoreCase(SipChars.Trim(end < 0 ? value : value[..end]), "false"u8);
    }

    /// <summary>RFC 3515 2.4.2: exactly one Refer-To, or it is a bad request.</summary>
    public static bool TryRead(SipMessage refer, [NotNullWhen(true)] out ReferTo? to)
    {
        to = null;
        HeaderValues values = refer.Values(HeaderId.ReferTo);
        if (!values.MoveNext() || !NameAddr.TryParse(values.Current, out NameAddr address) || address.Uri.IsEmpty || values.MoveNext())
        {
            return false;
        }

        if (!SipUri.TryParse(address.Uri, out SipUri uri))
        {
            to = new ReferTo(Plain(address.Uri));
            return true;
        }

        ReferTo read = new(Plain(address.Uri))
        {
            IsInvite = !uri.TryGetParam("method"u8, out ReadOnlySpan<byte> method) || SipChars.EqualsIgnoreCase(method, "INVITE"u8),
        };
        foreach (UriPart header in new UriParts(uri.Headers, (byte)'&'))
        {
            if (!read.TryAdd(header))
            {
                return false;
            }
        }

        to = read;
        return true;
    }

    // 19.1.5: who asks chooses; what would say who or where somebody is, or what the server can do, is left out.
    private bool TryAdd(UriPart header)
    {
        byte[] value = new byte[header.Value.Length];
        if (!SipUris.TryUnescape(header.Value, value, out int length))
        {
            return false;
        }

        value = value[..length];
        if (SipChars.EqualsIgnoreCase(header.Name, "Replaces"u8))
        {
            Replaces = value;
        }
        else if (SipChars.EqualsIgnoreCase(header.Name, "Require"u8))
        {
            IsPossible &= SipChars.EqualsIgnoreCase(value, "replaces"u8);
        }
        else if (IsHarmless(header.Name))
        {
            headers.Add((header.Name.ToArray(), value));
        }

        return !value.AsSpan().ContainsAny((byte)'\r', (byte)'\n', (byte)0); // nothing becomes another header
    }

    // What a phone would have a server pass on anyhow (RFC 3261 20, RFC 3841, RFC 7433), and the users' own.
    private static bool IsHarmless(ReadOnlySpan<byte> name) =>
        SipChars.EqualsIgnoreCase(name, "Subject"u8)
        || SipChars.EqualsIgnoreCase(name, "Priority"u8)
        || SipChars.EqualsIgnoreCase(name, "Accept-Contact"u8)
        || SipChars.EqualsIgnoreCase(name, "Reject-Contact"u8)
        || SipChars.EqualsIgnoreCase(name, "Request-Disposition"u8)
        || SipChars.EqualsIgnoreCase(name, "User-to-User"u8)
        || (SipChars.StartsWithIgnoreCase(name, "X-"u8) && SipChars.IsToken(name));

    // 19.1.1, table 1: neither headers nor a method has a place in a Request-URI.
    private static byte[] Plain(ReadOnlySpan<byte> uri)
    {
        int host = uri.IndexOf((byte)'@') + 1;
        int question = uri[host..].IndexOf((byte)'?');
        uri = question < 0 ? uri : uri[..(host + question)];
        int start = host;
        while (uri[start..].IndexOf((byte)';') is >= 0 and int at)
        {
            start += at;
            int length = uri[(start + 1)..].IndexOf((byte)';') is >= 0 and int next ? next + 1 : uri.Length - start;
            if (SipChars.StartsWithIgnoreCase(uri[start..], ";method="u8))
            {
                return [.. uri[..start], .. uri[(start + length)..]];
            }

            start += length;
        }

        return uri.ToArray();
    }
}

using System.Diagnostics.CodeAnalysis;
using Sip.Headers;
using Sip.Messages;
using Sip.Uris;

namespace Sip.B2bua.Calls;

/// <summary>Where a REFER wants somebody to go: its Refer-To, taken apart and copied.</summary>
internal sealed class ReferTo
{
    private ReferTo(byte[] uri, byte[]? replaces, bool isInvite)
    {
        Uri = uri;
        Replaces = replaces;
        IsInvite = isInvite;
    }

    /// <summary>The URI to be called, without headers and method.</summary>
    public byte[] Uri { get; }

    /// <summary>The value of the Replaces header that the URI carries (RFC 3891 §4), unescaped; null: none.</summary>
    public byte[]? Replaces { get; }

    /// <summary>False when the URI asks for another method than INVITE.</summary>
    public bool IsInvite { get; }

    /// <summary>RFC 3515 2.4.2: exactly one Refer-To, or it is a bad request.</summary>
    public static bool TryRead(SipMessage refer, [NotNullWhen(true)] out ReferTo? to)
    {
        to = null;
        HeaderValues values = refer.Values(HeaderId.ReferTo);
        if (!values.MoveNext() || !NameAddr.TryParse(values.Current, out NameAddr address) || address.Uri.IsEmpty || values.MoveNext())
        {
            return false;
        }

        byte[]? replaces = null;
        bool invite = true;
        if (SipUri.TryParse(address.Uri, out SipUri uri))
        {
            invite = !uri.TryGetParam("method"u8, out ReadOnlySpan<byte> method) || SipChars.EqualsIgnoreCase(method, "INVITE"u8);
            foreach (UriPart header in new UriParts(uri.Headers, (byte)'&'))
            {
                if (SipChars.EqualsIgnoreCase(header.Name, "Replaces"u8))
                {
                    replaces = new byte[header.Value.Length];
                    if (!SipUris.TryUnescape(header.Value, replaces, out int length) || replaces.AsSpan(0, length).ContainsAny((byte)'\r', (byte)'\n'))
                    {
                        return false;
                    }

                    replaces = replaces[..length];
                }
            }
        }

        to = new ReferTo(Plain(address.Uri), replaces, invite);
        return true;
    }

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

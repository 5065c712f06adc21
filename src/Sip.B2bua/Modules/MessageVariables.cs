using System.Buffers.Text;
using Sip.Headers;
using Sip.Messages;
using Sip.Uris;

namespace Sip.B2bua.Modules;

/// <summary>What a filter may ask of a SIP message, read from the message itself. One object serves a loop, one message after the other.</summary>
internal sealed class MessageVariables : IFilterVariables
{
    private SipMessage message = null!;

    /// <summary>The part of a URI that a variable names.</summary>
    private enum Part
    {
        Domain,
        User,
        Params,
    }

    /// <inheritdoc/>
    public bool IsRequest => message.IsRequest;

    /// <summary>This object, reading from <paramref name="of"/> from now on.</summary>
    public MessageVariables Of(SipMessage of)
    {
        message = of;
        return this;
    }

    /// <inheritdoc/>
    public ReadOnlySpan<byte> Read(FilterVariable variable, Span<byte> scratch) => variable switch
    {
        FilterVariable.Direction => message.IsRequest ? "request"u8 : "response"u8,
        FilterVariable.RequestMethod => message.IsRequest ? message.MethodName : default,
        FilterVariable.RequestUriDomain => OfRequestUri(Part.Domain),
        FilterVariable.RequestUriUser => OfRequestUri(Part.User),
        FilterVariable.RequestUriParams => OfRequestUri(Part.Params),
        FilterVariable.FromUriDomain => OfAddress(message.From, Part.Domain),
        FilterVariable.FromUriUser => OfAddress(message.From, Part.User),
        FilterVariable.FromUriParams => OfAddress(message.From, Part.Params),
        FilterVariable.ToUriDomain => OfAddress(message.To, Part.Domain),
        FilterVariable.ToUriUser => OfAddress(message.To, Part.User),
        FilterVariable.ToUriParams => OfAddress(message.To, Part.Params),
        FilterVariable.ContactUriDomain => OfContact(Part.Domain),
        FilterVariable.ContactUriUser => OfContact(Part.User),
        FilterVariable.ContactUriParams => OfContact(Part.Params),
        FilterVariable.UserAgent => message.First(HeaderId.UserAgent),
        FilterVariable.CallId => message.CallId,
        FilterVariable.CallIdHash => Number(Hash(message.CallId), scratch),
        FilterVariable.StatusCode => message.IsRequest ? default : Number((uint)message.StatusCode, scratch),
        FilterVariable.StatusPhrase => message.IsRequest ? default : message.ReasonPhrase,
        FilterVariable.ContentType => WithoutParams(message.ContentType),
        _ => default,
    };

    private static ReadOnlySpan<byte> OfAddress(ReadOnlySpan<byte> value, Part part) =>
        NameAddr.TryParse(value, out NameAddr address) ? OfUri(address.Uri, part) : default;

    private static ReadOnlySpan<byte> OfUri(ReadOnlySpan<byte> text, Part part)
    {
        if (!SipUri.TryParse(text, out SipUri uri))
        {
            return default;
        }

        return part switch
        {
            Part.Domain => uri.Host,
            Part.User => uri.User,
            Part.Params => uri.Params,
            _ => default,
        };
    }

    private static ReadOnlySpan<byte> WithoutParams(ReadOnlySpan<byte> value)
    {
        int end = value.IndexOf((byte)';');
        return SipChars.Trim(end < 0 ? value : value[..end]);
    }

    private static ReadOnlySpan<byte> Number(uint value, Span<byte> scratch)
    {
        Utf8Formatter.TryFormat(value, scratch, out int length);
        return scratch[..length];
    }

    // FNV-1a: the same in every process and on every machine, so that two servers share calls out alike.
    private static uint Hash(ReadOnlySpan<byte> text)
    {
        uint hash = 2166136261;
        foreach (byte c in text)
        {
            hash = (hash ^ c) * 16777619;
        }

        return hash;
    }

    private ReadOnlySpan<byte> OfRequestUri(Part part) => message.IsRequest ? OfUri(message.RequestUri, part) : default;

    private ReadOnlySpan<byte> OfContact(Part part)
    {
        foreach (ReadOnlySpan<byte> value in message.Values(HeaderId.Contact))
        {
            return OfAddress(value, part);
        }

        return default;
    }
}

namespace Sip.Messages;

/// <summary>
/// Finds the session description in a body: the body itself, or a part of a multipart one (RFC 5621 3 and 8: every user agent must
/// be able to read multipart/mixed, parts within parts too).
/// </summary>
public static class SessionBody
{
    // RFC 5621 sets no limit to nesting.
    private const int MaxDepth = 4;

    /// <summary>Whether a Content-Type value is that of a session description (RFC 8866).</summary>
    /// <param name="contentType">The value.</param>
    public static bool IsSession(ReadOnlySpan<byte> contentType) => SipChars.EqualsIgnoreCase(TypeOf(contentType), "application/sdp"u8);

    /// <summary>The session description in a body, where it lies there; empty when there is none.</summary>
    /// <param name="contentType">The value of the body's Content-Type.</param>
    /// <param name="body">The body.</param>
    public static ReadOnlySpan<byte> Find(ReadOnlySpan<byte> contentType, ReadOnlySpan<byte> body) =>
        IsSession(contentType) ? body : MultipartReader.IsMultipart(contentType) ? FindPart(contentType, body, MaxDepth) : default;

    /// <summary>The session description in the body of a message; empty when there is none.</summary>
    /// <param name="message">The message.</param>
    public static ReadOnlySpan<byte> Find(SipMessage message)
    {
        ArgumentNullException.ThrowIfNull(message);
        return Find(message.ContentType, message.Body);
    }

    /// <summary>
    /// Whether the body of a request cannot be read although it must be: it holds the session, or would, but is coded, or its parts
    /// cannot be told apart. RFC 3261 8.2.3: such a request gets 415, unless Content-Disposition says that the body is optional.
    /// Bodies of any other kind are for the far end to understand.
    /// </summary>
    /// <param name="request">The request.</param>
    public static bool IsUnreadable(SipMessage request)
    {
        ArgumentNullException.ThrowIfNull(request);
        bool multipart = MultipartReader.IsMultipart(request.ContentType);
        if (request.Body.IsEmpty || !(multipart || IsSession(request.ContentType)) || IsOptional(request.First(HeaderId.ContentDisposition)))
        {
            return false;
        }

        return IsCoded(request.First(HeaderId.ContentEncoding))
            || (multipart && !(MultipartReader.TryCreate(request.ContentType, request.Body, out MultipartReader parts) && parts.MoveNext()));
    }

    private static ReadOnlySpan<byte> FindPart(ReadOnlySpan<byte> contentType, ReadOnlySpan<byte> body, int depth)
    {
        if (depth == 0 || !MultipartReader.TryCreate(contentType, body, out MultipartReader parts))
        {
            return default;
        }

        while (parts.MoveNext())
        {
            BodyPart part = parts.Current;
            ReadOnlySpan<byte> type = part.ContentType;
            if (IsSession(type) && IsTheSession(part.Header(HeaderId.ContentDisposition)) && !IsCoded(part.Header(HeaderId.ContentEncoding)))
            {
                return part.Content;
            }

            if (MultipartReader.IsMultipart(type) && FindPart(type, part.Content, depth - 1) is { IsEmpty: false } inner)
            {
                return inner;
            }
        }

        return default;
    }

    // RFC 3261 20.11: an application/sdp body without the header is the session; RFC 3959: early-session is another one.
    private static bool IsTheSession(ReadOnlySpan<byte> disposition) =>
        disposition.IsEmpty || SipChars.EqualsIgnoreCase(TypeOf(disposition), "session"u8);

    private static bool IsCoded(ReadOnlySpan<byte> encoding) => !encoding.IsEmpty && !SipChars.EqualsIgnoreCase(encoding, "identity"u8);

    // RFC 3261 20.11: without the parameter the handling is required.
    private static bool IsOptional(ReadOnlySpan<byte> disposition)
    {
        int at = disposition.IndexOf((byte)';');
        while (at >= 0)
        {
            ReadOnlySpan<byte> rest = disposition[(at + 1)..];
            int end = rest.IndexOf((byte)';');
            ReadOnlySpan<byte> param = end < 0 ? rest : rest[..end];
            int sign = param.IndexOf((byte)'=');
            if (sign > 0 && SipChars.EqualsIgnoreCase(SipChars.Trim(param[..sign]), "handling"u8))
            {
                return SipChars.EqualsIgnoreCase(SipChars.Trim(param[(sign + 1)..]), "optional"u8);
            }

            at = end < 0 ? -1 : at + 1 + end;
        }

        return false;
    }

    private static ReadOnlySpan<byte> TypeOf(ReadOnlySpan<byte> value)
    {
        int end = value.IndexOf((byte)';');
        return SipChars.Trim(end < 0 ? value : value[..end]);
    }
}

using System.Buffers;
using Sip.Messages;

namespace Sip.B2bua.Calls;

/// <summary>
/// Which bodies cross, and which parts of multipart ones (RFC 5621): the companion of <see cref="HeaderPolicy"/>.
/// <code>
///   application/sdp                  crosses as the modules have left it
///   message/sip (RFC 3261 27.5)      stays: it is a whole message of one side, with its path, its addresses and its ids
///   message/sipfrag (RFC 3420)       its status line crosses, which says how a transfer fares (RFC 3515 2.4.5); nothing else of it
///   multipart/*                      part by part; what has no part left is no body
///   all others                       cross: pictures, locations (PIDF), ISUP and text are the users' own
/// </code>
/// A signature over a part that stays proves nothing any more; neither does one over a session that the media relay has changed.
/// </summary>
internal static class BodyPolicy
{
    // RFC 5621 sets no limit to nesting; what lies deeper does not cross.
    private const int MaxDepth = 4;

    /// <summary>What crosses of a body: nearly always all of it, where it lies.</summary>
    /// <param name="contentType">The value of its Content-Type.</param>
    /// <param name="body">The body.</param>
    public static ReadOnlySpan<byte> Of(ReadOnlySpan<byte> contentType, ReadOnlySpan<byte> body) =>
        CrossesWhole(contentType, body, MaxDepth) ? body : Reduce(contentType, body, MaxDepth);

    private static bool CrossesWhole(ReadOnlySpan<byte> contentType, ReadOnlySpan<byte> body, int depth)
    {
        if (!MultipartReader.IsMultipart(contentType))
        {
            return !IsMessage(contentType) || ReduceMessage(contentType, body).Length == body.Length;
        }

        if (depth == 0 || !MultipartReader.TryCreate(contentType, body, out MultipartReader parts))
        {
            return depth > 0; // nobody can tell its parts apart
        }

        while (parts.MoveNext())
        {
            if (!CrossesWhole(parts.Current.ContentType, parts.Current.Content, depth - 1))
            {
                return false;
            }
        }

        return parts.IsClosed; // what comes after the last part that was read nobody has looked at
    }

    private static ReadOnlySpan<byte> Reduce(ReadOnlySpan<byte> contentType, ReadOnlySpan<byte> body, int depth)
    {
        if (!MultipartReader.IsMultipart(contentType))
        {
            return IsMessage(contentType) ? ReduceMessage(contentType, body) : body;
        }

        if (depth == 0 || !MultipartReader.TryCreate(contentType, body, out MultipartReader parts))
        {
            return depth > 0 ? body : default;
        }

        ArrayBufferWriter<byte> kept = new(body.Length + parts.Boundary.Length + 8);
        while (parts.MoveNext())
        {
            BodyPart part = parts.Current;
            ReadOnlySpan<byte> content = Reduce(part.ContentType, part.Content, depth - 1);
            if (content.Length > 0 || part.Content.IsEmpty)
            {
                WriteDelimiter(kept, parts.Boundary, "\r\n"u8);
                kept.Write(part.Headers);
                kept.Write(content);
                kept.Write("\r\n"u8);
            }
        }

        if (kept.WrittenCount == 0)
        {
            return default;
        }

        WriteDelimiter(kept, parts.Boundary, "--\r\n"u8);
        return kept.WrittenSpan;
    }

    private static void WriteDelimiter(ArrayBufferWriter<byte> body, ReadOnlySpan<byte> boundary, ReadOnlySpan<byte> end)
    {
        body.Write("--"u8);
        body.Write(boundary);
        body.Write(end);
    }

    private static bool IsMessage(ReadOnlySpan<byte> contentType) =>
        SipChars.StartsWithIgnoreCase(contentType, "message/sip"u8) && (IsOf(contentType, "message/sip"u8) || IsOf(contentType, "message/sipfrag"u8));

    private static ReadOnlySpan<byte> ReduceMessage(ReadOnlySpan<byte> contentType, ReadOnlySpan<byte> body)
    {
        if (!IsOf(contentType, "message/sipfrag"u8) || !body.StartsWith("SIP/2.0 "u8))
        {
            return default;
        }

        int end = body.IndexOf((byte)'\n');
        return end < 0 ? body : body[..(end + 1)];
    }

    private static bool IsOf(ReadOnlySpan<byte> contentType, ReadOnlySpan<byte> type)
    {
        int parameters = contentType.IndexOf((byte)';');
        return SipChars.EqualsIgnoreCase(SipChars.Trim(parameters < 0 ? contentType : contentType[..parameters]), type);
    }
}

namespace Sip.Messages;

/// <summary>
/// Cuts the octets of a stream into messages by Content-Length (RFC 3261 section 18.3) and into keep-alives (RFC 5626 section
/// 3.5.1). One for each connection: it remembers how far it has looked, so that a message that arrives octet by octet still
/// costs linear time. What it finds does not depend on how the octets arrive.
/// </summary>
public struct SipFramer
{
    private int scanned;
    private int total;
    private bool afterLineEnd;

    /// <summary>
    /// Looks at the octets buffered, from the first not yet consumed. After <see cref="SipFrameKind.Message"/> and
    /// <see cref="SipFrameKind.KeepAlive"/> the caller consumes that many octets and asks again with the rest; after
    /// <see cref="SipFrameKind.NeedMore"/> it asks again with the same octets and more.
    /// </summary>
    public SipFrame Next(ReadOnlySpan<byte> buffered, SipLimits limits)
    {
        if (total == 0)
        {
            if (buffered.IsEmpty)
            {
                return default;
            }

            SipFrame? start = scanned == 0 ? LookAtStart(buffered) : null;
            if (start is { } known)
            {
                return known;
            }

            FramingError error = FindLength(buffered, limits);
            if (error != FramingError.None)
            {
                return new SipFrame(SipFrameKind.Error, error == FramingError.HeadersTooLarge ? 0 : scanned, false, error);
            }
        }

        if (total == 0 || buffered.Length < total)
        {
            return default;
        }

        SipFrame message = new(SipFrameKind.Message, total, false, FramingError.None);
        scanned = total = 0;
        afterLineEnd = false;
        return message;
    }

    /// <summary>The line end that came last was the answer to a ping of ours: the next one does not make it a ping of the peer's.</summary>
    public void TakePong() => afterLineEnd = false;

    // A message starts with a token (method or "SIP"). A second CRLF right behind a first makes the two a ping.
    private SipFrame? LookAtStart(ReadOnlySpan<byte> buffered)
    {
        if (buffered[0] == '\r')
        {
            if (buffered.Length == 1)
            {
                return default(SipFrame);
            }

            if (buffered[1] != '\n')
            {
                return new SipFrame(SipFrameKind.Error, 0, false, FramingError.BareLineBreak);
            }

            bool ping = afterLineEnd;
            afterLineEnd = !ping;
            return new SipFrame(SipFrameKind.KeepAlive, 2, ping, FramingError.None);
        }

        return SipChars.IsToken(buffered[0]) ? null : new SipFrame(SipFrameKind.Error, 0, false, FramingError.NotSip);
    }

    private FramingError FindLength(ReadOnlySpan<byte> buffered, SipLimits limits)
    {
        int end = buffered[scanned..].IndexOf("\r\n\r\n"u8);
        if (end < 0)
        {
            // The last three octets may be the start of what is looked for.
            scanned = Math.Max(scanned, buffered.Length - 3);
            return buffered.Length > limits.MaxHeaderBytes ? FramingError.HeadersTooLarge : FramingError.None;
        }

        scanned += end + 4;
        if (scanned > limits.MaxHeaderBytes)
        {
            return FramingError.HeadersTooLarge;
        }

        FramingError error = ReadContentLength(buffered[..scanned], out int body);
        if (error == FramingError.None && body > limits.MaxMessageBytes - scanned)
        {
            error = FramingError.MessageTooLarge;
        }

        total = error == FramingError.None ? scanned + body : 0;
        return error;
    }

    private static FramingError ReadContentLength(ReadOnlySpan<byte> headers, out int length)
    {
        length = -1;
        int startLine = headers.IndexOfAny((byte)'\r', (byte)'\n');
        if (headers[startLine] != '\r' || headers[startLine + 1] != '\n')
        {
            return FramingError.BareLineBreak;
        }

        HeaderReader reader = new(headers, startLine + 2);
        while (true)
        {
            HeaderStep step = reader.Next(out HeaderLine line);
            if (step == HeaderStep.End)
            {
                return length < 0 ? FramingError.MissingContentLength : FramingError.None;
            }

            if (step is HeaderStep.BareLineBreak or HeaderStep.Unfinished)
            {
                return FramingError.BareLineBreak;
            }

            if (line.Id == HeaderId.ContentLength)
            {
                if (length >= 0)
                {
                    return FramingError.DuplicateContentLength;
                }

                if (!SipChars.TryParseInt(headers.Slice(line.ValueStart, line.ValueLength), int.MaxValue, out length))
                {
                    return FramingError.BadContentLength;
                }
            }
        }
    }
}

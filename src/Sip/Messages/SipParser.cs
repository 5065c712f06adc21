using Sip.Headers;

namespace Sip.Messages;

/// <summary>
/// Octets to <see cref="SipMessage"/>. Never throws and allocates nothing, whatever the octets are; one pass over the header
/// lines, then the few headers that every layer needs.
/// </summary>
public static class SipParser
{
    private const int HardMaxHeaders = 1000;

    /// <summary>
    /// Parses a datagram, or one message that <see cref="SipFramer"/> cut off a stream. On success the message takes over the
    /// caller's count of the buffer. On an error the caller keeps it, and the message, valid as long as the buffer is, carries
    /// what could be read: see <see cref="SipMessage.CanBeAnswered"/>.
    /// </summary>
    public static SipParseError Parse(SipBuffer buffer, bool stream, SipMessage message, in SipLimits limits)
    {
        message.Attach(buffer);
        ReadOnlySpan<byte> bytes = buffer.Span;
        int start = SkipEmptyLines(bytes);
        if (start == bytes.Length)
        {
            return SipParseError.Empty;
        }

        SipParseError error = StartLineParser.Parse(bytes, start, message, out int headers);
        if (error is SipParseError.NotSip or SipParseError.BareLineBreak or SipParseError.MissingEmptyLine)
        {
            return error;
        }

        Note(ref error, bytes.Length > limits.MaxMessageBytes ? SipParseError.MessageTooLarge : SipParseError.None);
        Note(ref error, ReadHeaders(bytes, headers, message, limits, out int body));
        Note(ref error, ReadRequired(bytes, message));
        Note(ref error, ReadBody(bytes, body, stream, message));
        if (error == SipParseError.None)
        {
            message.Own();
        }

        return error;
    }

    private static void Note(ref SipParseError error, SipParseError next)
    {
        if (error == SipParseError.None)
        {
            error = next;
        }
    }

    // 7.5: empty lines before the start line are ignored. A keep-alive may also be white space or zero octets.
    private static int SkipEmptyLines(ReadOnlySpan<byte> bytes)
    {
        int start = 0;
        while (start < bytes.Length && bytes[start] is (byte)'\r' or (byte)'\n')
        {
            start++;
        }

        return start < bytes.Length && bytes[start] is not (0 or (byte)' ' or (byte)'\t') ? start
            : bytes.ContainsAnyExcept("\0 \t\r\n"u8) ? start : bytes.Length;
    }

    // Goes on after an error where it can, so that the message can be answered.
    private static SipParseError ReadHeaders(ReadOnlySpan<byte> bytes, int start, SipMessage message, SipLimits limits, out int body)
    {
        SipParseError error = SipParseError.None;
        HeaderReader reader = new(bytes, start);
        int max = Math.Min(limits.MaxHeaders, HardMaxHeaders);
        while (true)
        {
            HeaderStep step = reader.Next(out HeaderLine line);
            body = reader.Position;
            switch (step)
            {
                case HeaderStep.Header:
                    if (message.HeaderCount >= max)
                    {
                        Note(ref error, SipParseError.TooManyHeaders);
                        return error;
                    }

                    if (!message.Add(line) && HeaderTable.IsSingle(line.Id))
                    {
                        Note(ref error, SipParseError.DuplicateHeader);
                    }

                    break;
                case HeaderStep.BadLine:
                    Note(ref error, SipParseError.BadHeaderLine);
                    break;
                case HeaderStep.BareLineBreak:
                    Note(ref error, SipParseError.BareLineBreak);
                    return error;
                case HeaderStep.Unfinished:
                    Note(ref error, SipParseError.MissingEmptyLine);
                    return error;
                default:
                    Note(ref error, body - start > limits.MaxHeaderBytes ? SipParseError.HeadersTooLarge : SipParseError.None);
                    return error;
            }
        }
    }

    private static SipParseError ReadRequired(ReadOnlySpan<byte> bytes, SipMessage message)
    {
        SipParseError error = ReadVia(bytes, message);
        Note(ref error, ReadAddress(bytes, message.From, message.Has(HeaderId.From), SipParseError.MissingFrom, SipParseError.BadFrom, out Slice fromTag));
        Note(ref error, ReadAddress(bytes, message.To, message.Has(HeaderId.To), SipParseError.MissingTo, SipParseError.BadTo, out Slice toTag));
        message.FromTagSlice = fromTag;
        message.ToTagSlice = toTag;
        Note(ref error, CheckCallId(message));
        Note(ref error, ReadCSeq(bytes, message));
        message.CanBeAnswered = !message.TopViaSlice.Equals(default) && message.Has(HeaderId.From) && message.Has(HeaderId.To)
            && message.Has(HeaderId.CallId) && message.Has(HeaderId.CSeq);

        // 8.1.1.5: the methods must be the same.
        if (message.IsRequest && error == SipParseError.None && !message.CSeqMethodName.SequenceEqual(message.MethodName))
        {
            error = SipParseError.CSeqMethodMismatch;
        }

        Note(ref error, ReadMaxForwards(message));
        return error;
    }

    private static SipParseError ReadVia(ReadOnlySpan<byte> bytes, SipMessage message)
    {
        if (!message.Has(HeaderId.Via))
        {
            return SipParseError.MissingVia;
        }

        ReadOnlySpan<byte> value = message.First(HeaderId.Via);
        if (!Via.TryParsePrefix(value, out Via via, out int end))
        {
            return SipParseError.BadVia;
        }

        message.TopViaSlice = Slice.Of(bytes, SipChars.Trim(value[..end]));
        message.SentBySlice = Slice.Of(bytes, via.SentBy);
        message.BranchSlice = Slice.Of(bytes, via.Branch);
        return SipParseError.None;
    }

    private static SipParseError ReadAddress(
        ReadOnlySpan<byte> bytes, ReadOnlySpan<byte> value, bool present, SipParseError missing, SipParseError bad, out Slice tag)
    {
        tag = default;
        if (!present)
        {
            return missing;
        }

        if (!NameAddr.TryParse(value, out NameAddr address) || address.IsStar)
        {
            return bad;
        }

        tag = Slice.Of(bytes, address.Tag);
        return SipParseError.None;
    }

    private static SipParseError CheckCallId(SipMessage message)
    {
        ReadOnlySpan<byte> callId = message.CallId;
        return !message.Has(HeaderId.CallId) ? SipParseError.MissingCallId
            : callId.IsEmpty || callId.ContainsAnyInRange((byte)0, (byte)' ') ? SipParseError.BadCallId : SipParseError.None;
    }

    private static SipParseError ReadCSeq(ReadOnlySpan<byte> bytes, SipMessage message)
    {
        if (!message.Has(HeaderId.CSeq))
        {
            return SipParseError.MissingCSeq;
        }

        if (!CSeq.TryParse(message.First(HeaderId.CSeq), out CSeq cseq))
        {
            return SipParseError.BadCSeq;
        }

        message.CSeqNumber = cseq.Number;
        message.CSeqMethod = cseq.Method;
        message.CSeqMethodSlice = Slice.Of(bytes, cseq.MethodName);
        return SipParseError.None;
    }

    // 20.22: 0 to 255. In a response it has no meaning and is not looked at.
    private static SipParseError ReadMaxForwards(SipMessage message)
    {
        if (!message.IsRequest || !message.Has(HeaderId.MaxForwards))
        {
            return SipParseError.None;
        }

        bool read = SipChars.TryParseInt(message.First(HeaderId.MaxForwards), 255, out int hops);
        message.MaxForwards = read ? hops : -1;
        return read ? SipParseError.None : SipParseError.BadMaxForwards;
    }

    // 18.3: over UDP what follows the body is ignored, and without Content-Length the body runs to the end of the datagram.
    private static SipParseError ReadBody(ReadOnlySpan<byte> bytes, int start, bool stream, SipMessage message)
    {
        int left = bytes.Length - start;
        if (!message.Has(HeaderId.ContentLength))
        {
            message.BodySlice = stream ? default : new Slice(start, left);
            return stream ? SipParseError.MissingContentLength : SipParseError.None;
        }

        if (!SipChars.TryParseInt(message.First(HeaderId.ContentLength), int.MaxValue, out int length))
        {
            return SipParseError.BadContentLength;
        }

        message.BodySlice = new Slice(start, Math.Min(length, left));
        return length <= left ? SipParseError.None : SipParseError.TruncatedBody;
    }
}

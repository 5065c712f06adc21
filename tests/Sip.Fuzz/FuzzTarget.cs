using Sip.Headers;
using Sip.Messages;
using Sip.Uris;

namespace Sip.Fuzz;

/// <summary>Runs one input through parser, framer, header readers, URIs and writer, and checks what must hold for any input.</summary>
public sealed class FuzzTarget
{
    private static readonly SipLimits Limits = SipLimits.Default;

    // What is written may be a little longer than what was read.
    private static readonly SipLimits WriterLimits = new() { MaxHeaders = 1000, MaxHeaderBytes = 200_000, MaxMessageBytes = 200_000 };

    private readonly SipBufferPool buffers = new();
    private readonly SipMessagePool messages = new();
    private readonly SipFrame[] whole = new SipFrame[256];
    private readonly SipFrame[] pieces = new SipFrame[256];
    private uint random = 1;

    /// <summary>Fills the pools, so that what the target allocates later is a fault.</summary>
    public FuzzTarget()
    {
        foreach (int size in (ReadOnlySpan<int>)[1024, 2048, 4096, 16384, 65536])
        {
            SipBuffer[] lent = [buffers.Rent(size), buffers.Rent(size), buffers.Rent(size), buffers.Rent(size)];
            foreach (SipBuffer buffer in lent)
            {
                buffer.Release();
            }
        }
    }

    /// <summary>How many inputs were accepted by the parser.</summary>
    public int Accepted { get; private set; }

    /// <summary>Null, or which rule the input broke.</summary>
    public string? Run(ReadOnlySpan<byte> input)
    {
        string? failure = RunFramer(input);
        foreach (bool stream in (ReadOnlySpan<bool>)[false, true])
        {
            failure ??= RunParser(input, stream);
        }

        return failure;
    }

    private string? RunParser(ReadOnlySpan<byte> input, bool stream)
    {
        SipBuffer buffer = buffers.Rent(input.Length);
        input.CopyTo(buffer.Array);
        buffer.Length = input.Length;
        SipMessage message = messages.Rent();
        SipParseError error = SipParser.Parse(buffer, stream, message, Limits);
        string? failure = null;
        ReadEverything(message);
        if (error == SipParseError.None)
        {
            Accepted++;
            failure = CheckRoundTrip(message);
        }
        else if (message.IsRequest && message.CanBeAnswered)
        {
            failure = CheckAnswer(message, error);
        }

        message.Release();
        if (error != SipParseError.None)
        {
            buffer.Release();
        }

        return failure;
    }

    private string? CheckRoundTrip(SipMessage message)
    {
        SipBuffer written = RoundTrip.Write(message, buffers);
        SipMessage again = messages.Rent();
        SipParseError error = SipParser.Parse(written, true, again, WriterLimits);
        string? failure = error != SipParseError.None ? "what was written is refused" : RoundTrip.Difference(message, again);
        again.Release();
        if (error != SipParseError.None)
        {
            written.Release();
        }

        return failure;
    }

    // However broken the request is, the answer has exactly the lines that were meant.
    private string? CheckAnswer(SipMessage request, SipParseError why)
    {
        SipWriter writer = new(buffers);
        writer.StatusLine(why.StatusCode(), why.Phrase());
        int lines = 1;
        foreach (HeaderId id in (ReadOnlySpan<HeaderId>)[HeaderId.Via, HeaderId.From, HeaderId.To, HeaderId.CallId, HeaderId.CSeq])
        {
            writer.CopyAll(request, id);
            for (int i = 0; i < request.HeaderCount; i++)
            {
                lines += request.IdAt(i) == id ? 1 : 0;
            }
        }

        writer.NoBody();
        SipBuffer answer = writer.Finish();
        int found = answer.Span.Count("\r\n"u8);
        bool bare = answer.Span.Count((byte)'\r') != found || answer.Span.Count((byte)'\n') != found;
        answer.Release();
        return bare || found != lines + 2 ? "a line of the answer was broken" : null;
    }

    private static void ReadEverything(SipMessage message)
    {
        for (int i = 0; i < message.HeaderCount; i++)
        {
            ReadOnlySpan<byte> value = message.ValueAt(i);
            _ = message.Find(message.NameAt(i));
            ReadOne(value);
            foreach (ReadOnlySpan<byte> element in message.Values(message.IdAt(i) == HeaderId.Unknown ? HeaderId.Contact : message.IdAt(i)))
            {
                ReadOne(element);
                if (i > 40)
                {
                    break;
                }
            }
        }

        ReadUri(message.RequestUri);
    }

    private static void ReadOne(ReadOnlySpan<byte> value)
    {
        if (Via.TryParse(value, out Via via))
        {
            _ = via.Params.Has("maddr"u8);
        }

        if (NameAddr.TryParse(value, out NameAddr address))
        {
            foreach ((ReadOnlySpan<byte> _, ReadOnlySpan<byte> text) in address.Params)
            {
                _ = HeaderParams.Unquote(text);
            }

            ReadUri(address.Uri);
        }

        _ = CSeq.TryParse(value, out _) | RAck.TryParse(value, out _) | Replaces.TryParse(value, out _) | SessionExpires.TryParse(value, out _);
        if (DigestCredentials.TryParse(value, out DigestCredentials credentials))
        {
            _ = DigestHash.Verify(credentials, "INVITE"u8, "0123456789abcdef0123456789abcdef"u8, default);
        }

        _ = DigestChallenge.TryParse(value, out DigestChallenge challenge) && challenge.OffersAuth;
    }

    private static void ReadUri(ReadOnlySpan<byte> uri)
    {
        if (SipUri.TryParse(uri, out SipUri sip))
        {
            _ = sip.TryGetParam("transport"u8, out _);
            if (!SipUriComparer.Equal(sip, sip))
            {
                throw new InvalidOperationException("a URI is not equal to itself");
            }

            Span<byte> user = stackalloc byte[256];
            _ = SipUris.TryUnescape(sip.User, user, out _);
        }

        if (TelUri.TryParse(uri, out _) && !TelUriComparer.Equal(uri, uri))
        {
            throw new InvalidOperationException("a telephone URI is not equal to itself");
        }
    }

    // What the framer finds in one piece it must find in any pieces.
    private string? RunFramer(ReadOnlySpan<byte> input)
    {
        int expected = Frame(input, whole, inPieces: false);
        int found = Frame(input, pieces, inPieces: true);
        return whole.AsSpan(0, expected).SequenceEqual(pieces.AsSpan(0, found)) ? null : "framing depends on how the octets arrive";
    }

    private int Frame(ReadOnlySpan<byte> input, SipFrame[] frames, bool inPieces)
    {
        SipFramer framer = default;
        int start = 0;
        int arrived = inPieces ? 0 : input.Length;
        int count = 0;
        while (count < frames.Length)
        {
            SipFrame frame = framer.Next(input[start..arrived], Limits);
            if (frame.Kind == SipFrameKind.NeedMore)
            {
                if (arrived == input.Length)
                {
                    break;
                }

                arrived = Math.Min(input.Length, arrived + Piece());
                continue;
            }

            frames[count++] = frame;
            start += frame.Length;
            if (frame.Kind == SipFrameKind.Error)
            {
                break;
            }
        }

        return count;
    }

    private int Piece()
    {
        random = (random * 1664525) + 1013904223;
        return 1 + (int)((random >> 16) % 200);
    }
}

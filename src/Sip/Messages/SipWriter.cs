using System.Buffers.Text;
using System.Text;

namespace Sip.Messages;

/// <summary>
/// Writes one message into a pooled buffer. Whatever it is given, no header value and no start line gets a line break:
/// folds become one space, so nothing that a peer wrote can start a line of ours. End with <see cref="Finish"/> or
/// <see cref="Abandon"/>.
/// </summary>
public ref struct SipWriter
{
    private readonly SipBufferPool pool;
    private SipBuffer buffer;
    private Span<byte> span;
    private int position;

    /// <summary>Starts a message of about <paramref name="sizeHint"/> octets; it grows as needed.</summary>
    public SipWriter(SipBufferPool pool, int sizeHint = 1024)
    {
        this.pool = pool;
        buffer = pool.Rent(sizeHint);
        span = buffer.Array;
    }

    /// <summary>How many octets are written.</summary>
    public readonly int Length => position;

    /// <summary>Writes a request line.</summary>
    public void RequestLine(scoped ReadOnlySpan<byte> method, scoped ReadOnlySpan<byte> uri)
    {
        Append(method);
        Raw(" "u8);
        Append(uri);
        Raw(" SIP/2.0\r\n"u8);
    }

    /// <summary>Writes a status line; an empty reason means the standard phrase of the code.</summary>
    public void StatusLine(int code, scoped ReadOnlySpan<byte> reason)
    {
        Raw("SIP/2.0 "u8);
        Append((long)code);
        Raw(" "u8);
        Append(reason.IsEmpty ? SipStatus.Phrase(code) : reason);
        Raw("\r\n"u8);
    }

    /// <summary>Writes a header line.</summary>
    public void Header(HeaderId id, scoped ReadOnlySpan<byte> value) => Header(HeaderTable.Name(id), value);

    /// <summary>Writes a header line.</summary>
    public void Header(scoped ReadOnlySpan<byte> name, scoped ReadOnlySpan<byte> value)
    {
        BeginHeader(name);
        Append(value);
        EndHeader();
    }

    /// <summary>Writes a header line whose value is a number.</summary>
    public void Header(HeaderId id, long number)
    {
        BeginHeader(id);
        Append(number);
        EndHeader();
    }

    /// <summary>Starts a header line; its value follows by <c>Append</c>, its end by <see cref="EndHeader"/>.</summary>
    public void BeginHeader(HeaderId id) => BeginHeader(HeaderTable.Name(id));

    /// <summary>Starts a header line; its value follows by <c>Append</c>, its end by <see cref="EndHeader"/>.</summary>
    public void BeginHeader(scoped ReadOnlySpan<byte> name)
    {
        Append(name);
        Raw(": "u8);
    }

    /// <summary>Writes octets of a value; folds and line breaks become one space.</summary>
    public void Append(scoped ReadOnlySpan<byte> text)
    {
        int lineBreak = text.IndexOfAny((byte)'\r', (byte)'\n');
        if (lineBreak < 0)
        {
            Raw(text);
            return;
        }

        AppendUnfolded(text, lineBreak);
    }

    /// <summary>Writes an octet of a value; a CR or LF becomes a space.</summary>
    public void Append(byte octet)
    {
        Ensure(1);
        span[position++] = octet is (byte)'\r' or (byte)'\n' ? (byte)' ' : octet;
    }

    /// <summary>Writes a number in decimal.</summary>
    public void Append(long number)
    {
        Ensure(20);
        Utf8Formatter.TryFormat(number, span[position..], out int written);
        position += written;
    }

    /// <summary>Writes text as UTF-8; line breaks become spaces.</summary>
    public void Append(string text)
    {
        int most = Encoding.UTF8.GetMaxByteCount(text.Length);
        Ensure(most);
        int written = Encoding.UTF8.GetBytes(text, span[position..]);
        Span<byte> added = span.Slice(position, written);
        position += written;
        added.Replace((byte)'\r', (byte)' ');
        added.Replace((byte)'\n', (byte)' ');
    }

    /// <summary>Writes a number as 16 lower-case hexadecimal digits.</summary>
    public void AppendHex(ulong number)
    {
        Ensure(16);
        Utf8Formatter.TryFormat(number, span[position..], out int written, new System.Buffers.StandardFormat('x', 16));
        position += written;
    }

    /// <summary>Ends a header line.</summary>
    public void EndHeader() => Raw("\r\n"u8);

    /// <summary>Writes every header line of that id as it was received, unfolded, under its full name.</summary>
    public void CopyAll(SipMessage from, HeaderId id)
    {
        for (int i = from.FirstLine(id); i < from.HeaderCount; i++)
        {
            if (from.IdAt(i) == id)
            {
                Header(id == HeaderId.Unknown ? from.NameAt(i) : HeaderTable.Name(id), from.ValueAt(i));
            }
        }
    }

    /// <summary>Writes Content-Type, Content-Length, the empty line and the body, and so ends the message.</summary>
    public void Body(scoped ReadOnlySpan<byte> contentType, scoped ReadOnlySpan<byte> body)
    {
        if (!contentType.IsEmpty)
        {
            Header(HeaderId.ContentType, contentType);
        }

        Header(HeaderId.ContentLength, body.Length);
        Raw("\r\n"u8);
        Raw(body);
    }

    /// <summary>Writes that there is no body, and the empty line, and so ends the message.</summary>
    public void NoBody() => Raw("Content-Length: 0\r\n\r\n"u8);

    /// <summary>Hands the message over, counted once for the caller.</summary>
    public SipBuffer Finish()
    {
        SipBuffer finished = buffer;
        finished.Length = position;
        if (finished.Array.Length >= position * 2)
        {
            // A message may be kept for 32 seconds, a buffer far too large for it should not be.
            SipBuffer fitting = pool.Rent(position);
            finished.Span.CopyTo(fitting.Array);
            fitting.Length = position;
            finished.Release();
            finished = fitting;
        }

        buffer = null!;
        span = default;
        return finished;
    }

    /// <summary>Gives the buffer back unused.</summary>
    public void Abandon()
    {
        buffer?.Release();
        buffer = null!;
        span = default;
    }

    // A run of white space with a line break in it becomes one space.
    private void AppendUnfolded(scoped ReadOnlySpan<byte> text, int lineBreak)
    {
        while (lineBreak >= 0)
        {
            int end = lineBreak;
            while (end > 0 && SipChars.IsLws(text[end - 1]))
            {
                end--;
            }

            Raw(text[..end]);
            Raw(" "u8);
            text = text[SipChars.SkipLws(text, lineBreak)..];
            lineBreak = text.IndexOfAny((byte)'\r', (byte)'\n');
        }

        Raw(text);
    }

    private void Raw(scoped ReadOnlySpan<byte> octets)
    {
        Ensure(octets.Length);
        octets.CopyTo(span[position..]);
        position += octets.Length;
    }

    private void Ensure(int more)
    {
        if (span.Length - position < more)
        {
            Grow(more);
        }
    }

    private void Grow(int more)
    {
        SipBuffer larger = pool.Rent(Math.Max(position + more, span.Length * 2));
        span[..position].CopyTo(larger.Array);
        buffer.Release();
        buffer = larger;
        span = larger.Array;
    }
}

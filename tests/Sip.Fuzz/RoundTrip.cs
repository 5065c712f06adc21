using Sip.Messages;

namespace Sip.Fuzz;

/// <summary>Writes a parsed message anew and tells whether two messages mean the same.</summary>
public static class RoundTrip
{
    /// <summary>Writes the message with every header line under its full name, Content-Type and Content-Length at the end.</summary>
    public static SipBuffer Write(SipMessage message, SipBufferPool pool)
    {
        SipWriter writer = new(pool, message.Bytes.Length + 64);
        if (message.IsRequest)
        {
            writer.RequestLine(message.MethodName, message.RequestUri);
        }
        else
        {
            writer.StatusLine(message.StatusCode, message.ReasonPhrase);
        }

        for (int i = 0; i < message.HeaderCount; i++)
        {
            HeaderId id = message.IdAt(i);
            if (IsWrittenWithBody(id))
            {
                continue;
            }

            writer.Header(id == HeaderId.Unknown ? message.NameAt(i) : HeaderTable.Name(id), message.ValueAt(i));
        }

        writer.Body(message.ContentType, message.Body);
        return writer.Finish();
    }

    /// <summary>What differs in meaning, or null. White space and folds inside values are the same as one space.</summary>
    public static string? Difference(SipMessage a, SipMessage b)
    {
        return a.IsRequest != b.IsRequest ? "kind"
            : !a.MethodName.SequenceEqual(b.MethodName) || a.Method != b.Method ? "method"
            : !a.RequestUri.SequenceEqual(b.RequestUri) ? "Request-URI"
            : a.StatusCode != b.StatusCode ? "status code"
            : !a.ReasonPhrase.IsEmpty && !a.ReasonPhrase.SequenceEqual(b.ReasonPhrase) ? "reason phrase"
            : a.CSeqNumber != b.CSeqNumber || a.CSeqMethod != b.CSeqMethod ? "CSeq"
            : a.MaxForwards != b.MaxForwards ? "Max-Forwards"
            : !a.ViaBranch.SequenceEqual(b.ViaBranch) ? "branch"
            : !a.FromTag.SequenceEqual(b.FromTag) || !a.ToTag.SequenceEqual(b.ToTag) ? "tag"
            : !a.Body.SequenceEqual(b.Body) ? "body"
            : !SameText(a.ContentType, b.ContentType) ? "Content-Type"
            : HeaderDifference(a, b);
    }

    private static string? HeaderDifference(SipMessage a, SipMessage b)
    {
        int j = 0;
        for (int i = 0; i < a.HeaderCount; i++)
        {
            if (IsWrittenWithBody(a.IdAt(i)))
            {
                continue;
            }

            while (j < b.HeaderCount && IsWrittenWithBody(b.IdAt(j)))
            {
                j++;
            }

            if (j == b.HeaderCount || a.IdAt(i) != b.IdAt(j) || !SameText(a.ValueAt(i), b.ValueAt(j)))
            {
                return "header";
            }

            j++;
        }

        return null;
    }

    private static bool IsWrittenWithBody(HeaderId id) => id is HeaderId.ContentLength or HeaderId.ContentType;

    private static bool SameText(ReadOnlySpan<byte> a, ReadOnlySpan<byte> b)
    {
        int i = 0;
        int j = 0;
        while (i < a.Length && j < b.Length)
        {
            if (SipChars.IsLws(a[i]) && SipChars.IsLws(b[j]))
            {
                i += a.Length - i - SipChars.TrimStart(a[i..]).Length;
                j += b.Length - j - SipChars.TrimStart(b[j..]).Length;
            }
            else if (a[i++] != b[j++])
            {
                return false;
            }
        }

        return i == a.Length && j == b.Length;
    }
}

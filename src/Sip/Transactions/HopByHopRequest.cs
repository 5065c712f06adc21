using Sip.Headers;
using Sip.Messages;

namespace Sip.Transactions;

/// <summary>
/// Writes the two requests that an INVITE client transaction sends by itself out of the INVITE as it was sent. Both are rare, so the
/// INVITE is read again instead of being kept in pieces.
/// </summary>
internal static class HopByHopRequest
{
    private static readonly SipLimits NoLimits = new() { MaxHeaders = 1000, MaxHeaderBytes = int.MaxValue, MaxMessageBytes = int.MaxValue };

    /// <summary>17.1.1.3: the ACK to a non-2xx. Null if the INVITE cannot be read, which would be a fault of who wrote it.</summary>
    public static SipBuffer? WriteAck(TransactionTable table, SipBuffer invite, SipMessage response)
    {
        if (!TryRead(table, invite, out SipMessage original))
        {
            return null;
        }

        SipWriter writer = Begin(table, original, "ACK"u8);

        // 17.1.1.3: the To "MUST equal the To header field in the response being acknowledged".
        writer.Header(HeaderId.To, response.To);
        WriteSession(ref writer, original, response);
        writer.NoBody();
        original.Release();
        return writer.Finish();
    }

    /// <summary>9.1: the CANCEL, with a Reason (RFC 3326) if there is one to give.</summary>
    public static SipBuffer? WriteCancel(TransactionTable table, SipBuffer invite, ReadOnlySpan<byte> reason)
    {
        if (!TryRead(table, invite, out SipMessage original))
        {
            return null;
        }

        SipWriter writer = Begin(table, original, "CANCEL"u8);

        // 9.1: To, tags included, as in the INVITE; no Require nor Proxy-Require.
        writer.Header(HeaderId.To, original.To);
        writer.CopyAll(original, HeaderId.SessionId); // RFC 7989 7: identical
        if (!reason.IsEmpty)
        {
            writer.Header(HeaderId.Reason, reason);
        }

        writer.NoBody();
        original.Release();
        return writer.Finish();
    }

    // 17.1.1.3 and 9.1 agree on all this: Request-URI, the top Via alone, Route, From, Call-ID and the number of CSeq.
    private static SipWriter Begin(TransactionTable table, SipMessage original, ReadOnlySpan<byte> method)
    {
        SipWriter writer = new(table.Loop.Buffers);
        writer.RequestLine(method, original.RequestUri);
        writer.Header(HeaderId.Via, original.TopVia);
        writer.CopyAll(original, HeaderId.Route);
        writer.Header(HeaderId.MaxForwards, original.MaxForwards < 0 ? 70 : original.MaxForwards);
        writer.Header(HeaderId.From, original.From);
        writer.Header(HeaderId.CallId, original.CallId);
        writer.BeginHeader(HeaderId.CSeq);
        writer.Append((long)original.CSeqNumber);
        writer.Append((byte)' ');
        writer.Append(method);
        writer.EndHeader();
        return writer;
    }

    // RFC 7989 6: from whom the INVITE was, to whoever has answered it.
    private static void WriteSession(ref SipWriter writer, SipMessage original, SipMessage response)
    {
        if (SessionIdentifier.TryRead(original, out SessionIdentifier sent) && sent.HasRemote
            && SessionIdentifier.TryRead(response, out SessionIdentifier answered) && answered.Local != 0)
        {
            new SessionIdentifier(sent.Local, answered.Local).Write(ref writer);
        }
        else
        {
            writer.CopyAll(original, HeaderId.SessionId);
        }
    }

    private static bool TryRead(TransactionTable table, SipBuffer invite, out SipMessage original)
    {
        original = table.Messages.Rent();
        invite.Retain();
        SipParseError error = SipParser.Parse(invite, stream: false, original, NoLimits);
        if (error == SipParseError.None)
        {
            return true;
        }

        System.Diagnostics.Debug.Fail($"an INVITE of ours cannot be read: {error}");
        invite.Release();
        original.Release();
        return false;
    }
}

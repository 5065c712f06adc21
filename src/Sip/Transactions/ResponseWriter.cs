using Sip.Headers;
using Sip.Messages;
using Sip.Transports;

namespace Sip.Transactions;

/// <summary>Writes what every response copies from its request (RFC 3261 8.2.6).</summary>
public static class ResponseWriter
{
    /// <summary>
    /// Writes the status line, the Vias (received and rport filled in at the top), From, To, Call-ID and CSeq; Record-Route where the
    /// response makes a dialog, Timestamp in a 100. More headers and the body may follow.
    /// </summary>
    /// <param name="writer">The response so far: nothing.</param>
    /// <param name="request">The request.</param>
    /// <param name="flow">The flow that the request came by.</param>
    /// <param name="statusCode">The status code.</param>
    /// <param name="reason">The reason phrase; empty for the standard one.</param>
    /// <param name="toTag">The tag for a To that has none.</param>
    public static void Begin(
        ref SipWriter writer, SipMessage request, in Flow flow, int statusCode, scoped ReadOnlySpan<byte> reason, scoped ReadOnlySpan<byte> toTag)
    {
        writer.StatusLine(statusCode, reason);
        WriteVias(ref writer, request, flow);

        // 8.2.6.2: From, Call-ID and CSeq equal the request's.
        writer.Header(HeaderId.From, request.From);
        WriteTo(ref writer, request, statusCode, toTag);
        writer.Header(HeaderId.CallId, request.CallId);
        writer.Header(HeaderId.CSeq, request.First(HeaderId.CSeq));
        if (statusCode == 100)
        {
            // 8.2.6.1: a Timestamp is copied into the 100.
            writer.CopyAll(request, HeaderId.Timestamp);
            if (SessionIdentifier.TryRead(request, out SessionIdentifier asked) && asked.HasRemote)
            {
                new SessionIdentifier(0, asked.Local).Write(ref writer); // RFC 7989 10.8.1: whoever will answer is not known yet
            }
        }
        else if (MakesDialog(request, statusCode))
        {
            // 12.1.1: all Record-Route values, in order, parameters and all.
            writer.CopyAll(request, HeaderId.RecordRoute);
        }
    }

    private static bool MakesDialog(SipMessage request, int statusCode) =>
        request.ToTag.IsEmpty && request.Method switch
        {
            SipMethod.Invite => statusCode is > 100 and < 300,
            SipMethod.Subscribe or SipMethod.Refer or SipMethod.Notify => statusCode is >= 200 and < 300,
            _ => false,
        };

    // 8.2.6.2: the Via values equal the request's, in order; 18.2.1 and RFC 3581 4 concern the top one.
    private static void WriteVias(ref SipWriter writer, SipMessage request, in Flow flow)
    {
        bool top = true;
        foreach (ReadOnlySpan<byte> value in request.Values(HeaderId.Via))
        {
            writer.BeginHeader(HeaderId.Via);
            if (top && Via.TryParse(value, out Via via))
            {
                WriteTopVia(ref writer, value, via, flow);
            }
            else
            {
                writer.Append(value);
            }

            writer.EndHeader();
            top = false;
        }
    }

    private static void WriteTopVia(ref SipWriter writer, ReadOnlySpan<byte> value, in Via via, in Flow flow)
    {
        writer.Append(SipChars.Trim(value[..^via.Params.Text.Length]));
        foreach (HeaderParam param in via.Params)
        {
            // What a client claims about itself here is ours to say.
            if (SipChars.EqualsIgnoreCase(param.Name, "received"u8) || SipChars.EqualsIgnoreCase(param.Name, "rport"u8))
            {
                continue;
            }

            writer.Append((byte)';');
            writer.Append(param.Name);
            if (!param.Value.IsEmpty)
            {
                writer.Append((byte)'=');
                writer.Append(param.Value);
            }
        }

        bool wantsPort = via.RPort >= 0;
        if (wantsPort)
        {
            // RFC 3581 4: rport gets the source port.
            writer.Append(";rport="u8);
            writer.Append(flow.Remote.Port);
        }

        // 18.2.1: received where the sent-by is a name or another address; RFC 3581 4: always together with rport.
        if (wantsPort || !SipAddress.TryParse(via.Host, flow.Remote.Port, out SipAddress sentBy) || sentBy != flow.Remote)
        {
            Span<byte> address = stackalloc byte[SipAddress.MaxTextLength];
            writer.Append(";received="u8);
            writer.Append(address[..flow.Remote.FormatHostBare(address)]);
        }
    }

    // 8.2.6.2: a To without tag gets one, except in a 100, where it may do without.
    private static void WriteTo(ref SipWriter writer, SipMessage request, int statusCode, scoped ReadOnlySpan<byte> toTag)
    {
        writer.BeginHeader(HeaderId.To);
        writer.Append(request.To);
        if (request.ToTag.IsEmpty && !toTag.IsEmpty && statusCode != 100)
        {
            writer.Append(";tag="u8);
            writer.Append(toTag);
        }

        writer.EndHeader();
    }
}
